"""A config to start from, made from the variables that are set; it never holds a credential."""

import json
import textwrap
from collections.abc import Mapping, Sequence

import msgspec

from switchgear.config.error import ConfigError, Finding
from switchgear.config.vendor import VENDORS


class Sample(msgspec.Struct, frozen=True):
    """One model of a provider that many have."""

    name: str
    tier: str
    extra: tuple[str, ...] = ()
    """More of its settings, one a line."""


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A provider that many have, with one model a tier."""

    variable: str
    """The environment variable that says that the owner has it."""
    provider: str
    """Its vendor's name too."""
    title: str
    dialect: str = ""
    """Where it is not the vendor's own."""
    holds_address: bool = False
    """The variable is the address, and no credential."""
    models: tuple[Sample, Sample, Sample]


SEES = "capabilities: [tools, streaming, images, json_schema]"
THINKS = "capabilities: [tools, streaming, images, documents, json_schema, thinking]"
FREE = "price: {input_usd: 0, output_usd: 0}"

PRESETS: tuple[Preset, ...] = (
    Preset(
        variable="OPENAI_API_KEY",
        provider="openai",
        title="OpenAI",
        models=(
            Sample("gpt-5-nano", "small", (SEES,)),
            Sample("gpt-5-mini", "mid", (SEES,)),
            Sample("gpt-5.2", "frontier", (SEES,)),
        ),
    ),
    Preset(
        variable="ANTHROPIC_API_KEY",
        provider="anthropic",
        title="Anthropic",
        models=(
            Sample("claude-haiku-4-5", "small", (THINKS,)),
            Sample("claude-sonnet-5", "mid", (THINKS,)),
            Sample("claude-opus-5", "frontier", (THINKS,)),
        ),
    ),
    Preset(
        variable="GEMINI_API_KEY",
        provider="gemini",
        title="Google, through its OpenAI-compatible endpoint",
        dialect="openai-chat",
        models=(
            Sample("gemini-2.5-flash-lite", "small", (SEES,)),
            Sample("gemini-2.5-flash", "mid", (SEES,)),
            Sample(
                "gemini-2.5-pro",
                "frontier",
                (
                    "window: 1048576",
                    "price: {input_usd: 1.25, output_usd: 10, cached_usd: 0.125}",
                    SEES,
                ),
            ),
        ),
    ),
    Preset(
        variable="OLLAMA_HOST",
        provider="ollama",
        title="Ollama, on your own machine; name the models that you have pulled",
        holds_address=True,
        models=(
            Sample("llama3.2", "small", ("window: 32768", FREE)),
            Sample("qwen3:8b", "mid", ("window: 32768", FREE)),
            Sample("gpt-oss:20b", "frontier", ("window: 65536", FREE)),
        ),
    ),
)
"""All that is known without a file, in the order of preference."""

_KNOWN = f"A vendor that is known is one of {', '.join(VENDORS)}. Any other provider needs dialect"
_KNOWN += " (such as openai-chat) and base_url instead of vendor."
_TOP = """\
# What Switchgear routes between, and by what. `switchgear check FILE` says whether it is right;
# `switchgear schema` prints every setting that there is.

# Where models live. ${NAME} is taken from the environment, so no credential stands here.
VENDORS
providers:
""".replace("VENDORS", textwrap.fill(_KNOWN, 96, initial_indent="# ", subsequent_indent="# "))
_TARGETS = """
# What can serve a call. Prices and windows come from a list unless written here.
targets:
"""
_REST = """
# A call is rated 0 (trivial) to 1 (hard); it goes to the lowest tier that is meant for it.
tiers:
  small: {max_complexity: 0.35}
  mid: {max_complexity: 0.7}
  frontier: {max_complexity: 1.0}

# The model names that callers may ask for; each target's id is one too.
aliases:
  auto:                   # whatever the call needs
    tiers: [small, mid, frontier]
    stands_for: FRONTIER  # what it would be without routing; used by mode: observe
  fast:
    tiers: [small]
    strategy: latency
    stands_for: SMALL
  smart:
    tiers: [frontier]
    stands_for: FRONTIER

# Tried in order, the first whose condition (CEL) holds is applied.
rules:
  - name: code is never trivial
    when: ask.code && ask.complexity <= 0.35
    then: {tier: mid}

# cost, latency, quality, balanced, weighted or value.
strategy: cost

# `observe` sends each call where it was asked to go, and only writes down what would have been.
mode: route

server: {host: 127.0.0.1, port: 8790}

# Without keys anybody on this machine may call; beyond this machine keys are required:
# keys:
#   - {id: me, secret: "${SWITCHGEAR_KEY}"}

ledger: {path: switchgear.db}
"""


def config_from(environment: Mapping[str, str]) -> str:
    """Return a config for every provider whose variable is set.

    Raises:
        ConfigError: none is.
    """
    present = [each for each in PRESETS if environment.get(each.variable)]
    if not present:
        names = ", ".join(each.variable for each in PRESETS)
        message = (
            f"there is nothing to route to. Set one of {names}; or run `switchgear init`, edit the"
            " file and name it with --config; or run `switchgear demo`, which needs neither"
        )
        raise ConfigError((Finding(code="nothing_to_start_from", message=message),))
    return write_config(present, environment)


def write_config(presets: Sequence[Preset], environment: Mapping[str, str]) -> str:
    """Return a commented three-tier config for these providers."""
    text = _TOP + "".join(_provider(each, environment) for each in presets) + _TARGETS
    for preset in presets:
        for model in preset.models:
            settings = (f"provider: {preset.provider}", f"tier: {model.tier}", *model.extra)
            text += f"  {preset.provider}/{model.name}:\n"
            text += "".join(f"    {each}\n" for each in settings)
    small, _, frontier = (f"{presets[0].provider}/{each.name}" for each in presets[0].models)
    return text + _REST.replace("FRONTIER", frontier).replace("SMALL", small)


def _provider(preset: Preset, environment: Mapping[str, str]) -> str:
    lines = [f"  {preset.provider}:  # {preset.title}", f"    vendor: {preset.provider}"]
    if preset.dialect:
        lines.append(f"    dialect: {preset.dialect}")
    if preset.holds_address:
        address = _ollama(environment.get(preset.variable, ""))
        lines.append(f"    base_url: {json.dumps(address)}")
    else:
        lines.append(f"    api_key: ${{{preset.variable}}}")
    return "\n".join(lines) + "\n"


def _ollama(host: str) -> str:
    """Return the address that Ollama's own variable means: host, host:port or a whole URL."""
    if "@" in host:
        return "${OLLAMA_HOST}"  # it may hold a password, so it is not written down
    scheme, _, rest = host.rpartition("://")
    rest = rest.strip().strip("/").replace("0.0.0.0", "127.0.0.1") or "127.0.0.1"  # noqa: S104 - replaced
    rest = f"127.0.0.1{rest}" if rest.startswith(":") else rest
    name, _, last = rest.rpartition(":")
    if not (name and last.isdigit()) and "/" not in rest:
        rest += ":11434"
    return f"{scheme or 'http'}://{rest}/v1".replace("${", "$${")

"""Where a call can go, what it can do there and what that costs."""

from enum import Enum, IntEnum

import msgspec

from switchgear.domain.units import NanoUsd, Seconds, Tokens


class Kind(Enum):
    """What sort of thing a target is."""

    MODEL = "model"
    AGENT = "agent"
    TOOL = "tool"
    HUMAN = "human"


class Tier(IntEnum):
    """How strong a target is; each tier also has its thresholds in the policy."""

    TOOL = 0
    SMALL = 1
    MID = 2
    FRONTIER = 3


class Sensitivity(IntEnum):
    """How delicate the data of a call is, and how delicate a target may see."""

    PUBLIC = 0
    INTERNAL = 1
    CONFIDENTIAL = 2
    RESTRICTED = 3


class Capability(Enum):
    """What a target can do beyond text in, text out."""

    TOOLS = "tools"
    IMAGES = "images"
    DOCUMENTS = "documents"
    JSON_SCHEMA = "json_schema"
    THINKING = "thinking"
    STREAMING = "streaming"
    PREFILL = "prefill"
    """It goes on from an assistant message at the end of the conversation."""
    EMBEDDINGS = "embeddings"
    """It turns texts into vectors, and does nothing else."""
    PASSTHROUGH = "passthrough"
    """It is there for what is passed through, such as speech or pictures, and gives no answers."""


APART = frozenset({Capability.EMBEDDINGS, Capability.PASSTHROUGH})
"""Who can do one of these gives no answers."""


class Price(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a million tokens cost."""

    input: NanoUsd
    output: NanoUsd
    cached: NanoUsd
    """Input read from the prompt cache."""
    cache_written: NanoUsd
    """Input written to the prompt cache."""
    cache_written_1h: NanoUsd | None = None
    """Input written to the prompt cache for an hour; None where that is not known: then twice the
    input, as Anthropic has it, and no less than what is written for a shorter time."""
    reasoning: NanoUsd | None = None
    """Output that is reasoning; None where it costs as all output does."""
    above: Tokens = Tokens(0)
    """Of a step: it holds for the whole call once its input is more than this."""
    steps: tuple["Price", ...] = ()
    """For longer input, the lowest first; a step's own are empty."""
    services: tuple[tuple[str, "Price"], ...] = ()
    """By service tier, as ``Usage.service`` names it, with steps of its own; what is not in here
    costs as the standard does."""
    usual: str = ""
    """The service tier that calls get which ask for none; empty for the standard."""


class Target(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One thing that can serve a call."""

    id: str
    kind: Kind
    provider: str
    """Id of the provider where it lives."""
    model: str
    """The provider's own name for it."""
    tier: Tier
    capabilities: frozenset[Capability] = frozenset()
    window: Tokens
    """Most input and output together."""
    max_output: Tokens
    """Most output in one answer."""
    price: Price
    quality: float
    """How good its answers are, 0 to 1; the owner's estimate."""
    region: str = ""
    """Where it handles data; empty means not said, which satisfies no region rule."""
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    """The most delicate data that it may see."""
    first_content_s: Seconds = Seconds(1.0)
    """Assumed time to first content, until it has been measured."""
    token_s: Seconds = Seconds(0.02)
    """Assumed time for one output token after that, until it has been measured."""
    weight: float = 1.0
    """Share of traffic under the ``weighted`` strategy."""
    skills: frozenset[str] = frozenset()
    """What an agent says it is good at."""
    fallback: tuple[str, ...] = ()
    """Target ids to try when this one was asked for by name and fails, in order."""
    max_concurrent: int = 0
    """Calls under way there at once, at most; 0 for any number."""

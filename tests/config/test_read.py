"""Text to setup in one step: all or nothing, and never a credential in a message."""

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from switchgear.config.environment import PRESETS, write_config
from switchgear.config.error import ConfigError
from switchgear.config.read import read_setup
from switchgear.domain.units import UnixMs

AT = UnixMs(1_795_000_000_000)
OPENAI = write_config(PRESETS[:1], {})


def test_a_file_with_warnings_gives_a_setup_and_the_warnings() -> None:
    text = OPENAI.replace("mode: route", "mode: observe").replace("    stands_for: SMALL\n", "")
    text = re.sub(r"^    stands_for: \S+\n", "", text, flags=re.MULTILINE)
    read = read_setup(text.encode(), {"OPENAI_API_KEY": "sk-1"}, AT)
    assert {each.code for each in read.warnings} == {"missing_stand_in"}
    assert all(each.line for each in read.warnings)
    assert read.setup.conditions is not None


def test_a_file_with_an_error_gives_its_warnings_with_it_and_no_setup() -> None:
    text = OPENAI.replace("gpt-5-nano", "house-7").replace("strategy: cost", "plan_length: 3")
    with pytest.raises(ConfigError) as caught:
        read_setup(text.encode(), {"OPENAI_API_KEY": "sk-1"}, AT)
    assert {each.code for each in caught.value.findings} == {"missing_price", "assumed_window"}


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        ["small", "p", "p/m", "auto", "tool", "ask.code", "${SECRET}", "(", "observe", "model", ""]
    )
)
NAMES = st.sampled_from(
    re.split(
        r"\s+",
        """providers targets aliases rules keys tiers server small auto p p/m provider tier price
        tool function arguments pattern schema settings fallback when then name first last id
        secret models dialect base_url api_key headers host input_usd output_usd kind stands_for""",
    )
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=60)
@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_no_values_make_reading_raise_anything_but_config_error_or_show_a_secret(
    values: dict[str, object],
) -> None:
    content = yaml.safe_dump(values).encode()
    told = ""
    try:
        told = repr(read_setup(content, {"SECRET": "sk-hidden-from-all"}, AT).warnings)
    except ConfigError as error:
        told = str(error)
    assert "sk-hidden" not in told


PLACES = """\
providers:
  p: {dialect: openai-chat, base_url: "%(base_url)s", api_key: "%(api_key)s",
      headers: {x: "%(header)s"}}
targets: {m: {provider: "%(provider)s", tier: small, fallback: ["%(fallback)s"]}}
aliases: {auto: {targets: ["%(target)s"]}}
rules: [{name: "%(rule)s", when: "%(when)s", then: {first: ["%(first)s"]}}]
keys: [{id: "%(key)s", secret: "%(secret)s", models: ["%(model)s"]}]
server: {host: "%(host)s"}
"""
EVERYWHERE = re.findall(r"%\((\w+)\)s", PLACES)


@settings(max_examples=60)
@given(st.sets(st.sampled_from(EVERYWHERE), min_size=1), st.sampled_from(["", " \u20ac"]))
def test_a_secret_that_was_put_in_the_wrong_place_is_not_shown(places: set[str], odd: str) -> None:
    secret = f"sk-misplaced{odd}"
    text = PLACES % {name: "${SECRET}" if name in places else "x" for name in EVERYWHERE}
    with pytest.raises(ConfigError) as caught:
        read_setup(text.encode(), {"SECRET": secret}, AT)
    assert "sk-misplaced" not in str(caught.value)

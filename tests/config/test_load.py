"""Reading a config: strict, bounded, all mistakes at once, and never a credential in a message."""

import contextlib
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from switchgear.config.error import ConfigError, Finding
from switchgear.config.load import load
from switchgear.config.read import read_setup
from switchgear.config.schema import File
from switchgear.domain.units import UnixMs

AT = UnixMs(1_795_000_000_000)
MINIMAL = """\
providers: {p: {dialect: openai-chat, base_url: "http://127.0.0.1:1/v1", api_key: "%s"}}
targets: {p/m: {provider: p, tier: mid, price: {input_usd: 1, output_usd: 2}}}
"""


def problems(text: str, **environment: str) -> tuple[Finding, ...]:
    with pytest.raises(ConfigError) as caught:
        load(text.encode(), environment)
    return caught.value.findings


def file_of(text: str, **environment: str) -> File:
    return load(text.encode(), environment).file


def key_of(text: str, **environment: str) -> str:
    return file_of(MINIMAL % text, **environment).providers["p"].api_key


def test_variables_are_filled_in_inside_values() -> None:
    assert key_of("a-${ONE}-${TWO}", ONE="1", TWO="2") == "a-1-2"


def test_a_doubled_dollar_is_the_text_itself() -> None:
    assert key_of("$${ONE}") == "${ONE}"


def test_what_is_filled_in_is_neither_yaml_nor_filled_in_again() -> None:
    assert key_of("${ONE}", ONE="x, region: us}\n- ${TWO} &a *b", TWO="2").endswith("${TWO} &a *b")


def test_a_key_is_never_filled_in() -> None:
    (found,) = problems("targets: {}\n${ONE}: 1\n", ONE="strategy")
    assert found.code == "unknown_key"


def test_an_unset_variable_is_told_with_its_path_and_name() -> None:
    (found,) = problems(MINIMAL % "${NOPE}")
    assert (found.code, found.where) == ("unset_variable", "providers.p.api_key")
    assert "NOPE" in found.message


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = """\
targets:
  a: {tire: small}
  b: {tier: smal, quality: 2}
strategy: cheap
plan_length: many
"""
    found = [(each.line, each.where) for each in problems(text)]
    assert found == [
        (2, "targets.a.tire"),
        (3, "targets.b.tier"),
        (3, "targets.b.quality"),
        (4, "strategy"),
        (5, "plan_length"),
    ]


def test_an_unknown_key_is_told_with_its_place_what_is_allowed_and_the_nearest() -> None:
    (found,) = problems("targets:\n  gpt-4o:\n    tire: small\n")
    assert (found.line, found.column, found.where) == (3, 5, "targets.gpt-4o.tire")
    assert "did you mean tier?" in found.message
    assert "capabilities" in found.message


def test_an_ill_typed_value_is_told_with_what_is_expected_and_found() -> None:
    (found,) = problems("targets: {}\nserver: {port: yes}\n")
    assert found.message == "expected a whole number from 0 to 65,535, found true or false"


def test_a_section_with_nothing_in_it_is_as_if_it_were_not_there() -> None:
    assert file_of("targets: {}\nrules:\naliases:\n").rules == ()


def test_numbers_are_read_as_people_write_them() -> None:
    text = "targets: {a: {window: 128_000, quality: 5e-1, weight: 3}}"
    target = file_of(text).targets["a"]
    assert (target.window, target.quality, target.weight) == (128_000, 0.5, 3.0)


@pytest.mark.parametrize("name", ["no", "1.5", "010", "~", "2024-01-01"])
def test_a_name_is_the_text_that_was_written(name: str) -> None:
    assert list(file_of(f"targets: {{{name}: {{}}}}").targets) == [name]


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(ConfigError) as caught:
        load(b"#" * 1_000_001, {})
    assert caught.value.findings[0].code == "too_large"


def test_a_file_of_too_many_values_is_refused() -> None:
    text = "relax: [" + "a," * 60_000 + "]"
    assert problems(text)[0].code == "too_large"


def test_deep_nesting_is_refused_without_recursion() -> None:
    assert problems("[" * 200_000)[0].code == "too_large"


@pytest.mark.parametrize(
    "text",
    ["", "\0", '"\\U11111111"', "a: !!binary x", "a: !!python/name:os.system", "*a", "- &a [*a]"],
)
def test_odd_files_are_told_and_do_not_raise_anything_else(text: str) -> None:
    assert problems(text)


YAMLISH = st.text(
    alphabet=st.sampled_from("ab:-[]{}#&*!|>'\"%@`,? \n\t\\\0\x85$_0.~<"), max_size=60
)


@given(YAMLISH | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_no_text_makes_loading_raise_anything_but_config_error(text: str) -> None:
    with contextlib.suppress(ConfigError):
        load(text.encode(), {"a": "b"})


@given(st.binary(max_size=40))
def test_no_bytes_make_loading_raise_anything_but_config_error(content: bytes) -> None:
    with pytest.raises(ConfigError):
        load(content, {})


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


@given(st.sets(st.sampled_from(EVERYWHERE), min_size=1), st.sampled_from(["", " \u20ac"]))
def test_a_secret_that_was_put_in_the_wrong_place_is_not_shown(places: set[str], odd: str) -> None:
    secret = f"sk-misplaced{odd}"
    text = PLACES % {name: "${SECRET}" if name in places else "x" for name in EVERYWHERE}
    with pytest.raises(ConfigError) as caught:
        read_setup(text.encode(), {"SECRET": secret}, AT)
    assert "sk-misplaced" not in str(caught.value)

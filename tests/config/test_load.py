"""Reading a config: strict, bounded, all mistakes at once, and never a credential in a message."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.config.error import ConfigError, Finding
from switchgear.config.load import load
from switchgear.config.schema import File

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


def test_a_file_of_nonsense_is_told_in_part() -> None:
    assert len(problems("\n".join(f"k{at}: 1" for at in range(3_000)))) == 1_000


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

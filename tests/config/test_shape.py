"""Values against the schema: what is expected, what was found, what was probably meant."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.config.error import Finding
from switchgear.config.shape import nearest, shape


def problems(value: object) -> list[Finding]:
    file, findings = shape(value)
    assert file is None
    return findings


def test_an_ill_typed_value_is_told_with_what_is_expected_and_found() -> None:
    (found,) = problems({"targets": {}, "server": {"port": True}})
    assert found.message == "expected a whole number from 0 to 65,535, found true or false"


def test_a_section_with_nothing_in_it_is_as_if_it_were_not_there() -> None:
    file, findings = shape({"targets": {}, "rules": None, "aliases": None})
    assert findings == []
    assert file is not None
    assert file.rules == ()


def test_a_number_where_text_is_wanted_is_told_to_be_quoted() -> None:
    (found,) = problems({"targets": {"a": {"model": 4.1}}})
    assert found.message == "expected text, found a number; put it in quotes"


def test_either_of_two_kinds_is_told_with_both() -> None:
    tool = {"function": "lookup", "arguments": 3}
    (found,) = problems({"targets": {"a": {"tool": tool}}})
    assert "tool_call, json or a mapping" in found.message


def test_a_value_is_never_in_a_message() -> None:
    for wrong in ("sk-secret", ["sk-secret"], {"x": "sk-secret"}):
        for found in problems({"targets": {"a": {"tier": wrong, "window": wrong}}}):
            assert "sk-secret" not in found.message


@given(st.text(max_size=20), st.lists(st.text(min_size=1, max_size=20), max_size=5))
def test_the_nearest_name_is_one_of_those_there_are(name: str, names: list[str]) -> None:
    hint = nearest(name, names)
    assert not hint or any(hint == f"; did you mean {each}?" for each in names)


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5))
def test_a_name_that_is_there_is_its_own_nearest(names: list[str]) -> None:
    assert nearest(names[0], names) == f"; did you mean {names[0]}?"

"""What a condition's text alone tells, and that it never says impossible of what can hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.clause import conjuncts, contradiction, covers, metadata_names, tokens


@pytest.mark.parametrize(
    "when",
    [
        "ask.turns > 5 && ask.turns < 3",
        "ask.turns > 5 && 3 > ask.turns",
        "ask.turns < 5 && (ask.turns >= 5)",
        'metadata.env == "a" && metadata["env"] == "b"',
        'metadata.env == "a" && metadata.env != "a"',
        "ask.code && !ask.code",
        "ask.code == true && ask.code == false",
        "ask.turns < 0",
        "ask.complexity > 1.0",
        'ask.step == "user"',
        "ask.turns == 3 && ask.code && ask.turns == 4",
        "ask.turns == 3 && ask.turns != 3",
    ],
)
def test_a_conjunction_that_contradicts_itself_is_told(when: str) -> None:
    assert contradiction(when)


@pytest.mark.parametrize(
    "when",
    [
        "",
        "ask.turns > 5 || ask.turns < 3",
        "ask.turns > 3 && ask.turns < 5",
        "ask.turns >= 3 && ask.turns <= 3",
        'metadata.env == "a" && metadata.team == "b"',
        'metadata.env != "a" && metadata.env != "b"',
        'metadata.env == "a && b" && metadata.env != "b"',
        "ask.code ? ask.turns > 5 : ask.turns < 3",
        "(ask.turns > 5) || (ask.turns < 3 && ask.code)",
        "[1, 2].exists(x, x > 5 && x < 3) || true",
        'ask.step != "user_turn"',
    ],
)
def test_a_condition_that_can_hold_is_not_called_impossible(when: str) -> None:
    assert contradiction(when) == ""


@given(
    st.lists(
        st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.integers(-2, 4)),
        min_size=1,
        max_size=4,
    ),
    st.integers(-3, 5),
)
def test_whatever_holds_for_some_value_is_not_called_impossible(
    comparisons: list[tuple[str, int]], value: int
) -> None:
    signs = {
        "<": value.__lt__,
        "<=": value.__le__,
        ">": value.__gt__,
        ">=": value.__ge__,
        "==": value.__eq__,
        "!=": value.__ne__,
    }
    when = " && ".join(f"metadata.x {sign} {literal}" for sign, literal in comparisons)
    if all(signs[sign](literal) for sign, literal in comparisons):
        assert contradiction(when) == ""


@pytest.mark.parametrize(
    ("earlier", "later", "outcome"),
    [
        ("", "ask.code", False),
        ("ask.code", "ask.code", True),
        ("ask.code", "ask.turns > 3 && ask.code", True),
        ("ask.code && ask.turns>3", "ask.turns  > 3 && (ask.code)", True),
        ("ask.turns > 3 && ask.code", "ask.code", False),
        ("ask.code || ask.maths", "ask.code", False),
    ],
)
def test_a_condition_covers_those_that_say_the_same_and_more(
    earlier: str, later: str, *, outcome: bool
) -> None:
    assert covers(earlier, later) is outcome


@pytest.mark.parametrize(
    ("when", "names"),
    [
        ('metadata.env == "x"', {"env"}),
        ('metadata["a b"] == "x" && "c" in metadata', {"a b", "c"}),
        ('has(metadata.env) && metadata.team == "metadata.no"', {"env", "team"}),
        ("ask.code", set()),
    ],
)
def test_the_metadata_that_a_condition_reads_are_named(when: str, names: set[str]) -> None:
    assert metadata_names(when) == frozenset(names)


@pytest.mark.parametrize(
    "when",
    ["metadata[ask.model] == 'x'", "metadata.exists(k, k == 'a')", "size(metadata) > 2"],
)
def test_metadata_read_by_no_fixed_name_cannot_be_told(when: str) -> None:
    assert metadata_names(when) is None


@given(st.text(max_size=60))
def test_no_text_makes_the_reader_raise(when: str) -> None:
    assert "".join(tokens(when)) == "".join(tokens(" ".join(tokens(when)))) or conjuncts(when)
    contradiction(when)
    metadata_names(when)

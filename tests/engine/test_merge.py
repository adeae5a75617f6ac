"""Rules by which values are merged."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.context import Merge
from switchgear.engine.merge import MOST_SUM, joined, settled, wrong

SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=2)
LISTS = st.lists(SCALARS | st.lists(SCALARS, max_size=2), max_size=4)


def folded(values: list[object], rule: Merge) -> object:
    whole = settled(values[0], rule)
    for each in values[1:]:
        whole = settled(joined(whole, each, rule), rule)
    return whole


@given(st.lists(LISTS, min_size=1, max_size=4))
def test_a_set_is_the_same_in_whatever_order_its_parts_come(values: list[object]) -> None:
    results = [folded(list(each), Merge.SET_UNION) for each in permutations(values)]
    assert all(each == results[0] for each in results)


@given(LISTS)
def test_what_is_in_a_set_already_changes_nothing(values: list[object]) -> None:
    whole = settled(values, Merge.SET_UNION)
    assert settled(joined(whole, values, Merge.SET_UNION), Merge.SET_UNION) == whole


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=5))
def test_a_sum_is_the_same_in_whatever_order_its_parts_come(values: list[object]) -> None:
    assert folded(values, Merge.SUM) == folded(values[::-1], Merge.SUM)


@given(st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=1, max_size=4))
def test_lists_put_behind_one_another_lose_nothing(values: list[list[int]]) -> None:
    whole = folded(list(values), Merge.APPEND)
    assert whole == [each for value in values for each in value]


def test_true_is_no_number_and_one_is_not_true_in_a_set() -> None:
    assert wrong(True, Merge.SUM)  # noqa: FBT003  (the value that is tried)
    assert repr(settled([True, 1.0, 1, True], Merge.SET_UNION)) == "[1, 1.0, True]"


@pytest.mark.parametrize("rule", [Merge.APPEND, Merge.SET_UNION])
def test_lists_take_lists_and_say_so(rule: Merge) -> None:
    assert wrong("a", rule) == f"the rule {rule.value} takes a list"
    assert not wrong(["a"], rule)


def test_a_sum_ends_where_json_is_exact_no_more() -> None:
    assert not wrong(MOST_SUM, Merge.SUM)
    assert wrong(MOST_SUM + 1, Merge.SUM)
    assert wrong(float("inf"), Merge.SUM)
    assert not wrong("anything", Merge.LWW)

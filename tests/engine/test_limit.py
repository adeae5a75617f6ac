"""Buckets that hold a minute's worth."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.rate import Rates
from switchgear.domain.units import Tokens
from switchgear.engine.limit import (
    MINUTE,
    NEVER,
    PARTS,
    Bucket,
    level_of,
    share_of,
    taken,
    told,
    wait_of,
)

LIMITS = st.integers(1, 1_000_000_000_000)
PAUSES = st.integers(0, 3 * MINUTE)
AMOUNTS = st.integers(1, 1_000_000_000_000)


def try_to_take(bucket: Bucket | None, limit: int, amount: int, now: int) -> Bucket | None:
    if wait_of(level_of(bucket, limit, now), limit, amount):
        return None
    return taken(bucket, limit, amount, now)


@given(st.integers(1, 50), st.lists(st.tuples(PAUSES, st.integers(1, 60)), max_size=40))
def test_in_no_window_is_more_let_in_than_the_limit_and_what_the_window_brings(
    limit: int, asked: list[tuple[int, int]]
) -> None:
    now, bucket = 0, None
    let_in: list[tuple[int, int]] = []
    for pause, amount in asked:
        now += pause
        after = try_to_take(bucket, limit, amount, now)
        if after is not None:
            bucket = after
            let_in.append((now, amount))
    for first, (began, _) in enumerate(let_in):
        total = 0
        for at, amount in let_in[first:]:
            total += amount
            assert total * PARTS <= limit * PARTS + (at - began) * limit


@given(LIMITS, st.lists(st.tuples(PAUSES, AMOUNTS), max_size=20), AMOUNTS)
def test_after_exactly_the_wait_there_is_room_and_not_before(
    limit: int, before: list[tuple[int, int]], amount: int
) -> None:
    now, bucket = 0, None
    for pause, each in before:
        now += pause
        bucket = taken(bucket, limit, min(each, 2 * limit), now)
    wait = wait_of(level_of(bucket, limit, now), limit, amount)
    if amount > limit:
        assert wait == NEVER
        assert wait_of(level_of(bucket, limit, now + 100 * MINUTE), limit, amount) == NEVER
        return
    assert wait_of(level_of(bucket, limit, now + wait), limit, amount) == 0
    if wait:
        assert wait_of(level_of(bucket, limit, now + wait - 1), limit, amount) == 1


@given(LIMITS, AMOUNTS, st.integers(1, 100 * MINUTE), st.lists(st.integers(-MINUTE, MINUTE)))
def test_a_clock_that_goes_back_brings_nothing(
    limit: int, amount: int, back: int, steps: list[int]
) -> None:
    began = 200 * MINUTE
    bucket = taken(None, limit, min(amount, limit), began)
    before = level_of(bucket, limit, began)
    assert level_of(bucket, limit, began - back) == before
    after = taken(bucket, limit, 0, began - back)
    assert level_of(after, limit, began - back) == before
    now = began
    for step in steps:  # however often it goes to and fro within a minute
        now = max(began - MINUTE, min(began, now + step))
        bucket = taken(bucket, limit, 0, now)
    assert level_of(bucket, limit, began) == before


def test_a_clock_that_was_set_back_is_followed_after_a_minute() -> None:
    now = 10 * MINUTE
    empty = taken(None, 60, 60, now)
    earlier = now - 5 * MINUTE
    followed = taken(empty, 60, 0, earlier)
    assert wait_of(level_of(followed, 60, earlier + 1_000_000), 60, 1) == 0
    waited_for = taken(empty, 60, 0, now - 1_000_000)
    assert wait_of(level_of(waited_for, 60, now), 60, 1) == 1_000_000


@given(LIMITS, st.lists(st.integers(1, 1_000_000), max_size=20))
def test_the_order_of_what_is_taken_at_one_moment_does_not_matter(
    limit: int, amounts: list[int]
) -> None:
    forth, back = None, None
    for amount in amounts:
        forth = taken(forth, limit, amount, 7)
    for amount in reversed(amounts):
        back = taken(back, limit, amount, 7)
    assert forth == back


@given(LIMITS, AMOUNTS, st.lists(PAUSES, min_size=1, max_size=10))
def test_it_only_fills_and_never_over_its_limit(limit: int, amount: int, pauses: list[int]) -> None:
    bucket, now, levels = taken(None, limit, amount, 0), 0, []
    for pause in pauses:
        now += pause
        levels.append(level_of(bucket, limit, now))
    assert all(first <= second for first, second in pairwise(levels))
    assert max(levels) <= limit * PARTS


@given(LIMITS, AMOUNTS)
def test_what_is_given_back_makes_it_no_more_than_full(limit: int, amount: int) -> None:
    assert taken(None, limit, -amount, 5) == Bucket(limit * PARTS, 5)


def test_what_came_beyond_the_estimate_is_a_debt_that_is_waited_for() -> None:
    debt = taken(taken(None, 60, 60, 0), 60, 120, 0)
    assert wait_of(level_of(debt, 60, 0), 60, 1) == 2 * MINUTE + 1_000_000


def test_of_nought_there_is_never_any_and_nothing_can_always_be_taken() -> None:
    assert wait_of(level_of(None, 0, 5), 0, 1) == NEVER
    assert wait_of(level_of(None, 0, 5), 0, 0) == 0
    debt = taken(None, 10, 100, 0)
    assert wait_of(level_of(debt, 10, 0), 10, 0) == 0


def test_a_lower_limit_holds_at_once() -> None:
    full = taken(None, 1000, 0, 0)
    assert level_of(full, 10, 0) == 10 * PARTS


@pytest.mark.parametrize(
    ("spent", "left", "reset"), [(0, 60, 0.0), (1, 59, 1.0), (60, 0, 60.0), (90, 0, 90.0)]
)
def test_callers_are_told_what_is_left_and_when_all_is_there_again(
    spent: int, left: int, reset: float
) -> None:
    level = told(level_of(taken(None, 60, spent, 0), 60, 0), 60)
    assert (level.limit, level.left, level.reset) == (60, left, reset)


def test_of_nought_callers_are_told_nought() -> None:
    level = told(level_of(None, 0, 0), 0)
    assert (level.limit, level.left, level.reset) == (0, 0, 0.0)


@pytest.mark.parametrize(
    ("rates", "nodes", "share"),
    [
        (Rates(), 3, Rates()),
        (Rates(requests=10, tokens=Tokens(100), concurrent=4), 1, None),
        (
            Rates(requests=10, tokens=Tokens(100), concurrent=4),
            3,
            Rates(requests=3, tokens=Tokens(33), concurrent=1),
        ),
        (Rates(requests=1, tokens=Tokens(1), concurrent=1), 9, None),
        (Rates(requests=0, tokens=Tokens(0), concurrent=0), 9, None),
    ],
)
def test_a_share_is_even_and_never_makes_nought_of_something(
    rates: Rates, nodes: int, share: Rates | None
) -> None:
    assert share_of(rates, nodes) == (share or rates)

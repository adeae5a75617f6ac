"""Whose cap holds, how much is kept back, and what is left."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.account import Amount, Bound
from switchgear.domain.task import NO_CAPS, AtCap, Caps, Child, Status, Task
from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs
from switchgear.engine.cap import (
    ANYTHING,
    BUDGET,
    Hold,
    gone,
    hold_of,
    in_force,
    is_open,
    less_reserve,
    lowered,
    raised,
    resumed,
    together,
    too_deep,
    unspent,
    wider,
)

OWNER = Caps(steps=40, money=NanoUsd(1_000), at_cap=AtCap.STOP)
TASK = Task(id="tk_a", opened=UnixMs(1_000))
COUNTS = st.integers(min_value=0, max_value=2**60)
AMOUNTS = st.builds(Amount, money=COUNTS.map(NanoUsd), tokens=COUNTS.map(Tokens), calls=COUNTS)
BOUNDS = st.builds(
    Bound,
    money=st.none() | COUNTS.map(NanoUsd),
    tokens=st.none() | COUNTS.map(Tokens),
    calls=st.none() | COUNTS,
)
FIGURES = ("money", "tokens", "calls")


def hold(**said: object) -> Hold:
    return hold_of(msgspec.structs.replace(TASK, **said), OWNER, 0.05)


def test_what_a_task_does_not_say_itself_the_owner_says() -> None:
    assert in_force(NO_CAPS, OWNER) is OWNER
    found = in_force(Caps(steps=3, at_cap=AtCap.PAUSE), OWNER)
    assert found == Caps(steps=3, money=NanoUsd(1_000), at_cap=AtCap.PAUSE)


def test_what_is_more_than_the_owner_allows_is_named_and_nought_is_never_more() -> None:
    assert wider(Caps(steps=41, money=NanoUsd(1_000), depth=99), OWNER) == ("steps",)
    assert wider(Caps(steps=0, at_cap=AtCap.TICKET), OWNER) == ()
    assert wider(NO_CAPS, OWNER) == ()


def test_a_task_with_nothing_counted_and_no_end_is_free() -> None:
    assert hold_of(TASK, Caps(at_cap=AtCap.STOP), 0.05).free
    assert not hold_of(TASK, Caps(steps=0), 0.05).free
    assert not hold_of(TASK, Caps(wall=Seconds(0.0)), 0.05).free
    assert not hold_of(msgspec.structs.replace(TASK, deadline=UnixMs(1)), NO_CAPS, 0.05).free


def test_a_step_is_kept_for_the_end_even_where_no_share_is() -> None:
    assert less_reserve(Bound(calls=9, money=NanoUsd(9)), 0.0) == Bound(calls=8, money=NanoUsd(9))
    assert less_reserve(Bound(calls=0), 0.0) == Bound(calls=0)


def test_only_who_wraps_up_keeps_something_back() -> None:
    stops, wraps = hold(), hold(caps=Caps(at_cap=AtCap.WRAP_UP))
    assert stops.usual is stops.budget
    assert wraps.usual is not None
    assert wraps.usual.most == Bound(calls=38, money=NanoUsd(950))
    assert wraps.budget is not None
    assert wraps.budget.most == Bound(calls=40, money=NanoUsd(1_000))
    assert wraps.budget.name == "tk_a.1"


@given(most=BOUNDS, reserve=st.floats(min_value=0, max_value=1))
def test_a_reserve_leaves_no_more_than_there_is_and_one_step_for_the_end(
    most: Bound, reserve: float
) -> None:
    left = less_reserve(most, reserve)
    for name in FIGURES:
        there, rest = getattr(most, name), getattr(left, name)
        assert (there is None) == (rest is None)
        if there is not None:
            assert rest <= there
    if most.calls is not None and left.calls is not None:
        assert left.calls <= max(0, most.calls - 1)


@given(most=BOUNDS, by=AMOUNTS)
def test_a_bound_is_lowered_to_nothing_at_least(most: Bound, by: Amount) -> None:
    left = lowered(most, by)
    for name in FIGURES:
        there = getattr(most, name)
        assert getattr(left, name) == (None if there is None else max(0, there - getattr(by, name)))


@given(promise=AMOUNTS, spent=AMOUNTS, more=AMOUNTS)
def test_what_is_unspent_of_a_promise_only_ever_shrinks(
    promise: Amount, spent: Amount, more: Amount
) -> None:
    caps = Caps(steps=promise.calls, tokens=promise.tokens, money=promise.money)
    before, after = unspent(caps, spent), unspent(caps, together((spent, more)))
    for name in FIGURES:
        assert 0 <= getattr(after, name) <= getattr(before, name) <= getattr(promise, name)


def test_time_is_counted_from_the_beginning_of_this_life_or_ends_at_the_deadline() -> None:
    timed = Caps(wall=Seconds(10.0), at_cap=AtCap.WRAP_UP)
    found = hold_of(msgspec.structs.replace(TASK, began=UnixMs(5_000)), timed, 0.5)
    assert (found.due, found.soon) == (15_000, 10_000)
    assert not gone(found, UnixMs(9_999), last=False)
    assert gone(found, UnixMs(10_000), last=False)
    assert not gone(found, UnixMs(14_999), last=True)
    assert gone(found, UnixMs(15_000), last=True)
    sooner = hold_of(msgspec.structs.replace(TASK, deadline=UnixMs(2_000)), timed, 0.0)
    assert sooner.due == 2_000
    assert not gone(hold(), UnixMs(2**50), last=False)


def test_a_depth_counts_generations_below_each_task() -> None:
    chain = [hold(id=f"tk_{depth}", caps=Caps(depth=depth)) for depth in (9, 2, 2)]
    found = too_deep(chain)
    assert found == (chain[2], 3)
    assert too_deep(chain[:2]) is None
    assert too_deep([hold(caps=Caps(depth=0))]) is not None
    assert too_deep([hold()] * 30) is None


def test_promises_count_only_where_something_is_counted() -> None:
    children = (
        Child(id="tk_b", at=UnixMs(1), caps=Caps(steps=3)),
        Child(id="tk_c", at=UnixMs(1)),
    )
    assert [each.id for each in hold(children=children).promised] == ["tk_b"]
    free = hold_of(msgspec.structs.replace(TASK, children=children), NO_CAPS, 0.05)
    assert free.promised == ()
    assert free.budget is None


@pytest.mark.parametrize("status", Status)
def test_children_that_are_done_or_stopped_are_not_open(status: Status) -> None:
    task = msgspec.structs.replace(TASK, status=status)
    assert is_open(task) == (status in {Status.RUNNING, Status.PAUSED})


def test_a_raise_lets_a_task_go_on_that_a_cap_had_stopped_and_no_other() -> None:
    capped = msgspec.structs.replace(
        TASK, status=Status.STOPPED, code=BUDGET, why="x", ticket="ti_a", caps=Caps(steps=1)
    )
    found = raised(capped, Caps(money=NanoUsd(5)))
    assert found == resumed(found)
    assert (found.status, found.why, found.code, found.ticket) == (Status.RUNNING, "", "", "")
    assert found.caps == Caps(steps=1, money=NanoUsd(5))
    looped = msgspec.structs.replace(capped, code="loop")
    assert raised(looped, Caps(steps=9)).status is Status.STOPPED


def test_nothing_is_the_sum_of_no_amounts() -> None:
    assert together(()) == Amount()
    assert lowered(ANYTHING, Amount(calls=3)) == ANYTHING

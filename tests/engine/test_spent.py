"""A refusal says which cap it was, how much was used, and what can be done."""

import msgspec
import pytest

from switchgear.domain.account import Account, Amount, Bound, Payer, Shortfall, Window
from switchgear.domain.supervision import OverTaskCap, TaskPaused, TaskSpent
from switchgear.domain.task import AtCap, Caps, Status, Task
from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs
from switchgear.engine.cap import BUDGET, CAP, DEADLINE, hold_of
from switchgear.engine.spent import (
    Spent,
    final,
    held_by_others,
    paused,
    question,
    short_of,
    stopped,
    told_again,
    too_deep,
    too_little,
    too_many,
)

CAPS = Caps(
    steps=37,
    tokens=Tokens(1_000),
    money=NanoUsd(250_000_000),
    wall=Seconds(90.0),
    depth=1,
    fan_out=2,
    at_cap=AtCap.STOP,
)
TASK = Task(id="tk_a", opened=UnixMs(0), deadline=UnixMs(60_000))
HOLD = hold_of(TASK, CAPS, 0.0)
STEPS = Spent(hold=HOLD, cap="steps", used=37, wanted=1)
MONEY = Spent(hold=HOLD, cap="money", used=240_000_000, wanted=20_000_000)


@pytest.mark.parametrize(
    ("spent", "why", "code"),
    [
        (STEPS, "its cap of 37 steps is used up, 37 were taken", CAP),
        (MONEY, "its cap of $0.25 has $0.01 left, and this call may take $0.02", BUDGET),
        (
            Spent(hold=HOLD, cap="tokens", used=1_200, wanted=5),
            "its cap of 1,000 tokens has 0 tokens left, and this call may take 5 tokens",
            BUDGET,
        ),
        (Spent(hold=HOLD, cap="wall"), "its cap of 90 s of wall time is used up", CAP),
        (
            Spent(hold=HOLD, cap="deadline"),
            "its deadline, 1970-01-01T00:01:00Z, has passed",
            DEADLINE,
        ),
    ],
)
def test_each_cap_is_told_with_its_figures(spent: Spent, why: str, code: str) -> None:
    assert (spent.why, spent.code) == (why, code)
    error = stopped(spent, "tk_a")
    assert isinstance(error, OverTaskCap if code == BUDGET else TaskSpent)
    assert error.message.startswith(f"The task has come to a cap: {why}. ")
    assert final(spent).count(why) == question(spent).count(why) == 1


def test_a_cap_of_a_task_above_is_told_as_that_tasks() -> None:
    assert stopped(STEPS, "tk_child").message == (
        "The task tk_a, which this one is part of, has come to a cap: its cap of 37 steps is used"
        " up, 37 were taken. To go on, have caps.steps raised: PATCH /v1/tasks/tk_a, or"
        " switchgear tasks raise tk_a --cap steps=…"
    )


def test_what_calls_under_way_hold_may_come_back() -> None:
    words = held_by_others(MONEY, "tk_a").message
    assert "calls under way hold some of that. Send it again when they have ended." in words
    assert "caps.usd" in words


def test_a_task_that_waits_names_the_ticket_that_it_waits_for() -> None:
    assert isinstance(paused(STEPS, "tk_a"), TaskPaused)
    assert "ticket" not in paused(STEPS, "tk_a").message
    assert "by the ticket ti_9." in paused(STEPS, "tk_a", "ti_9").message


def test_the_account_that_is_short_tells_which_cap_it_is() -> None:
    account = Account(Payer.TASK, "tk_a.1", Window.TOTAL)
    most = Bound(calls=37, money=NanoUsd(9))
    short = Shortfall(account, most, Bound(calls=0, money=NanoUsd(9)))
    error = short_of(short, Amount(calls=1, money=NanoUsd(3)))
    assert isinstance(error, TaskSpent)
    assert (error.short, error.wanted) == (short, Amount(calls=1, money=NanoUsd(3)))
    poor = Shortfall(account, most, Bound(calls=1, money=NanoUsd(2)))
    assert isinstance(short_of(poor, Amount(calls=1, money=NanoUsd(3))), OverTaskCap)


@pytest.mark.parametrize(("code", "kind"), [(CAP, TaskSpent), (BUDGET, OverTaskCap)])
def test_later_calls_of_a_task_that_a_cap_stopped_are_told_the_same(
    code: str, kind: type[Exception]
) -> None:
    task = msgspec.structs.replace(TASK, status=Status.STOPPED, code=code, why="its cap is used up")
    error = told_again(task)
    assert isinstance(error, kind)
    assert "its cap is used up. To go on, have that raised." in str(error)


@pytest.mark.parametrize(
    ("status", "code"), [(Status.RUNNING, CAP), (Status.PAUSED, CAP), (Status.STOPPED, "loop")]
)
def test_a_task_that_no_cap_stopped_has_nothing_of_that(status: Status, code: str) -> None:
    assert told_again(msgspec.structs.replace(TASK, status=status, code=code)) is None


def test_whoever_may_not_open_a_child_is_told_whose_cap_that_is() -> None:
    assert "tk_a may have 1 generations of tasks below it, and this would be number 2" in str(
        too_deep(HOLD, 2)
    )
    assert "tk_a has 2 children open" in str(too_many(HOLD, 2))
    assert isinstance(too_little(HOLD, "steps", 9, 4), TaskSpent)
    assert "has $0.01 left to promise, and the child asks for $0.02" in str(
        too_little(HOLD, "money", 20_000_000, 10_000_000)
    )

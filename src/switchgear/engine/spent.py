"""Say which cap of a task is used up, how much was used, and what can be done about it."""

import msgspec

from switchgear.domain.account import Amount, Shortfall
from switchgear.domain.errors import Refusal
from switchgear.domain.supervision import OverTaskCap, TaskPaused, TaskSpent
from switchgear.domain.task import Status, Task
from switchgear.domain.units import NanoUsd, UnixMs
from switchgear.engine.cap import BUDGET, CAP, CODES, DEADLINE, Hold
from switchgear.engine.shortage import date_of, scarce, usd

PAID = frozenset({"money", "tokens"})
"""Caps that are told by 402; the others are told by 422."""
FIELDS = {"money": "usd", "wall": "wall_s"}
"""What callers say for a cap, where that is another word than ours."""


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """A cap that is used up, or has too little left for a call."""

    hold: Hold
    """Of the task whose cap it is."""
    cap: str
    """``steps``, ``tokens``, ``money``, ``wall`` or ``deadline``."""
    used: int = 0
    """Spent and set aside."""
    wanted: int = 0

    @property
    def paid(self) -> bool:
        """Whether it is of money or tokens: what is set aside of them may come back."""
        return self.cap in PAID

    @property
    def code(self) -> str:
        """What the task's ``code`` is by it."""
        if self.cap == DEADLINE:
            return DEADLINE
        return BUDGET if self.cap in PAID else CAP

    @property
    def why(self) -> str:
        """What is used up, as the end of a sentence."""
        caps, name = self.hold.caps, self.cap
        if name == DEADLINE:
            return f"its deadline, {date_of(self.hold.task.deadline or UnixMs(0))}, has passed"
        if name == "wall":
            return f"its cap of {caps.wall:,.10g} s of wall time is used up"
        most = getattr(caps, name) or 0
        left = max(0, most - self.used)
        if name == "steps":
            return f"its cap of {most:,} steps is used up, {min(self.used, most):,} were taken"
        said = [f"{_figure(name, each)}" for each in (most, left, self.wanted)]
        return f"its cap of {said[0]} has {said[1]} left, and this call may take {said[2]}"


def short_of(short: Shortfall, wanted: Amount) -> OverTaskCap | TaskSpent:
    """Return what says that a task's account has not enough for an attempt."""
    cap = cap_short(short, wanted)
    error = OverTaskCap() if cap in PAID else TaskSpent()
    error.short, error.wanted = short, wanted
    return error


def cap_short(short: Shortfall, wanted: Amount) -> str:
    """Return the name of the cap that has not enough."""
    what, *_ = scarce(short, wanted)
    return "steps" if what == "calls" else what


def stopped(spent: Spent, own: str) -> Refusal:
    """Return what a caller is told whose task may go no further; ``own`` is that task's id."""
    words = f"{_subject(spent, own)} has come to a cap: {spent.why}. {_how(spent)}"
    return OverTaskCap(words) if spent.cap in PAID else TaskSpent(words)


def held_by_others(spent: Spent, own: str) -> Refusal:
    """Return what a caller is told where only calls under way are in the way."""
    words = (
        f"{_subject(spent, own)} is near a cap: {spent.why}; calls under way hold some of that."
        f" Send it again when they have ended. {_how(spent)}"
    )
    return OverTaskCap(words) if spent.cap in PAID else TaskSpent(words)


def paused(spent: Spent, own: str, ticket: str = "") -> TaskPaused:
    """Return what a caller is told whose task waits for more."""
    asked = f" A human is asked for more by the ticket {ticket}." if ticket else ""
    return TaskPaused(f"{_subject(spent, own)} is paused: {spent.why}.{asked} {_how(spent)}")


def question(spent: Spent) -> str:
    """Return what a human is asked whose task needs more."""
    return f"The task has come to a cap: {spent.why}. May it have more? Then say how much."


def told_again(task: Task, what: str = "The task") -> Refusal | None:
    """Return what callers of a task are told that a cap has stopped; None where none has."""
    if task.status is not Status.STOPPED or task.code not in CODES:
        return None
    words = f"{what} was stopped at a cap: {task.why}. To go on, have that raised."
    return OverTaskCap(words) if task.code == BUDGET else TaskSpent(words)


def final(spent: Spent) -> str:
    """Return what a model is told whose next words are its last."""
    return (
        f"[Notice from the gateway, not from the user] This task has come to a cap: {spent.why}."
        " This is its last call, and no tool can be called any more. Give your best final answer"
        " now, with what you know, and say what is missing."
    )


def too_deep(hold: Hold, depth: int) -> TaskSpent:
    """Return what is told to whoever opens a task too far below another."""
    return TaskSpent(
        f"The task {hold.task.id} may have {hold.caps.depth} generations of tasks below it, and"
        f" this would be number {depth}. Do it within a task that is open, or have"
        f" {_field('depth')} of that task raised."
    )


def too_many(hold: Hold, most: int) -> TaskSpent:
    """Return what is told to whoever opens one child too many."""
    return TaskSpent(
        f"The task {hold.task.id} has {most} children open, and may have no more at once. Close one"
        f" that is done, or have {_field('fan_out')} of that task raised."
    )


def too_little(hold: Hold, cap: str, wish: int, left: int) -> OverTaskCap | TaskSpent:
    """Return what is told to whoever opens a child with more than its parent has left."""
    words = (
        f"The task {hold.task.id} has {_figure(cap, left)} left to promise, and the child asks for"
        f" {_figure(cap, wish)}. Ask for less, or have {_field(cap)} of that task raised."
    )
    return OverTaskCap(words) if cap in PAID else TaskSpent(words)


def _subject(spent: Spent, own: str) -> str:
    task = spent.hold.task
    return "The task" if task.id == own else f"The task {task.id}, which this one is part of,"


def _how(spent: Spent) -> str:
    task = spent.hold.task
    if spent.cap == DEADLINE:
        return "Open a new task to go on."
    name = FIELDS.get(spent.cap, spent.cap)
    return (
        f"To go on, have caps.{name} raised: PATCH /v1/tasks/{task.id}, or"
        f" switchgear tasks raise {task.id} --cap {name}=…"
    )


def _field(cap: str) -> str:
    return f"caps.{FIELDS.get(cap, cap)}"


def _figure(cap: str, count: int) -> str:
    if cap == "money":
        return usd(NanoUsd(count))
    return f"{count:,} {cap}"

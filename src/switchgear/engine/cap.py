"""What tasks may use: whose cap holds, how much is kept back, and what is left of it.

Steps, tokens and money are kept in accounts, as budgets are. Depth, children and time are judged
here alone.
"""

from collections.abc import Iterable, Sequence
from math import ceil

import msgspec

from switchgear.domain.account import Account, Amount, Bound, Budget, Payer, Window
from switchgear.domain.task import NO_CAPS, AtCap, Caps, Child, Status, Task
from switchgear.domain.units import NanoUsd, Tokens, UnixMs
from switchgear.engine.task import account_name

CAP, BUDGET, DEADLINE = "cap", "budget", "deadline"
"""``Task.code`` of a task that came to a cap: of steps or wall time; of tokens or money; and to
the deadline that it was given."""
CODES = frozenset({CAP, BUDGET, DEADLINE})
COUNTED = ("steps", "tokens", "money")
"""Caps that are paid out of accounts."""
MOST_CHILDREN = 1000
"""Open at once, where somebody counts them: each call of their parent looks at them."""
NOTHING = Amount()
ANYTHING = Bound()


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """What one task may use, worked out from its own caps and the owner's."""

    task: Task
    owner: Caps
    caps: Caps
    """In force."""
    budget: Budget | None
    """All of it; None where nothing is counted."""
    usual: Budget | None
    """The same without what is kept for the final answer."""
    due: UnixMs | None
    """When its time is up."""
    soon: UnixMs | None
    """From when on there is only time for the final answer."""
    promised: tuple[Child, ...]
    """Children with a part of it."""
    free: bool
    """Its calls have nothing to ask."""


def hold_of(task: Task, owner: Caps, reserve: float) -> Hold:
    """Return what a task may use; ``owner`` is what each may where it does not say otherwise."""
    caps = in_force(task.caps, owner)
    wraps = caps.at_cap is AtCap.WRAP_UP
    most = bound_of(caps)
    counted = most != ANYTHING
    due = _due(task, caps)
    kept = round((caps.wall or 0) * reserve * 1000) if wraps else 0
    budget = _budget(task, most) if counted else None
    usual = _budget(task, less_reserve(most, reserve)) if counted and wraps else budget
    return Hold(
        task=task,
        owner=owner,
        caps=caps,
        budget=budget,
        usual=usual,
        due=due,
        soon=None if due is None else UnixMs(due - kept),
        promised=tuple([each for each in task.children if bound_of(each.caps) != ANYTHING])
        if counted
        else (),
        free=not counted and due is None,
    )


def in_force(own: Caps, owner: Caps) -> Caps:
    """Return the caps that hold: what a task does not say itself, the owner says."""
    if own == NO_CAPS:
        return owner
    return msgspec.structs.replace(owner, **_said(own))


def wider(asked: Caps, owner: Caps) -> tuple[str, ...]:
    """Return the names of the caps that are more than the owner allows each task."""
    return tuple(
        name
        for name in Caps.__struct_fields__
        if name != "at_cap"
        and (most := getattr(owner, name)) is not None
        and (wish := getattr(asked, name)) is not None
        and wish > most
    )


def raised(task: Task, caps: Caps) -> Task:
    """Return the task with other caps; what they do not say stays.

    One that was paused or stopped by a cap goes on, for what it is worth: the cap is asked again.
    """
    changed = msgspec.structs.replace(task, caps=msgspec.structs.replace(task.caps, **_said(caps)))
    return resumed(changed) if task.code in CODES else changed


def resumed(task: Task) -> Task:
    """Return the task as it goes on; what it waited for, it waits for no more."""
    return msgspec.structs.replace(task, status=Status.RUNNING, why="", code="", ticket="")


def bound_of(caps: Caps) -> Bound:
    """Return the part of the caps that is paid out of an account."""
    return Bound(money=caps.money, tokens=caps.tokens, calls=caps.steps)


def less_reserve(most: Bound, reserve: float) -> Bound:
    """Return what calls may use that are not the final one; of steps, one is kept at least."""
    money, tokens, calls = most.money, most.tokens, most.calls
    return Bound(
        money=None if money is None else NanoUsd(money - ceil(money * reserve)),
        tokens=None if tokens is None else Tokens(tokens - ceil(tokens * reserve)),
        calls=None if calls is None else max(0, calls - max(1, ceil(calls * reserve))),
    )


def lowered(most: Bound, by: Amount) -> Bound:
    """Return a bound that is lower by so much, and never below nothing."""
    money, tokens, calls = most.money, most.tokens, most.calls
    return Bound(
        money=None if money is None else NanoUsd(max(0, money - by.money)),
        tokens=None if tokens is None else Tokens(max(0, tokens - by.tokens)),
        calls=None if calls is None else max(0, calls - by.calls),
    )


def unspent(promise: Caps, spent: Amount) -> Amount:
    """Return what was promised to a child and not spent by it."""
    return Amount(
        money=NanoUsd(max(0, (promise.money or 0) - spent.money)),
        tokens=Tokens(max(0, (promise.tokens or 0) - spent.tokens)),
        calls=max(0, (promise.steps or 0) - spent.calls),
    )


def together(amounts: Iterable[Amount]) -> Amount:
    """Return the sum of amounts."""
    money, tokens, calls = 0, 0, 0
    for each in amounts:
        money, tokens, calls = money + each.money, tokens + each.tokens, calls + each.calls
    return Amount(money=NanoUsd(money), tokens=Tokens(tokens), calls=calls)


def fits(caps: Caps, left: Bound) -> bool:
    """Whether what is left is as much as caps ask for."""
    pairs = ((caps.steps, left.calls), (caps.tokens, left.tokens), (caps.money, left.money))
    return all(wish is None or there is None or wish <= there for wish, there in pairs)


def account_of(task: Task) -> Account:
    """Return the account that a task's calls and its children's pay in."""
    return Account(Payer.TASK, account_name(task), Window.TOTAL)


def gone(hold: Hold, now: UnixMs, *, last: bool) -> bool:
    """Whether there is no time for a call any more; ``last`` says that it is the final one."""
    until = hold.due if last else hold.soon
    return until is not None and now >= until


def too_deep(chain: Sequence[Hold]) -> tuple[Hold, int] | None:
    """Return whose depth forbids a child below ``chain``, and how deep it would be.

    Shapes: ``chain`` begins with the parent; its own parent comes next.
    """
    for depth, each in enumerate(chain, 1):
        most = each.caps.depth
        if most is not None and depth > most:
            return each, depth
    return None


def is_open(task: Task) -> bool:
    """Whether a child counts among its parent's."""
    return task.status in {Status.RUNNING, Status.PAUSED}


def _said(caps: Caps) -> dict[str, object]:
    values = ((name, getattr(caps, name)) for name in Caps.__struct_fields__)
    return {name: value for name, value in values if value is not None}


def _budget(task: Task, most: Bound) -> Budget:
    return Budget(payer=Payer.TASK, name=account_name(task), window=Window.TOTAL, most=most)


def _due(task: Task, caps: Caps) -> UnixMs | None:
    since = task.began or task.opened
    ends = [] if caps.wall is None else [UnixMs(since + round(caps.wall * 1000))]
    if task.deadline is not None:
        ends.append(task.deadline)
    return min(ends, default=None)


UNKNOWN = hold_of(Task(id="", opened=UnixMs(0)), NO_CAPS, 0.0)
"""Stands where nothing has been worked out yet."""

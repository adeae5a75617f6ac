"""What came of a call's answers that were not good enough, told from its row; and what may come."""

from enum import Enum

import msgspec

from switchgear.domain.attempt import Attempt, Role
from switchgear.domain.decision import Decision
from switchgear.domain.entry import Entry
from switchgear.domain.units import NANO_PER_USD
from switchgear.engine.cascade import above, ascent_of
from switchgear.engine.flaw import route_of
from switchgear.engine.policy import Policy


class Result(Enum):
    """What it came to that a stronger target was asked."""

    BETTER = "better"
    """Its answer was delivered."""
    NO_BETTER = "no_better"
    """It answered, and an earlier answer was delivered all the same."""
    FAILED = "failed"
    """It gave no answer."""


class Escalated(msgspec.Struct, frozen=True, gc=False):
    """One time that a call went up."""

    weak: str
    """Target id of whose answer was not good enough."""
    flaw: str
    """Why; empty where that is not on the row."""
    strong: str
    """Of who was asked then."""
    result: Result


class May(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an answer could go up, and by what."""

    when: tuple[str, ...]
    """What makes it not good enough."""
    targets: tuple[str, ...]
    """Who would be asked, first to last, after the first of the plan."""
    most: int
    """Times, at most."""
    most_usd: float
    """US dollars for one call, at most."""
    streams: bool
    """Streams are held back for it."""


def escalated(entry: Entry) -> tuple[Escalated, ...]:
    """Return each time that a call went up."""
    if not any(each.role is Role.ESCALATION for each in entry.attempts):
        return ()
    found: list[Escalated] = []
    before: Attempt | None = None
    for attempt in entry.attempts:
        if attempt.role is Role.ESCALATION and before is not None:
            result = _result(attempt, entry)
            found.append(Escalated(before.target, before.flaw, attempt.target, result))
        if not attempt.code:
            before = attempt
    return tuple(found)


def route_taken(entry: Entry) -> str:
    """Return the route of a call; empty where nothing was decided, and its words are a caller's."""
    return "" if entry.decision is None else route_of(entry.model, entry.decision.rule)


def may_escalate(policy: Policy, decision: Decision, model: str) -> May | None:
    """Return what could become of an answer by a decision; None where it stays what it is."""
    ascent = ascent_of(policy, model, decision.rule)
    first = next((each for each in policy.targets if each.id == decision.winner), None)
    if not ascent.on or first is None:
        return None
    targets = tuple([each.target.id for each in above(policy, decision, first, {first.id})])
    return May(
        when=ascent.when,
        targets=targets,
        most=ascent.most,
        most_usd=ascent.money / NANO_PER_USD,
        streams=ascent.hold,
    )


def _result(attempt: Attempt, entry: Entry) -> Result:
    if attempt.code:
        return Result.FAILED
    return Result.BETTER if entry.target == attempt.target else Result.NO_BETTER

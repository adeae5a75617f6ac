"""What the figures read of one call."""

from collections.abc import Iterable
from enum import Enum

import msgspec

from switchgear.domain.attempt import Role
from switchgear.domain.caller import Mode
from switchgear.domain.decision import Decision, Reason
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.entry import End, Entry
from switchgear.domain.outcome import Fitness, Outcome, Source
from switchgear.domain.units import NanoUsd, UnixMs
from switchgear.engine.figure.need import Need, Tiers, need_of
from switchgear.engine.flaw import route_of
from switchgear.engine.outcome import HALF, HUMAN

TWO = 2
"""Targets that a choice needs."""
NOT_FREE = frozenset({Reason.NOT_ASKED, Reason.NOT_ALLOWED})
"""Of targets that were none of this call's."""
PEOPLE = frozenset({Source.USER, Source.HUMAN, Source.LABEL, Source.IMPORT})
BAD = frozenset({Fitness.UNDERPOWERED, Fitness.FAILED})


class Correction(Enum):
    """Who or what put a decision right."""

    NONE = ""
    PERSON = "person"
    """Somebody named another target."""
    VALIDATOR = "validator"
    """A check found the answer of no use."""
    ESCALATION = "escalation"
    """The call went up a tier."""


class Case(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One call, as far as figures go."""

    id: str
    at: UnixMs
    route: str
    rule: str = ""
    agent: str = ""
    tenant: str = ""
    task: str = ""
    step: int = 0
    target: str = ""
    """Who answered; else who was to."""
    planned: str = ""
    """Who was to; empty where nobody could serve."""
    cost: NanoUsd = NanoUsd(0)
    """Of all attempts."""
    own: float = 0.0
    """Seconds of our own work before the first content."""
    asked: bool = True
    """An answer was wanted, and it was not another call's."""
    answered: bool = True
    left: bool = False
    """The caller went away: nobody knows what would have come."""
    auto: bool = False
    """The router chose: there were two or more to choose from, and nothing held the call."""
    correction: Correction = Correction.NONE
    human: bool = False
    """A person took its task over, or set what it did aside."""
    liked: bool | None = None
    """What its user said of it last; None where nothing was said."""
    tool: bool | None = None
    """Whether it chose the right tool; None where nobody said."""
    need: Need | None = None
    """Of a call on which the router chose, and of which enough was said."""


def case_of(entry: Entry, outcomes: Iterable[Outcome], tiers: Tiers) -> Case:
    """Return one call as the figures see it.

    ``tiers`` are those of the policy that decided; without them, nothing is known of its need.
    """
    said = tuple(outcomes)
    decision = entry.decision
    winner = "" if decision is None else decision.winner
    asked = entry.endpoint is Endpoint.ANSWER and not entry.replayed and decision is not None
    auto = asked and _auto(entry, decision)
    return Case(
        id=entry.id,
        at=entry.at,
        route=route_of(entry.model, "" if decision is None else decision.rule),
        rule="" if decision is None else decision.rule,
        agent=entry.agent,
        tenant=entry.tenant,
        task=entry.task,
        step=entry.step,
        target=entry.target or winner,
        planned=winner,
        cost=entry.cost,
        own=entry.own or 0.0,
        asked=asked,
        answered=entry.end is End.ANSWERED,
        left=entry.end is End.LEFT,
        auto=auto,
        correction=_correction(entry, said),
        human=any(each.override == HUMAN and each.source in PEOPLE for each in said),
        liked=_liked(said),
        tool=_last([each for each in said if each.tool is not None], "tool"),
        need=need_of(entry, said, tiers) if auto else None,
    )


def _auto(entry: Entry, decision: Decision | None) -> bool:
    if decision is None or not decision.plan or decision.sticky or entry.mode is not Mode.ROUTE:
        return False
    free = 0
    for each in decision.verdicts:
        free += each.reason not in NOT_FREE
        if free == TWO:
            return True
    return False


def _correction(entry: Entry, said: tuple[Outcome, ...]) -> Correction:
    """Return who put it right; of several, the one whose word weighs most."""
    if any(each.override and each.source in PEOPLE and _other(each, entry) for each in said):
        return Correction.PERSON
    flawed = False
    for attempt in entry.attempts:
        if attempt.role is Role.ESCALATION:
            return Correction.ESCALATION
        flawed = flawed or attempt.flaw != ""
    if any(each.source is Source.ESCALATION for each in said):
        return Correction.ESCALATION
    return Correction.VALIDATOR if flawed or any(map(_checked, said)) else Correction.NONE


def _checked(outcome: Outcome) -> bool:
    """Whether a check put the decision right; that a test thinks ill of an answer does not."""
    if outcome.source is Source.EVAL:
        return outcome.override != ""
    return outcome.source is Source.VALIDATOR and _bad(outcome)


def _other(outcome: Outcome, entry: Entry) -> bool:
    return outcome.override != (outcome.target or entry.target)


def _bad(outcome: Outcome) -> bool:
    if outcome.score is not None:
        return outcome.score < HALF
    return outcome.verdict in BAD


def _liked(said: tuple[Outcome, ...]) -> bool | None:
    """Return whether its user's last word was good."""
    words = [
        each
        for each in said
        if each.source is Source.USER and (each.score is not None or each.verdict is not None)
    ]
    return not _bad(max(words, key=_when)) if words else None


def _last(said: list[Outcome], field: str) -> bool | None:
    return getattr(max(said, key=_when), field) if said else None


def _when(outcome: Outcome) -> tuple[UnixMs, str]:
    return outcome.at, outcome.id

"""Fold the facts of one call into its entry on the ledger."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from switchgear.domain.attempt import Attempt
from switchgear.domain.call import Call
from switchgear.domain.entry import End, Entry
from switchgear.domain.fact import (
    Answered,
    Capped,
    Charged,
    Climbed,
    Committed,
    Cut,
    Decided,
    Doubted,
    Fact,
    Failed,
    Given,
    Identified,
    Passed,
    Replayed,
    Skipped,
    Tried,
    Waited,
)
from switchgear.domain.mandate import Rung
from switchgear.domain.odds import NO_ODDS
from switchgear.domain.task import Identity
from switchgear.domain.units import NanoUsd, Seconds

Kind = TypeVar("Kind", bound=Fact)

CLIENT_LEFT = "client_left"
LEFT_STATUS = 499
"""nginx's number for a client that closed its connection; on the ledger only."""
ANSWERED_STATUS = 200
NOBODY = Identified(Identity())
UNSEEN = Climbed(Rung(""))
NOTHING_GIVEN = Given()
NOTHING_PASSED = Passed(status=ANSWERED_STATUS, bytes_in=0, bytes_out=0)


def fold(call: Call, facts: Sequence[Fact], *, now: Seconds, digest: str) -> Entry:
    """Return the entry of a call whose last fact is its ending."""
    last: dict[type, Fact] = {type(fact): fact for fact in facts}
    decided = _last(last, Decided)
    committed = _last(last, Committed)
    identified = _last(last, Identified) or NOBODY
    climbed, capped = _last(last, Climbed) or UNSEEN, _last(last, Capped)
    given = _given(facts) if Given in last else NOTHING_GIVEN
    attempts = _attempts(facts, doubted=Doubted in last)
    passed = NOTHING_PASSED if not call.endpoint.passed else _passed(facts)
    end, code, status = _end(facts[-1] if facts else None, passed.status)
    caller, identity = call.caller, identified.identity
    return Entry(
        id=call.id,
        at=call.at,
        dialect=call.body.dialect,
        stream=call.body.stream,
        endpoint=call.endpoint,
        model=call.body.model,
        key=caller.key.id,
        tenant=caller.key.tenant,
        task=identity.task,
        agent=identity.agent or caller.wishes.agent,
        task_name=identity.name or caller.wishes.task,
        task_source=identity.source,
        task_confidence=identity.confidence,
        parent_task=identity.parent,
        step=identified.step,
        rung=climbed.rung.name,
        signals=climbed.rung.signals,
        evidence=climbed.evidence or ("" if capped is None else capped.evidence),
        given=given.entries,
        handoff=given.handoff,
        mode=decided.mode if decided else caller.key.mode,
        end=end,
        code=code,
        status=status,
        target=committed.target if committed else "",
        cost=NanoUsd(sum(attempt.cost for attempt in attempts)),
        first_content=committed.first_content if committed else None,
        took=Seconds(now - call.began),
        own=committed.own if committed else None,
        baseline=decided.baseline if decided else None,
        digest=digest,
        ask=decided.ask if decided else None,
        situation=decided.situation if decided else None,
        decision=decided.decision if decided else None,
        odds=decided.odds if decided else NO_ODDS,
        left_out=decided.left_out if decided else (),
        attempts=tuple(sorted(attempts, key=_began) if len(attempts) > 1 else attempts),
        skipped=tuple([_skip(each) for each in facts if type(each) is Skipped]),
        replayed="" if (of := _last(last, Replayed)) is None else of.of,
        bytes_in=passed.bytes_in,
        bytes_out=passed.bytes_out,
        waited=waited_of(facts),
        charges=tuple([each.charge for each in facts if type(each) is Charged]),
    )


def _attempts(facts: Sequence[Fact], *, doubted: bool) -> list[Attempt]:
    """Return the attempts, each with what a closer look at its answer showed."""
    found = [fact.attempt for fact in facts if type(fact) is Tried]
    if not doubted:
        return found
    flaws = {(each.target, each.began): each.flaw for each in facts if type(each) is Doubted}
    return [
        msgspec.structs.replace(each, flaw=each.flaw or flaws.get((each.target, each.began), ""))
        for each in found
    ]


def _given(facts: Sequence[Fact]) -> Given:
    """Return all that was put into a call, by whichever layer."""
    found = [each for each in facts if isinstance(each, Given)]
    entries = tuple(dict.fromkeys([entry for each in found for entry in each.entries]))
    return Given(entries=entries, handoff=next((it.handoff for it in found if it.handoff), ""))


def waited_of(facts: Sequence[Fact]) -> Seconds:
    """Return how long a call has waited for places, in all."""
    return Seconds(sum([each.span for each in facts if type(each) is Waited]))


def _last(last: dict[type, Fact], kind: type[Kind]) -> Kind | None:
    """Return the last fact of one kind."""
    found = last.get(kind)
    return found if isinstance(found, kind) else None


def _skip(fact: Skipped) -> str:
    return f"{fact.target}({fact.why})" if fact.why else fact.target


def _passed(facts: Sequence[Fact]) -> Passed:
    return next((each for each in facts if isinstance(each, Passed)), NOTHING_PASSED)


def _began(attempt: Attempt) -> Seconds:
    return attempt.began


def _end(ending: Fact | None, status: int) -> tuple[End, str, int]:
    match ending:
        case Answered():
            return End.ANSWERED, "", status
        case Cut():
            return End.CUT, ending.code, status
        case Failed():
            return End.FAILED, ending.code, ending.status
        case _:
            return End.LEFT, CLIENT_LEFT, LEFT_STATUS

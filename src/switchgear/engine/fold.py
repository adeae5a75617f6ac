"""Fold the facts of one call into its entry on the ledger."""

from collections.abc import Sequence

from switchgear.domain.attempt import Attempt
from switchgear.domain.call import Call
from switchgear.domain.entry import End, Entry
from switchgear.domain.fact import (
    Answered,
    Charged,
    Committed,
    Cut,
    Decided,
    Fact,
    Failed,
    Left,
    Passed,
    Replayed,
    Skipped,
    Tried,
    Waited,
)
from switchgear.domain.units import NanoUsd, Seconds

CLIENT_LEFT = "client_left"
LEFT_STATUS = 499
"""nginx's number for a client that closed its connection; on the ledger only."""
ANSWERED_STATUS = 200
NOTHING_PASSED = Passed(status=ANSWERED_STATUS, bytes_in=0, bytes_out=0)


def fold(call: Call, facts: Sequence[Fact], *, now: Seconds, digest: str) -> Entry:
    """Return the entry of a call whose last fact is its ending."""
    decided: Decided | None = None
    committed: Committed | None = None
    attempts: list[Attempt] = []
    skipped: list[str] = []
    replayed = ""
    ending: Fact | None = None
    for fact in facts:
        match fact:
            case Decided():
                decided = fact
            case Committed():
                committed = fact
            case Tried():
                attempts.append(fact.attempt)
            case Skipped():
                skipped.append(f"{fact.target}({fact.why})" if fact.why else fact.target)
            case Replayed():
                replayed = fact.of
            case Answered() | Cut() | Left() | Failed():
                ending = fact
    passed = NOTHING_PASSED if not call.endpoint.passed else _passed(facts)
    end, code, status = _end(ending, passed.status)
    caller = call.caller
    return Entry(
        id=call.id,
        at=call.at,
        dialect=call.body.dialect,
        stream=call.body.stream,
        endpoint=call.endpoint,
        model=call.body.model,
        key=caller.key.id,
        tenant=caller.key.tenant,
        task=caller.wishes.task,
        agent=caller.wishes.agent,
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
        attempts=tuple(sorted(attempts, key=_began) if len(attempts) > 1 else attempts),
        skipped=tuple(skipped),
        replayed=replayed,
        bytes_in=passed.bytes_in,
        bytes_out=passed.bytes_out,
        waited=waited_of(facts),
        charges=tuple([each.charge for each in facts if type(each) is Charged]),
    )


def waited_of(facts: Sequence[Fact]) -> Seconds:
    """Return how long a call has waited for places, in all."""
    return Seconds(sum([each.span for each in facts if type(each) is Waited]))


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

"""Entries as rows of the tables."""

from typing import Any

import msgspec

from switchgear.adapters.ledgers.pack import pack_ask
from switchgear.domain.attempt import Attempt
from switchgear.domain.decision import Decision
from switchgear.domain.entry import Entry
from switchgear.domain.units import Seconds

MICRO = 1_000_000
"""Spans are whole microseconds."""

DECISION_COLUMNS = """
number, id, at, dialect, stream, mode, model, key, tenant, task, agent, ending, code, status,
target, cost, baseline, input, cached, output, first_content, took, own, digest, situation, ask,
skipped, replayed, endpoint, bytes_in, bytes_out, waited, task_name, task_source, task_confidence,
parent_task, step, rung, signals, evidence, given, handoff, odds, left_out, policy, rule,
strategy, tier, complexity, relaxed, sticky, plan, verdicts, why, propensity, explored
"""
ATTEMPT_COLUMNS = """
decision, number, target, model, code, status, sent, began, first_content, took,
input, cached, cache_written, output, reasoning, estimated, cost, stop, dropped, note,
role, broken, flaw, expected_input, cache_written_1h, service
"""
UNDECIDED = (None,) * 12
UNTOLD = (None,) * 5

Row = tuple[Any, ...]
_encode = msgspec.json.encode
_pack = msgspec.msgpack.encode


class Shared(msgspec.Struct, frozen=True):
    """A policy's row, as far as the rows that refer to it need it."""

    number: int
    targets: tuple[str, ...]
    """In the policy's order."""
    places: dict[str, int]
    """Of each target in that order."""


def add_decision(
    values: list[Any], number: int, entry: Entry, policy: Shared | None, situation: int | None
) -> None:
    """Append a decision's values, in the order of DECISION_COLUMNS.

    Only whole numbers, floats, text and byte arrays are bound as they are; for anything else, even
    a bool or bytes, the driver looks for a converter, which takes longer than all the rest.
    """
    ask, decision = entry.ask, entry.decision
    values += (
        number,
        entry.id,
        entry.at,
        entry.dialect._value_,
        int(entry.stream),
        entry.mode._value_,
        entry.model,
        entry.key,
        entry.tenant,
        entry.task,
        entry.agent,
        entry.end._value_,
        entry.code,
        entry.status,
        entry.target,
        entry.cost,
        entry.baseline,
        *_tokens(entry.attempts),
        _micro(entry.first_content),
        _micro(entry.took),
        _micro(entry.own),
        entry.digest,
        situation,
        None if ask is None else bytearray(pack_ask(ask, entry)),
        " ".join(entry.skipped),
        entry.replayed,
        entry.endpoint._value_,
        entry.bytes_in,
        entry.bytes_out,
        _micro(entry.waited),
        entry.task_name,
        entry.task_source,
        entry.task_confidence,
        entry.parent_task,
        entry.step,
        entry.rung,
        " ".join(entry.signals) if entry.signals else "",
        entry.evidence,
        _encode(entry.given).decode() if entry.given else "",
        entry.handoff,
        bytearray(_pack(entry.odds)) if entry.odds.version else None,
        " ".join(entry.left_out) if entry.left_out else "",
    )
    values += UNDECIDED if decision is None or policy is None else _decided(decision, policy)


def add_attempt(values: list[Any], number: int, place: int, attempt: Attempt) -> None:
    """Append an attempt's values, in the order of ATTEMPT_COLUMNS."""
    usage = attempt.usage
    values += (
        number,
        place,
        attempt.target,
        attempt.model,
        attempt.code,
        attempt.status,
        attempt.sent._value_,
        _micro(attempt.began),
        _micro(attempt.first_content),
        _micro(attempt.took),
    )
    values += (
        UNTOLD
        if usage is None
        else (usage.input, usage.cached, usage.cache_written, usage.output, usage.reasoning)
    )
    values += (
        int(attempt.estimated),
        attempt.cost,
        None if attempt.stop is None else attempt.stop._value_,
        _encode(attempt.dropped).decode() if attempt.dropped else "",
        attempt.note,
        attempt.role._value_,
        attempt.broken,
        attempt.flaw,
        attempt.expected_input,
        0 if usage is None else usage.cache_written_1h,
        "" if usage is None else usage.service,
    )


def _tokens(attempts: tuple[Attempt, ...]) -> tuple[int, int, int]:
    """Return what all attempts read, read from a cache, and wrote."""
    read = cached = written = 0
    for attempt in attempts:
        usage = attempt.usage
        if usage is not None:
            read += usage.input
            cached += usage.cached
            written += usage.output
    return read, cached, written


def _decided(decision: Decision, policy: Shared) -> Row:
    return (
        policy.number,
        decision.rule,
        decision.strategy._value_,
        int(decision.tier),
        decision.complexity,
        ",".join([limit._value_ for limit in decision.relaxed]) if decision.relaxed else "",
        int(decision.sticky),
        *_judged(decision, policy),
        decision.why,
        decision.propensity,
        int(decision.explored),
    )


def _judged(decision: Decision, policy: Shared) -> tuple[str | None, str | bytearray]:
    verdicts = decision.verdicts
    if tuple([each.target for each in verdicts]) == policy.targets:
        places = [policy.places.get(target, -1) for target in decision.plan]
        if -1 not in places:
            letters = "".join([each.reason._value_ for each in verdicts])
            return _encode(places).decode(), letters
    # Not the policy's targets, or not in its order: they are named, each with its letter.
    named = [(each.target, each.reason._value_) for each in verdicts]
    return None, bytearray(_pack((decision.plan, named)))


def _micro(span: Seconds | None) -> int | None:
    return None if span is None else round(span * MICRO)

"""Rows of the tables as entries again."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec

from switchgear.adapters.ledgers.pack import SAID_BY_COLUMNS, unpack_ask, unpack_situation
from switchgear.adapters.ledgers.row import MICRO
from switchgear.domain.attempt import Attempt
from switchgear.domain.decision import Decision, Limit, Reason, Strategy, Verdict
from switchgear.domain.entry import Entry
from switchgear.domain.odds import NO_ODDS, Odds
from switchgear.domain.situation import Situation
from switchgear.domain.target import Tier

SAME = (
    "id",
    "at",
    "dialect",
    "stream",
    "mode",
    "model",
    "key",
    "tenant",
    "task",
    "agent",
    "code",
    "status",
    "target",
    "cost",
    "baseline",
    "digest",
    "replayed",
    "endpoint",
    "bytes_in",
    "bytes_out",
    "task_name",
    "task_source",
    "task_confidence",
    "parent_task",
    "step",
    "rung",
    "evidence",
    "handoff",
)
"""Columns that hold what their field of an entry holds."""

TRIED_SAME = (
    "target",
    "role",
    "model",
    "code",
    "status",
    "sent",
    "estimated",
    "cost",
    "stop",
    "note",
    "broken",
    "flaw",
    "expected_input",
)
"""The same, of an attempt."""

SPANS = ("first_content", "took", "own", "waited")
TRIED_SPANS = ("began", "first_content", "took")
USED = ("input", "cached", "cache_written", "output", "reasoning", "cache_written_1h", "service")

FORMS = 256
"""Of verdicts that are kept at once: most calls are judged like one before."""

SNAPSHOTS = 64
"""Situations that are kept at once: many calls share one."""

_decode_odds = msgspec.msgpack.Decoder(Odds).decode
_decode_given = msgspec.json.Decoder(tuple[tuple[str, int], ...]).decode

Value = Any
Fields = dict[str, Value]
"""Values by the names of their columns."""


def entry_of(row: Fields, tried: Iterable[Fields]) -> Entry:
    """Return the entry of a decision's row, joined with its policy and situation, and its tries."""
    fields: Fields = {name: row[name] for name in SAME}
    fields |= {name: _seconds(row[name]) for name in SPANS}
    fields |= {"end": row["ending"], "stream": bool(row["stream"])}
    said = tuple(fields[name] for name in SAID_BY_COLUMNS)
    return msgspec.structs.replace(
        msgspec.convert(fields, Entry),
        ask=None if row["ask"] is None else unpack_ask(row["ask"], said),
        situation=_situation(row),
        decision=_decision(row),
        attempts=tuple([_attempt(each) for each in tried]),
        skipped=tuple(row["skipped"].split()),
        signals=tuple(row["signals"].split()),
        given=_decode_given(row["given"]) if row["given"] else (),
        odds=NO_ODDS if row["odds"] is None else _decode_odds(row["odds"]),
        left_out=tuple(row["left_out"].split()),
        request=row.get("request"),
    )


def _situation(row: Fields) -> Situation | None:
    if row["readings"] is None:
        return None
    return _unpacked(row["situation_id"], bytes(row["readings"]))


@lru_cache(maxsize=SNAPSHOTS)
def _unpacked(name: str, readings: bytes) -> Situation:
    return unpack_situation(name, readings)


def _decision(row: Fields) -> Decision | None:
    if row["policy"] is None:
        return None
    plan, verdicts = _judged(row)
    relaxed = row["relaxed"].split(",") if row["relaxed"] else ()
    return Decision(
        plan=plan,
        verdicts=verdicts,
        policy=row["version"],
        rule=row["rule"],
        strategy=Strategy(row["strategy"]),
        tier=Tier(row["tier"]),
        complexity=float(row["complexity"]),
        relaxed=tuple([Limit(each) for each in relaxed]),
        sticky=bool(row["sticky"]),
        why=row["why"],
        propensity=1.0 if row["propensity"] is None else row["propensity"],
        explored=bool(row["explored"]),
    )


Judged = tuple[tuple[str, ...], tuple[Verdict, ...]]
"""A plan, and the verdict on every target."""


def _judged(row: Fields) -> Judged:
    if row["plan"] is None:
        plan, named = msgspec.msgpack.decode(row["verdicts"])
        return tuple(plan), _verdicts(named)
    return _judged_in_order(row["targets"], row["plan"], row["verdicts"])


@lru_cache(maxsize=FORMS)
def _judged_in_order(names: str, plan: str, letters: str) -> Judged:
    targets = msgspec.json.decode(names, type=list[str])
    places = msgspec.json.decode(plan, type=list[int])
    return tuple([targets[place] for place in places]), _verdicts(
        zip(targets, letters, strict=True)
    )


def _verdicts(named: Iterable[tuple[str, str]]) -> tuple[Verdict, ...]:
    return tuple([Verdict(target, Reason(letter)) for target, letter in named])


def _attempt(row: Fields) -> Attempt:
    fields: Fields = {name: row[name] for name in TRIED_SAME}
    fields |= {name: _seconds(row[name]) for name in TRIED_SPANS}
    fields["estimated"] = bool(row["estimated"])
    if row["input"] is not None:
        fields["usage"] = {name: row[name] for name in USED}
    if row["dropped"]:
        fields["dropped"] = msgspec.json.decode(row["dropped"])
    return msgspec.convert(fields, Attempt)


def _seconds(micro: int | None) -> float | None:
    return None if micro is None else micro / MICRO

"""Rows of the tables as entries again."""

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from switchgear.adapters.ledgers.pack import SAID_BY_COLUMNS, unpack_ask, unpack_situation
from switchgear.adapters.ledgers.row import MICRO
from switchgear.domain.attempt import Attempt
from switchgear.domain.decision import Decision
from switchgear.domain.entry import Entry
from switchgear.domain.odds import NO_ODDS, Odds
from switchgear.domain.situation import Situation

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

_decode_odds = msgspec.msgpack.Decoder(Odds).decode
_decode_given = msgspec.json.Decoder(tuple[tuple[str, int], ...]).decode

Value = Any
Fields = dict[str, Value]


class Row(Protocol):
    """A row of any driver's: its values by the names of their columns."""

    def __getitem__(self, name: str, /) -> Value:
        """Return one value."""
        ...

    def keys(self) -> Iterable[str]:
        """Return the names."""
        ...


def entry_of(row: Row, tried: Iterable[Row]) -> Entry:
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
        request=row["request"] if "request" in row.keys() else None,  # noqa: SIM118 (no dict)
    )


def _situation(row: Row) -> Situation | None:
    if row["readings"] is None:
        return None
    return unpack_situation(row["situation_id"], row["readings"])


def _decision(row: Row) -> Decision | None:
    if row["policy"] is None:
        return None
    plan, verdicts = _judged(row)
    fields: Fields = {name: row[name] for name in ("rule", "strategy", "tier", "complexity", "why")}
    fields |= {
        "policy": row["version"],
        "sticky": bool(row["sticky"]),
        "propensity": 1.0 if row["propensity"] is None else row["propensity"],
        "explored": bool(row["explored"]),
        "relaxed": row["relaxed"].split(",") if row["relaxed"] else (),
        "plan": plan,
        "verdicts": [{"target": target, "reason": letter} for target, letter in verdicts],
    }
    return msgspec.convert(fields, Decision)


def _judged(row: Row) -> tuple[list[str], list[tuple[str, str]]]:
    if row["plan"] is None:
        plan, verdicts = msgspec.msgpack.decode(row["verdicts"])
        return plan, verdicts
    targets = msgspec.json.decode(row["targets"], type=list[str])
    places = msgspec.json.decode(row["plan"], type=list[int])
    return [targets[place] for place in places], list(zip(targets, row["verdicts"], strict=True))


def _attempt(row: Row) -> Attempt:
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

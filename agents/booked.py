"""What the gateway wrote on its ledger, as a trial looks at it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
from agents.host import DOWN

CALLS = "SELECT stream, status, ending, target, code FROM decisions ORDER BY number"
TASKS = "SELECT DISTINCT task, task_source FROM decisions ORDER BY task, task_source"
ATTEMPTS = "SELECT target, status, code, dropped, note FROM attempts"
OK = 200


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """All rows of one trial."""

    calls: int
    answered: int
    """Rows of calls that the target answered."""
    refused: tuple[str, ...]
    """Codes of the rows that the agent was refused with."""
    streams: int
    failures: int
    """Attempts at the target that is down."""
    dropped: tuple[str, ...]
    """Fields that were not carried to the target that answered."""
    tasks: tuple[tuple[str, str], ...] = ()
    """Which tasks there were, each with what told."""
    flaws: tuple[str, ...]
    """Rows that are not as they should be."""

    @property
    def form(self) -> str:
        """Return in which form answers were asked for."""
        if 0 < self.streams < self.answered:
            return "both"
        return "stream" if self.streams else "whole"


def read(ledger: Path, target: str) -> Booked:
    """Return what is on a ledger on which ``target`` should have answered all."""
    with closing(sqlite3.connect(f"file:{ledger}?mode=rw", uri=True)) as file:
        calls = file.execute(CALLS).fetchall()
        attempts = file.execute(ATTEMPTS).fetchall()
        tasks = file.execute(TASKS).fetchall()
    ours = [json.loads(dropped) for who, *_, dropped, _ in attempts if who == target and dropped]
    flaws = [
        f"call {number}: {status} {ending} {code} by {who!r}"
        for number, (_, status, ending, who, code) in enumerate(calls, 1)
        if not code and (status, ending) != (OK, "answered")
    ]
    flaws += [
        f"attempt at {who}: {status} {code} {note[:200]}"
        for who, status, code, _, note in attempts
        if who != DOWN and status != OK
    ]
    return Booked(
        calls=len(calls),
        answered=sum(who == target for _, _, _, who, _ in calls),
        refused=tuple(code for *_, code in calls if code),
        streams=sum(stream for stream, *_ in calls),
        failures=sum(who == DOWN for who, *_ in attempts),
        dropped=tuple(sorted({name for each in ours for name in each})),
        tasks=tuple(tasks),
        flaws=tuple(flaws),
    )

"""Calls and logs of contexts that lead back to one another."""

from typing import Any

import msgspec

from support.entries import entry
from switchgear.domain.context import EMPTY, Line, Operation, Writer
from switchgear.domain.entry import Entry
from switchgear.domain.units import UnixMs
from switchgear.engine.context import Applied, apply


def log_of(*asked: dict[str, Any]) -> list[Line]:
    """Return the log of a context in which this was done, one after the other.

    Beside its operation each says who did it: ``agent``, ``decision``, ``key_sensitivity``.
    """
    lines, document = [], EMPTY
    for revision, each in enumerate(asked, 1):
        said = {"value": "v", "op": "set", **each}
        by = Writer(agent=said.pop("agent", ""), decision=said.pop("decision", ""))
        there = document.find(said["key"])
        if there is not None and said["op"] in {"set", "delete"} and "merge" not in said:
            said["revision"] = there.revision
        operation = msgspec.convert(said, Operation)
        done = apply(document, [operation], by, revision, UnixMs(revision))
        assert isinstance(done, Applied), done
        document = done.document
        lines += [Line(revision, UnixMs(revision), change) for change in done.changes]
    return lines


def call(name: str, *given: tuple[str, int], step: int = 1, task: str = "tk_1") -> Entry:
    """Return a call that was given entries at revisions."""
    return entry(name, task=task, given=given, step=step, agent=f"agent-{step}")

"""Where tasks, their contexts, hand-offs and tickets are kept: small documents with revisions."""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

import msgspec

from switchgear.domain.units import UnixMs

MOST_BODY = 1_000_000
"""Bytes of one document."""
MOST_FOUND = 1000
"""Documents of one list."""


class PaperKind(Enum):
    """What a document is. The value is stored."""

    TASK = "task"
    CONTEXT = "context"
    HANDOFF = "handoff"
    TICKET = "ticket"
    OUTCOME = "outcome"
    """What was said of one decision; its id is the decision's."""
    BRAIN = "brain"
    """One version of what was learnt."""


class Paper(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One document, at one revision."""

    kind: PaperKind
    id: str
    key: str = ""
    """Id of the key whose it is."""
    tenant: str = ""
    of: str = ""
    """Id of the task that it belongs to; of a task, its parent's."""
    state: str = ""
    """By which it can be looked for: a task's status, a ticket's."""
    due: UnixMs | None = None
    """When something has to be done about it; None for never."""
    made: UnixMs
    revision: int = 1
    """Counts its changes."""
    body: bytes
    """JSON."""


class Note(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One line of the log of a document; lines are only ever added."""

    id: str
    """Of what was done, unique within the document: the same is never done twice."""
    at: UnixMs
    revision: int
    """Of the document, that it led to."""
    body: bytes
    """JSON."""


class Write(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A new revision of one document; the first has 1."""

    paper: Paper
    notes: tuple[Note, ...] = ()
    """Added to its log."""


class Written(Enum):
    """What became of a write."""

    DONE = "done"
    CONFLICT = "conflict"
    """Somebody was quicker: a document is not at the revision before; nothing was written."""
    REPEATED = "repeated"
    """A note of that id is there already; nothing was written."""


class Sought(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Which documents to list; what is None or empty does not filter."""

    kind: PaperKind
    key: str | None = None
    tenant: str | None = None
    of: str = ""
    state: str = ""
    due: UnixMs | None = None
    """Those that were due by then."""
    before: UnixMs | None = None
    """Those made before then, for the next page."""
    limit: int = 100


class Papers(Protocol):
    """Documents, each changed only by whoever has seen its last revision.

    What is written is seen by every process that shares the store. All verbs raise LedgerDown where
    the store is away; then nothing was written.
    """

    async def find(self, kind: PaperKind, name: str) -> Paper | None:
        """Return one document as it is now."""
        ...

    async def write(self, writes: Sequence[Write]) -> Written:
        """Write all of these, or none: each must follow on the revision that is there."""
        ...

    async def list(self, sought: Sought) -> tuple[Paper, ...]:
        """Return the documents that fit, newest first."""
        ...

    async def notes(self, kind: PaperKind, name: str, after: int = 0) -> tuple[Note, ...]:
        """Return the log of one document from revisions above ``after``, oldest first.

        At most MOST_FOUND lines come at once.
        """
        ...

    async def since(self, kind: PaperKind, number: int) -> tuple[int, tuple[Paper, ...]]:
        """Return what was written after a number, as it is now, and the number to go on from.

        Cheap, to be asked every second; at most MOST_FOUND documents come at once. From 0 it
        begins with now: then nothing comes but the number.
        """
        ...

    async def aclose(self) -> None:
        """Let go of the store."""
        ...

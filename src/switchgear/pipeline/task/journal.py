"""The log of a context: one line for each thing that was done to an entry."""

from collections.abc import Callable, Sequence

import msgspec

from switchgear.domain.context import Change, Line, Operation, Writer
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import UnixMs
from switchgear.ports.papers import MOST_FOUND, Note, PaperKind, Papers

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Change).decode


def notes(
    changes: Sequence[Change],
    asked: Sequence[Operation],
    by: Writer,
    revision: int,
    now: UnixMs,
) -> tuple[Note, ...]:
    """Return changes as lines for the store.

    Shapes: the last of ``changes`` are those of ``asked``, one for each.
    """
    first = len(changes) - len(asked)
    names = [f"r:{revision}:{each.place}" for each in changes]
    for place, each in enumerate(asked, first):
        if each.id:
            names[place] = name(by, each.id)
    return tuple(
        [
            Note(id=known, at=now, revision=revision, body=_encode(change))
            for known, change in zip(names, changes, strict=True)
        ]
    )


def name(by: Writer, operation: str) -> str:
    """Return what an operation is called in the log: callers with different keys never meet."""
    return f"c:{by.key}:{operation}"


def line(note: Note) -> Line:
    """Return a line that the store has.

    Raises:
        LedgerDown: it cannot be read.
    """
    try:
        return Line(note.revision, note.at, _decode(note.body))
    except msgspec.MsgspecError:
        raise LedgerDown("What is kept of that context's log cannot be read.") from None


async def read(papers: Papers, task: str, after: int = 0, most: int | None = None) -> list[Line]:
    """Return the lines of a context's log above a revision, oldest first.

    Raises:
        LedgerDown: the log is not known.
    """
    found: list[Line] = []
    await scan(papers, task, lambda note: found.append(line(note)), after, most)
    return found


async def scan(
    papers: Papers,
    task: str,
    see: Callable[[Note], None],
    after: int = 0,
    most: int | None = None,
) -> None:
    """Show the lines of a context's log above a revision, in their order, each once.

    Raises:
        LedgerDown: the log is not known.
    """
    seen: set[str] = set()
    count, full = 0, True
    while full and (most is None or count < most):
        page = await papers.notes(PaperKind.CONTEXT, task, after)
        full = len(page) >= MOST_FOUND
        fresh = sorted([each for each in page if each.id not in seen], key=_order)
        for note in fresh[: None if most is None else most - count]:
            see(note)
        count += len(fresh)
        seen = {each.id for each in page}
        if full:  # of the last revision there may be more
            after = page[-1].revision - 1


def _order(note: Note) -> tuple[int, int]:
    return note.revision, line(note).change.place

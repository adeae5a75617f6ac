"""How a document is a row, and how what is looked for is a query: alike in every database."""

from collections.abc import Sequence

from switchgear.domain.units import UnixMs
from switchgear.ports.papers import MOST_FOUND, Note, Paper, PaperKind, Sought, Write, Written

PAPERS = "SELECT kind, id, owner, tenant, task, state, due, made, revision, body FROM papers WHERE"
"""The columns of a document, in order; what is looked for follows."""
NEWEST_FIRST = "ORDER BY made DESC, id DESC LIMIT"
FIRST = 1
"""The number before the first change; 0 is what nobody has been told yet."""

Value = str | int | bytes | None
Row = Sequence[Value]


def row_of(paper: Paper) -> tuple[Value, ...]:
    """Return a document as its columns."""
    return (
        paper.kind.value,
        paper.id,
        paper.key,
        paper.tenant,
        paper.of,
        paper.state,
        paper.due,
        paper.made,
        paper.revision,
        paper.body,
    )


def paper_of(row: Row) -> Paper:
    """Return the document that a row holds.

    Raises:
        ValueError: its kind is one of a newer version.
    """
    kind, name, owner, tenant, task, state, due, made, revision, body = row
    return Paper(
        kind=PaperKind(kind),
        id=str(name),
        key=str(owner),
        tenant=str(tenant),
        of=str(task),
        state=str(state),
        due=None if due is None else UnixMs(whole(due)),
        made=UnixMs(whole(made)),
        revision=whole(revision),
        body=_bytes(body),
    )


def note_of(row: Row) -> Note:
    """Return the line of a log that a row holds."""
    name, at, revision, body = row
    return Note(id=str(name), at=UnixMs(whole(at)), revision=whole(revision), body=_bytes(body))


def wanted(sought: Sought) -> tuple[tuple[str, Value], ...]:
    """Return the conditions on the columns, each with one place, and what is put there."""
    asked: tuple[tuple[str, Value], ...] = (
        ("kind = ", sought.kind.value),
        ("owner = ", sought.key),
        ("tenant = ", sought.tenant),
        ("task = ", sought.of or None),
        ("state = ", sought.state or None),
        ("due <= ", sought.due),
        ("made < ", sought.before),
    )
    return tuple([(column, value) for column, value in asked if value is not None])


def page(sought: Sought) -> int:
    """Return how many documents come at once."""
    return max(0, min(sought.limit, MOST_FOUND))


def at_odds(writes: Sequence[Write]) -> Written | None:
    """Return what is wrong with writes among themselves: two lines, or two documents, are one."""
    notes = [(it.paper.kind, it.paper.id, note.id) for it in writes for note in it.notes]
    if len(set(notes)) < len(notes):
        return Written.REPEATED
    if len({(it.paper.kind, it.paper.id) for it in writes}) < len(writes):
        return Written.CONFLICT
    return None


def whole(value: Value) -> int:
    """Return a column that holds a whole number.

    Raises:
        ValueError: it does not.
    """
    if isinstance(value, int):
        return value
    raise ValueError("not a whole number")


def _bytes(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    raise ValueError("not bytes")

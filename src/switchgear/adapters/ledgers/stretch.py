"""Entries in the order in which they came, a page at a time, past rows that cannot be read."""

import zlib
from collections.abc import Mapping, Sequence

import msgspec

from switchgear.adapters.ledgers.entry import Fields, entry_of
from switchgear.domain.entry import Entry
from switchgear.domain.units import UnixMs

UNREADABLE = (msgspec.DecodeError, zlib.error, ValueError, TypeError, LookupError, AttributeError)
"""What rows raise that some other hand has changed, or another release has written."""


class Place(msgspec.Struct, frozen=True):
    """Of a row among all."""

    at: UnixMs
    number: int


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """How rows are read."""

    limit: int
    way: str = "DESC"
    body: str = ""
    """The column of request bodies, where they are wanted."""
    beyond: str = "true"
    """Where the rows begin."""


class Part(msgspec.Struct, frozen=True):
    """Some of the rows: all calls of one task are in one part, and each call is in one."""

    number: int = 0
    """From 0."""
    of: int = 1


WHOLE = Part()
TELLS = "(CASE WHEN d.task = '' THEN d.id ELSE d.task END)"
"""What tells which part a row is in: the last letter is as good as drawn."""


def onward(limit: int, after: Place, part: str = "") -> Form:
    """Return the form of the rows after a place, oldest first; the figures are our own."""
    beyond = f"(d.at, d.number) > ({after.at:d}, {after.number:d})"
    return Form(limit=limit, way="ASC", beyond=f"{beyond} AND {part}" if part else beyond)


BEFORE_ALL = Place(UnixMs(-1), -1)


class Stretch(msgspec.Struct, frozen=True):
    """One page."""

    entries: tuple[Entry, ...]
    """Oldest first."""
    unread: int
    """Rows among them that could not be read."""
    last: Place | None
    """Where the next page goes on from; None after the last row."""


def stretch_of(rows: Sequence[Fields], tried: Mapping[int, Sequence[Fields]]) -> Stretch:
    """Return the entries of these rows, and how many are none."""
    entries: list[Entry] = []
    for row in rows:
        try:
            entries.append(entry_of(row, tried[row["number"]]))
        except UNREADABLE:
            continue
    last = Place(rows[-1]["at"], rows[-1]["number"]) if rows else None
    return Stretch(tuple(entries), len(rows) - len(entries), last)

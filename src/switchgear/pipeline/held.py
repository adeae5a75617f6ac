"""Pieces that came and may not go on yet."""

from collections import deque
from collections.abc import Iterable

from switchgear.domain.event import Event, TextDelta, ThinkingDelta, ToolDelta
from switchgear.domain.piece import Piece

MOST_BYTES = 8_000_000
"""Held back of one answer; what is longer goes on as it comes."""
MANY = 8
"""Events of one piece that are put together at once."""
FOLDED = 512
"""Pieces that are folded into one: a long answer comes in very many."""


class Held(deque[Piece]):
    """A queue of pieces whose memory grows with their bytes, not with their number."""

    __slots__ = ("_loose", "bytes")

    def __init__(self) -> None:
        """Start with none."""
        self._loose = 0
        """At the end, not folded yet."""
        self.bytes = 0
        """All that was ever held."""

    def add(self, piece: Piece) -> None:
        """Hold one more."""
        self.bytes += len(piece.raw or b"")
        if len(piece.seen) > MANY:
            piece = _one([piece])
        if self._loose == FOLDED:
            loose = [self.pop() for _ in range(min(FOLDED, len(self)))]
            self.append(_one(loose[::-1]))
            self._loose = 0
        self.append(piece)
        self._loose += 1


def _one(pieces: Iterable[Piece]) -> Piece:
    """Return one piece with the bytes and the events of all."""
    raw = b"".join([each.raw or b"" for each in pieces])
    return Piece(raw, merged(event for each in pieces for event in each.seen))


def merged(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return the same events, with parts of one thing that follow each other put together."""
    found: list[Event] = []
    run: list[TextDelta | ThinkingDelta | ToolDelta] = []
    for event in events:
        part = event if isinstance(event, TextDelta | ThinkingDelta | ToolDelta) else None
        if run and (part is None or not _same(run[0], part)):
            found.append(_joined(run))
            run = []
        if part is None:
            found.append(event)
        else:
            run.append(part)
    return (*found, _joined(run)) if run else tuple(found)


def _same(one: Event, other: Event) -> bool:
    if isinstance(one, ToolDelta) and isinstance(other, ToolDelta):
        return one.index == other.index
    return type(one) is type(other)


def _joined(run: list[TextDelta | ThinkingDelta | ToolDelta]) -> Event:
    first = run[0]
    if isinstance(first, ToolDelta):
        json = "".join([each.json for each in run if isinstance(each, ToolDelta)])
        return ToolDelta(index=first.index, json=json)
    return type(first)("".join([each.text for each in run if not isinstance(each, ToolDelta)]))

"""Marks of turns, by which a client's list is known again however it was cut."""

from collections.abc import Sequence

from switchgear.domain.turn import Document, Image, Part, Text, ToolResult, ToolUse, Turn
from switchgear.engine.loop.digest import bytes_of, digest

ENDS = 64
"""Characters of a text that are looked at, at its start and at its end."""


def mark_at(turns: Sequence[Turn], place: int) -> bytes:
    """Return the digest of a turn and the one before it, without thoughts: clients leave them out.

    One turn alone would not do: many say no more than "yes".
    """
    pieces: list[str] = []
    for turn in turns[place - 1 if place else 0 : place + 1]:
        pieces.append(turn.role.value)
        for part in turn.parts:
            _add(part, pieces)
    return digest(bytes_of("\x1f".join(pieces)))


def _add(part: Part, pieces: list[str]) -> None:
    if isinstance(part, Text):
        _add_text(part.text, pieces)
    elif isinstance(part, ToolUse):
        pieces += (part.id, part.name)
        _add_text(part.arguments, pieces)
    elif isinstance(part, ToolResult):
        pieces.append(part.id)
        for each in part.parts:
            _add(each, pieces)
    elif isinstance(part, (Image, Document)):
        _add_text(part.url or part.data, pieces)


def _add_text(text: str, pieces: list[str]) -> None:
    if len(text) <= 2 * ENDS:
        pieces.append(text)
    else:
        pieces += (str(len(text)), text[:ENDS], text[-ENDS:])

"""What the turns of a conversation hold, one by one, still with what was said."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.turn import Part, Role, Text, ToolResult, ToolUse, Turn
from switchgear.engine.loop.mark import mark_at
from switchgear.engine.loop.move import Kind
from switchgear.engine.loop.start import Start, size_of

UNKNOWN = ToolUse(id="", name="", arguments="")
"""Stands for a call whose result is there, and which is not."""
HARNESS = ("<", "[")
"""What text beside tool results begins with that an agent's program put there, and no human."""
LONGEST_CONTENT = 4_096
"""Characters of a picture or document that are looked at."""


class Frame(msgspec.Struct, frozen=True, gc=False):
    """Where something was done."""

    turn: int
    mark: bytes
    place: int
    chars: int
    early: bool
    """No turn of the assistant's stands before it in the list."""


class Deed(msgspec.Struct, frozen=True, gc=False):
    """One tool call with its result, or what was said in one turn."""

    kind: Kind
    frame: Frame
    text: str
    """What was said; of a call, its result."""
    use: ToolUse = UNKNOWN
    failed: bool = False
    aside: bool = False
    """It stands beside results of tools."""


def gather(turns: Sequence[Turn], start: Start) -> list[Deed]:
    """Return what the turns from ``start`` on hold."""
    deeds: list[Deed] = []
    turn, chars = start.turn, start.chars
    uses = _uses(turns[start.place - 1]) if start.place else []
    early, spoke = not start.place, False
    for place in range(start.place, len(turns)):
        each = turns[place]
        chars += size_of(each.parts)
        role = each.role
        if role is Role.SYSTEM:
            spoke = False
        elif role is Role.ASSISTANT:
            turn += not spoke
            uses = uses + _uses(each) if spoke else _uses(each)
            early, spoke = False, True
            said = _said(each)
            if said:
                frame = Frame(turn, mark_at(turns, place), place, chars, early)
                deeds.append(Deed(Kind.TEXT, frame, said))
        else:
            spoke = False
            frame = Frame(turn, mark_at(turns, place), place, chars, early)
            _add_user(each, frame, uses, deeds)
    return deeds


def _add_user(turn: Turn, frame: Frame, uses: list[ToolUse], deeds: list[Deed]) -> None:
    aside = False
    for part in turn.parts:
        if isinstance(part, ToolResult):
            aside = True
            use = _use_of(part, uses)
            deeds.append(Deed(Kind.CALL, frame, _content(part.parts), use, part.failed))
    said = _said(turn)
    if said and not (aside and said.startswith(HARNESS)):
        deeds.append(Deed(Kind.HUMAN, frame, said, aside=aside))


def _said(turn: Turn) -> str:
    texts = [part.text for part in turn.parts if isinstance(part, Text)]
    return "\n".join(texts).strip() if texts else ""


def _use_of(result: ToolResult, uses: list[ToolUse]) -> ToolUse:
    """Return the call that a result is of, and take it out: ids may be the same, or missing."""
    for place, use in enumerate(uses):
        if use.id == result.id:
            return uses.pop(place)
    return uses.pop(0) if uses and not result.id else UNKNOWN


def _content(parts: Sequence[Part]) -> str:
    if len(parts) == 1 and isinstance(parts[0], Text):
        return parts[0].text
    return "\n".join([_text(part) for part in parts])


def _text(part: Part) -> str:
    if isinstance(part, Text):
        return part.text
    content = getattr(part, "url", "") or getattr(part, "data", "")
    return f"{len(content)} {content[:LONGEST_CONTENT]}"


def _uses(turn: Turn) -> list[ToolUse]:
    return [part for part in turn.parts if isinstance(part, ToolUse)]

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


class Deed(msgspec.Struct, frozen=True, gc=False):
    """One part of a turn, or its texts together."""

    kind: Kind
    turn: int
    mark: bytes
    place: int
    chars: int
    text: str
    """What was said; of a call, its result."""
    use: ToolUse = UNKNOWN
    failed: bool = False
    early: bool = False
    """No turn of the assistant's stands before it in the list."""
    aside: bool = False
    """It stands beside results of tools."""


def gather(turns: Sequence[Turn], start: Start) -> list[Deed]:
    """Return what the turns from ``start`` on hold, each call with its result."""
    deeds: list[Deed] = []
    turn, chars = start.turn, start.chars
    open_uses = _uses(turns[start.place - 1]) if start.place else []
    early = not start.place
    spoke = False
    for place in range(start.place, len(turns)):
        each = turns[place]
        chars += size_of(each.parts)
        if each.role is Role.ASSISTANT:
            turn += not spoke
            early = False
            open_uses = open_uses + _uses(each) if spoke else _uses(each)
        spoke = each.role is Role.ASSISTANT
        if each.role is not Role.SYSTEM:
            frame = Deed(Kind.TEXT, turn, mark_at(turns, place), place, chars, "", early=early)
            _add(each, frame, open_uses, deeds)
    return deeds


def _add(turn: Turn, frame: Deed, open_uses: list[ToolUse], deeds: list[Deed]) -> None:
    spoken = []
    results = 0
    for part in turn.parts:
        if isinstance(part, ToolResult):
            results += 1
            deeds.append(_call(part, frame, open_uses))
        elif isinstance(part, Text):
            spoken.append(part.text)
    said = "\n".join(spoken).strip() if spoken else ""
    if not said or (results and said.startswith(HARNESS)):
        return
    kind = Kind.TEXT if turn.role is Role.ASSISTANT else Kind.HUMAN
    deeds.append(
        Deed(
            kind,
            frame.turn,
            frame.mark,
            frame.place,
            frame.chars,
            said,
            early=frame.early,
            aside=results > 0,
        )
    )


def _call(result: ToolResult, frame: Deed, open_uses: list[ToolUse]) -> Deed:
    use = next((use for use in open_uses if use.id == result.id), None)
    if use is None:
        use = UNKNOWN if result.id or not open_uses else open_uses[0]
    if use is not UNKNOWN:
        open_uses.remove(use)
    return Deed(
        Kind.CALL,
        frame.turn,
        frame.mark,
        frame.place,
        frame.chars,
        _content(result.parts),
        use,
        result.failed,
    )


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

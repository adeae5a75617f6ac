"""What was done in a task so far: its last tool calls and words, read as its calls pass."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.handoff import MOST_ARGUMENTS, MOST_DEEDS, MOST_RESULT, MOST_SAID, Deed
from switchgear.domain.turn import Role, Text, ToolResult, ToolUse, Turn
from switchgear.engine.loop.argument import ask_of
from switchgear.engine.loop.digest import bytes_of, digest
from switchgear.engine.loop.result import result_digest

MOST_TURNS = 256
"""Turns that are looked back over in one call."""
HELD = 300
"""Letters that stand for all else of one deed."""
MOST_HEADS = 4
"""Turns among which a list's first words of a user are looked for: by these it is known again."""
MOST_MARKED = 200
"""Letters of a turn by which it is known again."""
CUT = "…"


class History(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """All of it that is kept; bounded."""

    deeds: tuple[Deed, ...] = ()
    """Oldest first."""
    said: str = ""
    """The assistant's last words."""
    turns: int = 0
    """How long the last conversation was."""

    size: int = 0
    """Letters, and what holds them."""


NOTHING_DONE = History()


def hear(history: History, turns: Sequence[Turn], agent: str) -> tuple[History, tuple[Deed, ...]]:
    """Return the history with what is new in a conversation, and that by itself, oldest first.

    It is read from its end back to what is known already: a longer conversation costs no more.
    Calls that have no result yet were not made.
    """
    fresh, said = _fresh(history, turns, agent)
    if not fresh and said in {"", history.said} and len(turns) == history.turns:
        return history, ()
    found = told(history, said)
    if not fresh:
        return msgspec.structs.replace(found, turns=len(turns)), ()
    whole = (*history.deeds, *fresh)
    deeds, gone = whole[-MOST_DEEDS:], whole[:-MOST_DEEDS]
    size = found.size + sum(map(_size, fresh)) - sum(map(_size, gone))
    return History(deeds=deeds, said=found.said, turns=len(turns), size=size), fresh


def told(history: History, said: str) -> History:
    """Return the history with the assistant's last words, as far as there are any."""
    if said in {"", history.said}:
        return history
    size = history.size + len(said) - len(history.said)
    return msgspec.structs.replace(history, said=said, size=size)


def _size(deed: Deed) -> int:
    return len(deed.arguments) + len(deed.result) + HELD


def shortened(text: str, most: int) -> str:
    """Return a text, or its beginning and a mark that more was there."""
    return text if len(text) <= most else text[: most - 1] + CUT


def _fresh(history: History, turns: Sequence[Turn], agent: str) -> tuple[tuple[Deed, ...], str]:
    known = {each.mark for each in history.deeds}
    least = max(0, len(turns) - MOST_TURNS)
    if len(turns) >= history.turns:  # what stands before has been looked at
        least = max(least, history.turns - 2)
    results: dict[str, ToolResult] = {}
    found: list[Deed] = []
    said = ""
    whose = next((_marked(turn) for turn in turns[:MOST_HEADS] if turn.role is Role.USER), "")
    for at in range(len(turns) - 1, least - 1, -1):
        turn = turns[at]
        if turn.role is Role.USER:
            results |= {it.id: it for it in turn.parts if isinstance(it, ToolResult)}
        if turn.role is not Role.ASSISTANT:
            continue
        said = said or _words(turn)
        place = f"{whose}\0{_marked(turns[at - 1]) if at else ''}"
        made = [
            (use, result, _mark(use, place))
            for use in turn.parts
            if isinstance(use, ToolUse) and (result := results.pop(use.id, None)) is not None
        ]
        new = [each for each in made if each[2] not in known]
        found[:0] = [_deed(*each, agent) for each in new]
        if len(found) >= MOST_DEEDS or len(new) < len(made):
            break
    return tuple(found[-MOST_DEEDS:]), shortened(said, MOST_SAID)


def _mark(use: ToolUse, place: str) -> bytes:
    return digest(bytes_of(f"{use.id}\0{use.name}\0{use.arguments}\0{place}"))


def _deed(use: ToolUse, result: ToolResult, mark: bytes, agent: str) -> Deed:
    text = "\n".join([part.text for part in result.parts if isinstance(part, Text)])
    return Deed(
        tool=shortened(use.name, MOST_ARGUMENTS),
        arguments=shortened(use.arguments, MOST_ARGUMENTS),
        result=shortened(text, MOST_RESULT),
        failed=result.failed,
        agent=agent,
        mark=mark,
        ask=ask_of(use.name, use.arguments),
        answer=result_digest(text),
    )


def _marked(turn: Turn) -> str:
    """Return words by which a turn is known again; ids of calls are not unique by themselves."""
    found = []
    for part in turn.parts[:4]:
        if isinstance(part, Text):
            found.append(part.text[:MOST_MARKED])
        elif isinstance(part, ToolResult):
            found.append(part.id)
            found += [it.text[:MOST_MARKED] for it in part.parts[:1] if isinstance(it, Text)]
    return "\0".join(found)


def _words(turn: Turn) -> str:
    return "\n".join([part.text for part in turn.parts if isinstance(part, Text)]).strip()

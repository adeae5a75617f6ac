"""Finds where in a client's list begins what is not known yet."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.turn import Part, Role, Text, ToolResult, ToolUse, Turn
from switchgear.engine.loop.mark import mark_at
from switchgear.engine.loop.move import Move
from switchgear.engine.loop.ring import MOST_MOVES, Ring

MOST_TURNS = 96
"""At the end of a list in which something known is looked for."""


class Start(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where reading begins."""

    place: int
    """Of the first turn that is read."""
    turn: int
    """The assistant's turns until then, over the task."""
    chars: int
    """Characters of the list until then."""
    lost: tuple[Move, ...] = ()
    """Moves in the ring that may come again in what is read."""
    cut: bool = False
    """The client sent less than before."""
    shared: bool = True
    """The list goes on from one that is known."""
    by: str = ""
    """Who called with that."""


def start_of(turns: Sequence[Turn], ring: Ring, agent: str) -> Start:
    """Return where reading begins; at the end, if all is known."""
    last = _last_read(ring)
    if last is None:
        return _anew(turns, Start(place=0, turn=_turn(ring), chars=0))
    if last.place < len(turns) and mark_at(turns, last.place) == last.mark:
        return Start(place=last.place + 1, turn=_turn(ring), chars=last.chars, by=last.agent)
    cut = len(turns) <= last.place and last.agent == agent
    known = {move.mark: move for move in ring.moves if move.mark}
    for place in range(len(turns) - 1, max(len(turns) - MOST_TURNS, 0) - 1, -1):
        found = known.get(mark_at(turns, place))
        if found is not None:
            moved = place != found.place
            return Start(
                place=place + 1,
                turn=_turn(ring),
                chars=_chars(turns[: place + 1]) if moved else found.chars,
                lost=ring.moves[ring.moves.index(found) + 1 :],
                cut=cut and moved,
                by=found.agent,
            )
    begin = Start(place=0, turn=_turn(ring), chars=0, lost=ring.moves, cut=cut, shared=False)
    return _anew(turns, begin)


def size_of(parts: Sequence[Part]) -> int:
    """Return the characters of the texts in a turn."""
    size = 0
    for part in parts:
        if isinstance(part, Text):
            size += len(part.text)
        elif isinstance(part, ToolUse):
            size += len(part.arguments)
        elif isinstance(part, ToolResult):
            size += size_of(part.parts)
    return size


def _anew(turns: Sequence[Turn], start: Start) -> Start:
    """Return where reading of an unknown list begins, to give no more than a ring holds."""
    place, moves = len(turns), 0
    while place and moves < MOST_MOVES:
        place -= 1
        moves += len(turns[place].parts) or 1
    if place == 0:
        return start
    skipped = turns[:place]
    turn = start.turn + sum(
        each.role is Role.ASSISTANT and (not at or turns[at - 1].role is not Role.ASSISTANT)
        for at, each in enumerate(skipped)
    )
    return msgspec.structs.replace(start, place=place, turn=turn, chars=_chars(skipped))


def _chars(turns: Sequence[Turn]) -> int:
    return sum([size_of(turn.parts) for turn in turns])


def _last_read(ring: Ring) -> Move | None:
    for move in reversed(ring.moves):
        if move.mark:
            return move
    return None


def _turn(ring: Ring) -> int:
    return ring.moves[-1].turn if ring.moves else 0

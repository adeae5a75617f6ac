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
    if _stands(turns, last) and _is_sure(turns, ring, last):
        return Start(place=last.place + 1, turn=_turn(ring), chars=last.chars, by=last.caller)
    cut = len(turns) <= last.place and last.caller == agent
    place, at = _aligned(turns, ring)
    if place < 0:
        begin = Start(place=0, turn=_turn(ring), chars=0, lost=ring.moves, cut=cut, shared=False)
        return _anew(turns, begin)
    found = ring.moves[at]
    moved = place != found.place
    return Start(
        place=place + 1,
        turn=_turn(ring),
        chars=_chars(turns[: place + 1]) if moved else found.chars,
        lost=ring.moves[at + 1 :],
        cut=cut and moved,
        by=found.caller,
    )


def _aligned(turns: Sequence[Turn], ring: Ring) -> tuple[int, int]:
    """Return the turn up to which a list is known, and the last move that was read from it.

    That is the turn that was read last, and if it may be several, the one with most turns before
    it that are known too, one by one; of these the first, as a call mostly brings something new.
    Both are -1 where nothing is known.
    """
    marks, ends = _marks(ring)
    last = {mark: at for at, mark in enumerate(marks)}
    places = range(max(len(turns) - MOST_TURNS, 0), len(turns))
    spoken = [place for place in places if _speaks(turns[place])]
    listed = [mark_at(turns, place) for place in spoken]
    best, found = (-1, 0), -1
    for at, mark in enumerate(listed):
        if mark in last:
            known, same = last[mark], 1
            while same <= min(known, at) and marks[known - same] == listed[at - same]:
                same += 1
            if (known, same) > best:
                best, found = (known, same), spoken[at]
    return found, ends[best[0]] if found >= 0 else -1


def _marks(ring: Ring) -> tuple[list[bytes], list[int]]:
    """Return the marks of the turns in a ring, and where the last move of each stands."""
    marks: list[bytes] = []
    ends: list[int] = []
    for at, move in enumerate(ring.moves):
        if not move.mark:
            continue
        if marks and marks[-1] == move.mark and ring.moves[ends[-1]].place == move.place:
            ends[-1] = at
        else:
            marks.append(move.mark)
            ends.append(at)
    return marks, ends


def _speaks(turn: Turn) -> bool:
    """Whether a turn gives moves."""
    if turn.role is Role.ASSISTANT:
        return any(isinstance(part, Text) for part in turn.parts)
    return turn.role is Role.USER


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


def _stands(turns: Sequence[Turn], move: Move) -> bool:
    """Whether the turn that a move was read from stands where it stood."""
    return move.place < len(turns) and mark_at(turns, move.place) == move.mark


def _is_sure(turns: Sequence[Turn], ring: Ring, last: Move) -> bool:
    """Whether it cannot be that a window moved on over turns that are the same over and over."""
    known = [each for each in ring.moves if each.mark and each.caller == last.caller]
    before = next((each for each in reversed(known) if each.place != last.place), last)
    if not _stands(turns, before):
        return False
    again = any(each.mark == last.mark and each.place != last.place for each in known)
    return not again or all(_stands(turns, each) for each in known)


def _last_read(ring: Ring) -> Move | None:
    for move in reversed(ring.moves):
        if move.mark:
            return move
    return None


def _turn(ring: Ring) -> int:
    return ring.moves[-1].turn if ring.moves else 0

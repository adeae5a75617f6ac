"""Reads from a conversation what happened in it that is not known yet."""

from switchgear.domain.turn import Conversation
from switchgear.engine.loop.deed import gather
from switchgear.engine.loop.digest import bytes_of, digest
from switchgear.engine.loop.handoff import named
from switchgear.engine.loop.mark import mark_at
from switchgear.engine.loop.move import Kind, Move
from switchgear.engine.loop.ring import Ring
from switchgear.engine.loop.settle import settle
from switchgear.engine.loop.start import Start, start_of


def moves_of(talk: Conversation, ring: Ring, agent: str = "") -> tuple[Move, ...]:
    """Return what is in the conversation and not in the ring, oldest first.

    ``agent`` is who calls, as far as that is known. The work grows with what is new; of a list that
    is not known at all only as much is read as a ring holds.
    """
    caller = named(agent) if agent else ""
    start = start_of(talk.turns, ring, caller)
    moves = settle(gather(talk.turns, start), start, ring, caller)
    return (
        *_cut(start, ring, caller),
        *moves,
        *_taken(start, ring, moves, caller),
        *_again(talk, ring, caller),
    )


def refusal_of(talk: Conversation, ring: Ring, agent: str = "") -> Move:
    """Return the move of our own final refusal of a request, for the ring.

    A refusal that says when to come again is none: it is not futile to obey it.
    """
    return _ours(Kind.REFUSAL, ring, request=request_digest(talk), agent=named(agent))


def handoff_of(sender: str, receiver: str, ring: Ring) -> Move:
    """Return the move of a hand-off that we were told of in so many words, for the ring."""
    turn, giver = ring.moves[-1].turn if ring.moves else 0, named(sender)
    return Move(
        kind=Kind.HANDOFF, turn=turn, agent=giver, caller=giver, giver=giver, to=named(receiver)
    )


def request_digest(talk: Conversation) -> bytes:
    """Return what a request is known again by, when it comes as it came before."""
    turns = talk.turns
    last = mark_at(turns, len(turns) - 1) if turns else b""
    choice = talk.tool_choice.choice.value if talk.tool_choice else ""
    return digest(last + bytes_of(f"{len(turns)} {len(talk.tools)} {choice} {talk.model}"))


def _cut(start: Start, ring: Ring, agent: str) -> tuple[Move, ...]:
    """Return that the list was cut, if it was."""
    if not start.cut:
        return ()
    turn = ring.moves[-1].turn if ring.moves else 0
    return (Move(kind=Kind.CUT, turn=turn, agent=agent, caller=agent),)


def _taken(start: Start, ring: Ring, moves: tuple[Move, ...], agent: str) -> tuple[Move, ...]:
    """Return the hand-off, where another agent goes on with a list than had it before."""
    if not agent or not start.by or start.by == agent or _has((*ring.moves, *moves), agent):
        return ()
    turn = moves[-1].turn if moves else start.turn
    return (
        Move(kind=Kind.HANDOFF, turn=turn, agent=agent, caller=agent, giver=start.by, to=agent),
    )


def _has(moves: tuple[Move, ...], agent: str) -> bool:
    """Whether the last hand-off was to that agent, so that its call is no further one."""
    for move in reversed(moves):
        if move.to:
            return move.to == agent
    return False


def _again(talk: Conversation, ring: Ring, agent: str) -> tuple[Move, ...]:
    """Return the retry, where this very request was refused."""
    refused = [move.result for move in ring.moves if move.kind is Kind.REFUSAL]
    if not refused or (request := request_digest(talk)) not in refused:
        return ()
    return (_ours(Kind.RETRY, ring, request=request, agent=agent),)


def _ours(kind: Kind, ring: Ring, *, request: bytes, agent: str) -> Move:
    turn = ring.moves[-1].turn if ring.moves else 0
    return Move(kind=kind, turn=turn, agent=agent, caller=agent, result=request)

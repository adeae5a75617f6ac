"""How hard a hand-off is on the agent that goes on: watched from its first call."""

from collections.abc import Iterable, Sequence
from statistics import median

import msgspec

from switchgear.domain.handoff import Deed, Friction, Handoff, HandoffState
from switchgear.domain.units import Seconds, Tokens

MOST_CALLS = 64
"""Of the receiver's, that are watched."""
NOBODY = Friction()


class Watched(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One hand-off, while it is watched."""

    sender: str
    receiver: str
    handoff: str = ""
    """Its id; empty where nobody said that it is one."""
    began: Seconds
    """When the receiver called first."""
    last: Seconds
    asks: frozenset[bytes] = frozenset()
    """Digests of what the sender had asked of tools,"""
    answers: frozenset[bytes] = frozenset()
    """and of what it was given."""
    friction: Friction = NOBODY

    @property
    def over(self) -> bool:
        """Whether enough was seen."""
        return self.friction.calls >= MOST_CALLS

    @property
    def reading(self) -> bool:
        """Whether the receiver still has nothing new: what its calls take in, it reads again."""
        return self.friction.turns is None


def began(
    sender: str, receiver: str, deeds: Sequence[Deed], now: Seconds, handoff: str = ""
) -> Watched:
    """Return the watch over a hand-off, at the receiver's first call.

    Shapes: ``deeds`` is all that was done before, as far as that is known.
    """
    return Watched(
        sender=sender,
        receiver=receiver,
        handoff=handoff,
        began=now,
        last=now,
        asks=frozenset([each.ask for each in deeds]),
        answers=frozenset([each.answer for each in deeds]),
        friction=Friction(calls=1),
    )


def stepped(watched: Watched, fresh: Sequence[Deed], now: Seconds) -> Watched:
    """Return the watch after another call of the receiver's, which brought these tool calls."""
    before = watched.friction
    repeated = sum(each.ask in watched.asks for each in fresh)
    turns, seconds = before.turns, before.seconds
    if turns is None and any(each.answer not in watched.answers for each in fresh):
        turns, seconds = before.calls, Seconds(now - watched.began)
    friction = msgspec.structs.replace(
        before,
        calls=before.calls + 1,
        repeated=before.repeated + repeated,
        turns=turns,
        seconds=seconds,
    )
    return msgspec.structs.replace(watched, friction=friction, last=now)


def reread(watched: Watched, tokens: Tokens) -> Watched:
    """Return the watch once it is known what a call has taken in."""
    if not watched.reading:
        return watched
    before = watched.friction
    friction = msgspec.structs.replace(before, reread=Tokens(before.reread + tokens))
    return msgspec.structs.replace(watched, friction=friction)


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """What hand-offs from one agent to another have cost: medians of all that were watched."""

    sender: str
    receiver: str
    count: int = 0
    """Hand-offs, said and unsaid."""
    said: int = 0
    watched: int = 0
    reread: float = 0.0
    """Tokens."""
    repeated: float = 0.0
    """Tool calls."""
    turns: float | None = None
    """None where no receiver came to a new result."""
    seconds: float | None = None


def edges_of(handoffs: Iterable[Handoff]) -> tuple[Edge, ...]:
    """Return one for each pair of agents, the busiest first."""
    found: dict[tuple[str, str], list[Handoff]] = {}
    for each in handoffs:
        found.setdefault((each.sender, each.receiver), []).append(each)
    edges = [_edge(sender, receiver, some) for (sender, receiver), some in found.items()]
    return tuple(sorted(edges, key=lambda it: (-it.count, it.sender, it.receiver)))


def _edge(sender: str, receiver: str, handoffs: Sequence[Handoff]) -> Edge:
    frictions = [each for handoff in handoffs for each in handoff.friction]
    turns = [each.turns for each in frictions if each.turns is not None]
    seconds = [each.seconds for each in frictions if each.seconds is not None]
    return Edge(
        sender=sender,
        receiver=receiver,
        count=sum(each.times for each in handoffs),
        said=sum(each.state is not HandoffState.IMPLICIT for each in handoffs),
        watched=len(frictions),
        reread=median([each.reread for each in frictions]) if frictions else 0.0,
        repeated=median([each.repeated for each in frictions]) if frictions else 0.0,
        turns=median(turns) if turns else None,
        seconds=median(seconds) if seconds else None,
    )

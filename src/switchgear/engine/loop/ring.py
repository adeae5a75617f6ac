"""The last moves of one task."""

import msgspec

from switchgear.engine.loop.move import Kind, Move

MOST_MOVES = 64
OURS = frozenset({Kind.REFUSAL, Kind.RETRY})


class Ring(msgspec.Struct, frozen=True, gc=False):
    """What a task did of late."""

    moves: tuple[Move, ...] = ()
    """Oldest first."""
    humans: int = 0
    """New words of a human, since the ring is kept; it only grows."""
    total: int = 0
    """Moves since then."""

    def add(self, moves: tuple[Move, ...]) -> "Ring":
        """Return the ring with more moves, and without the oldest."""
        if not moves:
            return self
        humans = sum([move.kind is Kind.HUMAN and move.new for move in moves])
        kept = (self.moves + moves)[-MOST_MOVES:]
        return Ring(kept, self.humans + humans, self.total + len(moves))

    def forgiven(self) -> "Ring":
        """Return the ring without our refusals, so that the same request may come again."""
        kept = tuple([move for move in self.moves if move.kind not in OURS])
        return Ring(kept, self.humans, self.total)


EMPTY = Ring()
"""Of a task that nothing is known of."""

"""The last moves of one task."""

import msgspec

from switchgear.engine.loop.move import Move

MOST_MOVES = 64


class Ring(msgspec.Struct, frozen=True, gc=False):
    """What a task did of late, oldest first."""

    moves: tuple[Move, ...] = ()

    def add(self, moves: tuple[Move, ...]) -> "Ring":
        """Return the ring with more moves, and the oldest gone."""
        return Ring((self.moves + moves)[-MOST_MOVES:]) if moves else self


EMPTY = Ring()
"""Of a task that nothing is known of."""

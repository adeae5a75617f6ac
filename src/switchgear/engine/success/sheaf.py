"""Weights of all targets bound into whole numbers, so that one sum adds up all of them.

A row holds what one trait weighs for each target: whole numbers of one unit, 32 bits apart, as
``sum(weight << 32 * place)``. To add rows is to add the weights of every target at once, exactly.
Place 0 is what all targets share. Fields are signed, so that a negative one borrows from the next;
the lift gives back what was borrowed. None can overflow: 512 rows of weights below 64 are within 31
bits.
"""

from functools import cache
from struct import unpack

BUCKETS = 1 << 15
"""Rows for words. What two words share is told apart by the others beside them."""
ONE = 1 << 16
"""A weight of 1."""
FIELD = 32
"""Bits from one target to the next."""
HALF = 1 << (FIELD - 1)


@cache
def lift(places: int) -> int:
    """Return what makes every field of a sum positive."""
    return sum(HALF << (FIELD * place) for place in range(places))


def untied(row: int, places: int) -> list[int]:
    """Return the weights in a row, or in a sum of rows, of each target."""
    raised = (row + lift(places)).to_bytes(FIELD // 8 * places, "little")
    return [each - HALF for each in unpack(f"<{places}I", raised)]


def tied(weights: list[int]) -> int:
    """Return the row that holds these weights."""
    row = 0
    for weight in reversed(weights):
        row = (row << FIELD) + weight
    return row

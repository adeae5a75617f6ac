"""How many calls of lower lanes may be under way while the gateway's own core is short.

Additive increase, multiplicative decrease, as TCP shares a line (RFC 5681): what is measured is how
late the event loop comes to its timers, which is how long any other call waits for it.
"""

from switchgear.domain.units import Seconds

LATE = Seconds(0.008)
"""From which the loop is late, on average: about what twenty calls take to be begun or ended. A
call comes to the loop some four times, so this is what an interactive one may lose."""
LEAST = 4
"""Calls that go on whatever happens: it may not be they who make the loop late."""
LESS = 0.7
MORE = 0.02
"""Of the number, and one more besides."""


def adjusted(most: int, low: int, late: Seconds, places: int) -> int:
    """Return how many there may be from now on; at least LEAST.

    Shapes: ``most`` there may be now, ``low`` there are, of ``places`` for all calls.
    """
    if late >= LATE:
        return min(places, max(LEAST, int(min(most, low) * LESS)))
    if low < most:  # it is not this number that holds them back
        return most
    return min(places, most + 1 + int(most * MORE))

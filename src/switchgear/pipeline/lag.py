"""How late our own event loop is: what it was late for says nothing about a target."""

from switchgear.domain.units import Seconds
from switchgear.ports.clock import Clock

HALF_LIFE = Seconds(5.0)
"""After which a lateness counts half: long enough to outlast what it delayed."""
LATE = Seconds(0.5)
"""From which a timeout is put down to us."""
UNEVEN = Seconds(0.1)
"""From which a slow answer is put down to us."""


class Lag:
    """The greatest lateness of late; it fades."""

    def __init__(self, clock: Clock) -> None:
        """Start on time."""
        self._clock = clock
        self._worst = 0.0
        self._at = clock.now()

    def note(self, late: Seconds) -> None:
        """Take note that the loop came to something so much later than it was due."""
        worst = self.now()
        self._worst, self._at = max(late, worst), self._clock.now()

    def now(self) -> Seconds:
        """Return how late the loop is taken to be."""
        return Seconds(self._worst * 0.5 ** ((self._clock.now() - self._at) / HALF_LIFE))

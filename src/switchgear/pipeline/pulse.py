"""All that is known of one target while the gateway runs."""

from collections import deque

import msgspec

from switchgear.domain.situation import Availability, Fault, Latency, Reading
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.breaker import WELL, Breaker, Moment, rested
from switchgear.engine.latency import Sketch, Timing, observe, percentiles
from switchgear.engine.temper import Temper, slow_from

MOST_NEWS = 64
"""Answers of one target that a snapshot learns from: more say nothing new in a quarter second."""
KNOWN = 20
"""Answers after which a target needs no exploring."""
FEW = 4
"""Calls under way at one target, below which a snapshot says none: else each would differ."""
USUAL = 12
"""Rests for slowness alone, after which a target is taken to be as fast as it will be."""

NEVER = Seconds(float("inf"))


class Pulse(msgspec.Struct, kw_only=True):
    """The breaker, the latencies and the load of one target."""

    breaker: Breaker = WELL
    first_content: Sketch = Sketch()
    token: Sketch = Sketch()
    usual: tuple[Latency | None, Latency | None] = (None, None)
    """The percentiles of both, as of the last snapshot."""
    ceiling: Seconds = NEVER
    """The time to first content from which an answer is slow, as of before answers were slow."""
    strict: Seconds = NEVER
    """The same, as far as it does not depend on what is usual."""
    seen: int = 0
    """Answers, until KNOWN."""
    in_flight: int = 0
    until: tuple[int, UnixMs] = (-1, UnixMs(0))
    """When the rest of a generation ends: reckoned once, so that snapshots agree."""
    news: deque[Timing] = msgspec.field(default_factory=lambda: deque(maxlen=MOST_NEWS))
    """Of answers since the last snapshot."""

    def note(self, timing: Timing) -> None:
        """Keep what an answer says for the next snapshot."""
        self.news.append(timing)
        self.seen = min(KNOWN, self.seen + 1)

    def slow(self, first_content: Seconds) -> bool:
        """Whether an answer was slow; a target that is always slow is not for ever."""
        if first_content <= self.ceiling:
            return False
        if self.breaker.fault is Fault.SLOW and self.breaker.trips >= USUAL:
            self.first_content, self.usual = Sketch(), (None, self.usual[1])
            self.ceiling = self.strict
            return first_content > self.ceiling
        return True

    def read(self, moment: Moment, date: UnixMs) -> Reading:
        """Return how the target is now, having learnt from the answers since the last time."""
        self._digest(moment.now)
        if not self.breaker.slow and self.breaker.state is Availability.ADMITTING:
            self.strict = _ceiling(None, moment.temper)
            self.ceiling = _ceiling(self.usual[0], moment.temper)
        breaker = rested(self.breaker, moment)
        refusing = breaker.state is Availability.REFUSING
        if refusing and self.until[0] != breaker.generation:
            seconds = round(breaker.until - moment.now + date / 1000)
            self.until = breaker.generation, UnixMs(seconds * 1000)
        load = self.in_flight
        return Reading(
            availability=breaker.state,
            first_content=self.usual[0],
            token=self.usual[1],
            in_flight=1 << (load.bit_length() - 1) if load >= FEW else 0,
            fault=breaker.fault,
            until=self.until[1] if refusing else None,
            known=self.seen >= KNOWN,
        )

    def _digest(self, now: Seconds) -> None:
        while self.news:
            timing = self.news.popleft()
            self.first_content = observe(self.first_content, timing.first_content, now=now)
            if timing.token is not None:
                self.token = observe(self.token, timing.token, now=now)
        self.usual = percentiles(self.first_content, now=now), percentiles(self.token, now=now)
        if self.usual[0] is None and self.seen >= KNOWN:
            self.seen = 0  # that was long ago


def _ceiling(usual: Latency | None, temper: Temper) -> Seconds:
    ceiling = slow_from(usual, temper)
    return NEVER if ceiling is None else ceiling

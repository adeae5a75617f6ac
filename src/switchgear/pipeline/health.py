"""How well and how fast each target is: the one place where that changes."""

from collections import deque

import msgspec

from switchgear.domain.attempt import Attempt
from switchgear.domain.ids import CHANCE_BITS, mint
from switchgear.domain.situation import Availability, Reading, Situation
from switchgear.domain.units import Seconds
from switchgear.engine.breaker import WELL, Breaker, Lesson, Permit, Temper, admit, learn, rested
from switchgear.engine.latency import Sketch, observe, percentiles
from switchgear.ports.chance import Chance
from switchgear.ports.clock import Clock

FRESH = Seconds(0.25)
"""How old a snapshot may be."""
MOST_NEWS = 64
"""Answers of one target that a snapshot learns from: more say nothing new in a quarter second."""
FEW_TOKENS = 8
"""Answers shorter than this say nothing about the time for a token."""


class _Pulse(msgspec.Struct, kw_only=True):
    """What is known of one target."""

    breaker: Breaker = WELL
    first_content: Sketch = Sketch()
    token: Sketch = Sketch()
    in_flight: int = 0
    news: deque[tuple[Seconds, Seconds | None]]
    """Time to the first content and for each token, of answers since the last snapshot."""


class Health:
    """The breakers, latencies and loads of all targets; it outlives a reload of the config."""

    def __init__(self, temper: Temper, clock: Clock, chance: Chance) -> None:
        """Start with every target well and unmeasured."""
        self._temper = temper
        self._clock = clock
        self._chance = chance
        self._pulses: dict[str, _Pulse] = {}
        self._snapshot = Situation()
        self._taken_at = Seconds(float("-inf"))

    def situation(self) -> Situation:
        """Return a snapshot, at most FRESH old; an unchanged one keeps its id."""
        now = self._clock.now()
        if now - self._taken_at >= FRESH:
            self._taken_at = now
            for pulse in self._pulses.values():
                _digest(pulse, now)
            readings = {name: self._reading(pulse, now) for name, pulse in self._pulses.items()}
            readings = {name: each for name, each in readings.items() if each != Reading()}
            if readings != self._snapshot.readings:
                name = mint(self._clock.date(), self._chance.bits(CHANCE_BITS)) if readings else ""
                self._snapshot = Situation(id=name, readings=readings)
        return self._snapshot

    def admit(self, target: str) -> Permit | None:
        """Return leave for one call to ``target``; whoever gets it gives it back once."""
        pulse = self._pulse(target)
        pulse.breaker, permit = admit(pulse.breaker, now=self._clock.now(), temper=self._temper)
        if permit is not None:
            pulse.in_flight += 1
        return permit

    def give_back(self, target: str, permit: Permit, lesson: Lesson) -> None:
        """Learn from how the answer that ``permit`` allowed has ended."""
        pulse = self._pulses[target]
        pulse.in_flight -= 1
        now = self._clock.now()
        pulse.breaker = learn(pulse.breaker, permit, lesson, now=now, temper=self._temper)

    def time(self, attempt: Attempt) -> None:
        """Take note of how long an answer took; the next snapshot learns from it."""
        if attempt.first_content is None:
            return
        tokens = attempt.usage.output if attempt.usage else 0
        streamed = attempt.took - attempt.first_content
        each = Seconds(streamed / tokens) if tokens >= FEW_TOKENS and streamed > 0 else None
        self._pulse(attempt.target).news.append((attempt.first_content, each))

    def _pulse(self, target: str) -> _Pulse:
        pulse = self._pulses.get(target)
        if pulse is None:
            pulse = self._pulses[target] = _Pulse(news=deque(maxlen=MOST_NEWS))
        return pulse

    def _reading(self, pulse: _Pulse, now: Seconds) -> Reading:
        state = rested(pulse.breaker, now=now, temper=self._temper).state
        return Reading(
            availability=Availability(state),
            first_content=percentiles(pulse.first_content, now=now),
            token=percentiles(pulse.token, now=now),
        )


def _digest(pulse: _Pulse, now: Seconds) -> None:
    """Learn from the answers since the last snapshot."""
    while pulse.news:
        first, each = pulse.news.popleft()
        pulse.first_content = observe(pulse.first_content, first, now=now)
        if each is not None:
            pulse.token = observe(pulse.token, each, now=now)

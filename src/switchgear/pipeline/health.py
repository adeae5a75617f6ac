"""How well and how fast each target is: the one place where that changes."""

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
FEW_TOKENS = 8
"""Answers shorter than this say nothing about the time for a token."""


class _Pulse(msgspec.Struct):
    """What is known of one target."""

    breaker: Breaker = WELL
    first_content: Sketch = Sketch()
    token: Sketch = Sketch()
    in_flight: int = 0


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
            readings = {name: self._reading(pulse, now) for name, pulse in self._pulses.items()}
            readings = {name: each for name, each in readings.items() if each != Reading()}
            if readings != self._snapshot.readings:
                name = mint(self._clock.date(), self._chance.bits(CHANCE_BITS)) if readings else ""
                self._snapshot = Situation(id=name, readings=readings)
        return self._snapshot

    def admit(self, target: str) -> Permit | None:
        """Return leave for one call to ``target``; whoever gets it gives it back once."""
        pulse = self._pulses.setdefault(target, _Pulse())
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
        """Learn from how long an answer took."""
        if attempt.first_content is None:
            return
        pulse = self._pulses.setdefault(attempt.target, _Pulse())
        now = self._clock.now()
        pulse.first_content = observe(pulse.first_content, attempt.first_content, now=now)
        tokens = attempt.usage.output if attempt.usage else 0
        streamed = attempt.took - attempt.first_content
        if tokens >= FEW_TOKENS and streamed > 0:
            pulse.token = observe(pulse.token, Seconds(streamed / tokens), now=now)

    def _reading(self, pulse: _Pulse, now: Seconds) -> Reading:
        state = rested(pulse.breaker, now=now, temper=self._temper).state
        return Reading(
            availability=Availability(state),
            first_content=percentiles(pulse.first_content, now=now),
            token=percentiles(pulse.token, now=now),
        )

"""How well and how fast each target is: the one place where that changes."""

import logging
from collections.abc import Callable, Iterable, Iterator
from math import floor

from switchgear.domain.attempt import Attempt
from switchgear.domain.errors import UpstreamError
from switchgear.domain.ids import CHANCE_BITS, mint
from switchgear.domain.situation import Availability, Fault, Reading, Situation
from switchgear.domain.target import Kind, Target
from switchgear.domain.units import Seconds
from switchgear.engine.breaker import (
    WELL,
    Breaker,
    Moment,
    Permit,
    admit,
    clock,
    forgive,
    hear,
    heed,
    learn,
    rested,
    wait_for,
)
from switchgear.engine.fault import Lesson, lesson_of
from switchgear.engine.latency import timing_of
from switchgear.engine.temper import Temper
from switchgear.pipeline.lag import LATE, UNEVEN, Lag
from switchgear.pipeline.pulse import Pulse
from switchgear.ports.chance import Chance
from switchgear.ports.clock import Clock

FRESH = Seconds(0.25)
"""How old a snapshot may be."""
NO_BOUND = 1 << 62
"""Calls under way at a target that has no bound."""
log = logging.getLogger("switchgear")


Rested = Callable[[str, Fault, Seconds], None]
"""Takes a target, what is wrong with it, and for how long it is left alone."""


def tell_nobody(target: str, fault: Fault, span: Seconds) -> None:
    """Keep it to oneself."""
    del target, fault, span


class Health:
    """The breakers, latencies and loads of all targets; it outlives a reload of the config."""

    def __init__(
        self, temper: Temper, clock: Clock, chance: Chance, lag: Lag | None = None
    ) -> None:
        """Start with every target well and unmeasured."""
        self._temper = temper
        self._clock = clock
        self._chance = chance
        self._lag = lag
        self.left_alone: Rested = tell_nobody
        """Is told of a target that is left alone from now on, by what was seen here."""
        self._pulses: dict[str, Pulse] = {}
        self._targets: dict[str, Target] = {}
        self._most: dict[str, int] = {}
        """Calls that may be under way at those targets that have a bound."""
        self._peers: frozenset[str] = frozenset()
        """Models and agents: of these at most half are out at once."""
        self._snapshot = Situation()
        self._taken_at = Seconds(float("-inf"))

    def expect(self, targets: Iterable[Target], temper: Temper) -> None:
        """Take the targets and the temper of the config in force; forget targets that are gone."""
        self._temper = temper
        self._targets = {target.id: target for target in targets}
        self._peers = frozenset(
            name for name, each in self._targets.items() if each.kind in {Kind.MODEL, Kind.AGENT}
        )
        self._most = {
            it.id: it.max_concurrent for it in self._targets.values() if it.max_concurrent
        }
        gone = [name for name, each in self._pulses.items() if not each.in_flight]
        for name in gone:
            if name not in self._targets:
                del self._pulses[name]

    def heed(self, target: str, fault: Fault, span: Seconds) -> None:
        """Take another node's hint on a target; at most half of them are ever left alone."""
        if target in self._targets:
            pulse = self._pulse(target)
            pulse.breaker = heed(pulse.breaker, fault, span, self._grave(target, fault))

    def forgive(self) -> None:
        """Try again who refused our credential: the owner may have mended it."""
        moment = self._moment()
        for pulse in self._pulses.values():
            pulse.breaker = forgive(pulse.breaker, moment)

    def situation(self) -> Situation:
        """Return a snapshot, at most FRESH old; an unchanged one keeps its id."""
        now = self._clock.now()
        if now - self._taken_at >= FRESH:
            self._taken_at = now
            moment, date = self._moment(), self._clock.date()
            readings = {name: each.read(moment, date) for name, each in self._pulses.items()}
            readings = {name: each for name, each in readings.items() if each != Reading()}
            if readings != self._snapshot.readings:
                name = mint(self._clock.date(), self._chance.bits(CHANCE_BITS)) if readings else ""
                self._snapshot = Situation(id=name, readings=readings)
        return self._snapshot

    def admit(self, target: str) -> Permit | None:
        """Return leave for one call to ``target``; whoever gets it gives it back once."""
        pulse = self._pulse(target)
        if pulse.in_flight >= self._most.get(target, NO_BOUND):
            return None
        pulse.breaker, permit = admit(pulse.breaker, self._moment())
        if permit is not None:
            pulse.in_flight += 1
        return permit

    def full(self) -> bool:
        """Whether every target has as many calls under way as it may have."""
        if len(self._most) < len(self._targets) or not self._most:
            return False
        return all(self._pulse(name).in_flight >= most for name, most in self._most.items())

    def hear(self, target: str, permit: Permit, first_content: Seconds) -> None:
        """Learn that a stream which ``permit`` allowed has given its first content."""
        pulse = self._pulses[target]
        if pulse.breaker.state is Availability.PROBING and not self._slow(pulse, first_content):
            pulse.breaker = hear(pulse.breaker, permit, self._moment())

    def give_back(
        self, target: str, permit: Permit, lesson: Lesson, error: BaseException | None = None
    ) -> None:
        """Learn from how the answer that ``permit`` allowed has ended, with which ``error``."""
        pulse = self._pulses[target]
        pulse.in_flight -= 1
        if error is not None and self._lags(LATE):
            lesson = lesson_of(error, lagging=True)
        well = lesson is Lesson.WELL or lesson is Lesson.NOTHING
        moment = self._moment() if well else self._grave(target, lesson.fault)
        wait = error.retry_after if isinstance(error, UpstreamError) else None
        before = pulse.breaker
        pulse.breaker = learn(before, permit, lesson, moment, wait=wait)
        if not well:
            self._tell(target, before, pulse.breaker, error)

    def time(self, attempt: Attempt, permit: Permit | None = None, *, stream: bool = True) -> None:
        """Take note of how long an answer took, before its permit is given back.

        The next snapshot learns from it, and the breaker whether it was slow.
        """
        target = attempt.target
        pulse = self._pulse(target)
        timing = timing_of(attempt, pulse.usual, self._targets.get(target), stream=stream)
        if timing is None:
            return
        pulse.note(timing)
        if permit is None:
            return
        slow = self._slow(pulse, timing.first_content)
        if slow or pulse.breaker.slow:
            before = pulse.breaker
            moment = self._grave(target, Fault.SLOW) if slow else self._moment()
            pulse.breaker = clock(before, permit, moment, slow=slow)
            self._tell(target, before, pulse.breaker, None)

    def wait_for(self, target: str) -> Seconds:
        """Return how long until a call to the target may be admitted; 0 for now."""
        pulse = self._pulses.get(target)
        wait = wait_for(pulse.breaker, self._moment()) if pulse else 0.0
        # Whoever sleeps for so long must not wake a rounding error too early.
        return Seconds((floor(wait * 1000) + 1) / 1000 if wait > 0 else 0.0)

    def soonest(self, targets: Iterable[str]) -> Seconds | None:
        """Return how long until one of the targets may be tried, 0 for now; None for no target."""
        return min(map(self.wait_for, targets), default=None)

    def levels(self) -> Iterator[tuple[str, Availability, Fault | None, int]]:
        """Return every target of the config, how it is, why, and how many calls are under way."""
        moment = self._moment()
        for name in self._targets:
            pulse = self._pulses.get(name)
            breaker = WELL if pulse is None else rested(pulse.breaker, moment)
            yield name, breaker.state, breaker.fault, 0 if pulse is None else pulse.in_flight

    def _moment(self) -> Moment:
        return Moment(now=self._clock.now(), temper=self._temper)

    def _grave(self, target: str, fault: Fault | None) -> Moment:
        """Return a moment in which a breaker may trip."""
        return Moment(
            now=self._clock.now(),
            temper=self._temper,
            draw=self._chance.draw(),
            room=self._room(target, fault),
        )

    def _room(self, target: str, fault: Fault | None) -> bool:
        """Whether one more may be out: at most half, unless there is only one.

        The only one is never left alone for being slow: late is better than not at all.
        """
        peers = self._peers
        if target not in peers:
            return True
        if len(peers) == 1:
            return fault is not Fault.SLOW
        out = sum(
            name != target and pulse.breaker.state is not Availability.ADMITTING
            for name, pulse in self._pulses.items()
            if name in peers
        )
        return out < len(peers) // 2

    def _slow(self, pulse: Pulse, first_content: Seconds) -> bool:
        """Whether an answer was slow, and that not by our own doing."""
        return pulse.slow(first_content) and not self._lags(UNEVEN)

    def _lags(self, least: Seconds) -> bool:
        return self._lag is not None and self._lag.now() >= least

    def _tell(
        self, target: str, before: Breaker, after: Breaker, error: BaseException | None
    ) -> None:
        """Log that a target is left alone from now on; never what it said."""
        if after.state is before.state or after.fault is None:
            return
        rest = Seconds(after.until - self._clock.now())
        self.left_alone(target, after.fault, rest)
        if after.fault is Fault.DENIED:
            status = error.provider_status if isinstance(error, UpstreamError) else 0
            log.warning(
                "%s denies us (%d): left alone for %.0f s, or until a reload", target, status, rest
            )
        else:
            log.info("%s is %s: left alone for %.1f s", target, after.fault.value, rest)

    def _pulse(self, target: str) -> Pulse:
        pulse = self._pulses.get(target)
        if pulse is None:
            pulse = self._pulses[target] = Pulse()
        return pulse

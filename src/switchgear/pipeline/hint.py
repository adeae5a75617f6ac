"""What nodes tell one another of targets that they leave alone: hints, and never orders."""

import logging

import msgspec

from switchgear.domain.situation import Fault
from switchgear.domain.units import Seconds, UnixMs
from switchgear.pipeline.health import Health
from switchgear.ports.beacon import Beacon
from switchgear.ports.clock import Clock
from switchgear.ports.nursery import Nursery

TOPIC = "hints"
SHARED = frozenset({Fault.BUSY, Fault.FAILED, Fault.LOST, Fault.SILENT, Fault.GARBLED})
"""Faults that others are told of. Who is denied has another credential, maybe; who is slow is slow
from here."""
MOST_WAITING = 16
"""Hints on their way out; one more is not told."""
log = logging.getLogger("switchgear")


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """One target, as one node has found it."""

    target: str
    fault: Fault
    span: Seconds
    """For how long that node leaves it alone."""
    at: UnixMs


_decode = msgspec.json.Decoder(Hint).decode


class Hints:
    """Between the breakers here and those of the other nodes."""

    def __init__(self, health: Health, beacon: Beacon, clock: Clock) -> None:
        """Take both; nothing is told yet."""
        self._health = health
        self._beacon = beacon
        self._clock = clock
        self._nursery = Nursery()
        self._waiting = 0

    async def start(self) -> None:
        """Tell and hear from now on."""
        self._health.left_alone = self._tell
        await self._beacon.listen(TOPIC, self._hear)

    async def aclose(self) -> None:
        """Tell no more."""
        await self._nursery.aclose(Seconds(0.0))

    def _tell(self, target: str, fault: Fault, span: Seconds) -> None:
        if fault in SHARED and self._waiting < MOST_WAITING:
            hint = Hint(target=target, fault=fault, span=span, at=self._clock.date())
            self._waiting += 1
            self._nursery.spawn(self._say(msgspec.json.encode(hint)))

    async def _say(self, word: bytes) -> None:
        try:
            await self._beacon.tell(TOPIC, word)
        finally:
            self._waiting -= 1

    async def _hear(self, _topic: str, word: bytes) -> None:
        try:
            hint = _decode(word)
        except (ValueError, RecursionError):
            return
        if hint.fault not in SHARED:
            return
        age = (self._clock.date() - hint.at) / 1000
        left = Seconds(min(hint.span, hint.span - age))  # a clock that is behind adds nothing
        if left > 0:
            log.info("another node leaves %r alone: %s", hint.target, hint.fault.value)
            self._health.heed(hint.target, hint.fault, left)

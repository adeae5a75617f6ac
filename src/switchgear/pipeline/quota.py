"""What targets say that they still take from us, counted down as calls go out.

Targets that are one model of one provider have one quota together. After each answer its headers
say what was left when it began; what went out since, they did not know of yet.
"""

from collections.abc import Iterable
from math import ceil

import msgspec

from switchgear.domain.ids import CHANCE_BITS, mint
from switchgear.domain.rate import Quota
from switchgear.domain.situation import Availability, Fault, Reading, Situation
from switchgear.domain.target import Kind, Target
from switchgear.domain.units import Seconds, Tokens, UnixMs
from switchgear.ports.chance import Chance
from switchgear.ports.clock import Clock

KINDS = ("requests", "tokens", "input", "output")
LEAST = Seconds(0.05)
"""After a limit was new, until it is taken to be new again."""
SPECK = Seconds(0.001)
"""Whoever sleeps until a limit is new must not wake a rounding error too early."""
Place = tuple[str, str]
"""A provider and the model there."""


class Need(msgspec.Struct, frozen=True, gc=False):
    """What one call is expected to take."""

    input: Tokens
    output: Tokens

    def of(self, kind: str) -> int:
        """Return how much of one kind."""
        if kind == "requests":
            return 1
        if kind == "tokens":
            return self.input + self.output
        return self.input if kind == "input" else self.output


class Left(msgspec.Struct, gc=False):
    """What is left of one limit."""

    left: int
    limit: int
    until: Seconds
    """When it is new."""
    span: Seconds
    """How long that was, when it was told; so long the next time too, until an answer tells."""


class Book(msgspec.Struct):
    """What is left at one place, and what is under way there that no answer has told of yet."""

    limits: dict[str, Left] = {}
    silent: dict[int, Need] = {}
    """By number, in the order in which they went out."""
    number: int = 0
    heard: int = 0
    """The number of the youngest call whose answer was heard."""


class Quotas:
    """Knows for each target whether a call fits in what it still takes."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        """Know nothing: until a target says something, it takes everything."""
        self._clock = clock
        self._chance = chance
        self._books: dict[Place, Book] = {}
        self._targets: tuple[Target, ...] = ()
        self._spent: set[Place] = set()
        self._marked_from: tuple[str, dict[str, UnixMs]] = ("", {})
        self._marked = Situation()

    def expect(self, targets: Iterable[Target]) -> None:
        """Take the targets of the config in force; forget what none of them needs."""
        self._targets = tuple(each for each in targets if each.kind is not Kind.TOOL)
        places = {_place(each) for each in self._targets}
        self._books = {place: self._books.get(place) or Book() for place in places}
        self._spent &= places

    def wait_for(self, target: Target, need: Need) -> Seconds:
        """Return how long until such a call fits; 0 for now."""
        book = self._books.get(_place(target))
        if book is None or not book.limits:
            return Seconds(0.0)
        now = self._clock.now()
        waits = [
            _wait(each, min(need.of(kind), each.limit), now) for kind, each in book.limits.items()
        ]
        return Seconds(max(waits))

    def send(self, target: Target, need: Need) -> int:
        """Take note that a call goes out; the number is for ``hear`` and ``end``."""
        place = _place(target)
        book = self._books.get(place)
        if book is None:  # a reload took the target away
            return 0
        book.number += 1
        book.silent[book.number] = need
        for kind, each in book.limits.items():
            each.left -= need.of(kind)
            if each.left < 1:
                self._spent.add(place)
        return book.number

    def hear(self, target: Target, number: int, quota: Quota) -> None:
        """Learn from an answer's headers; those of a younger call's answer say more."""
        place = _place(target)
        book = self._books.get(place)
        if book is None or number < book.heard:
            return
        book.heard = number
        book.silent.pop(number, None)
        later = [each for other, each in book.silent.items() if other > number]
        now = self._clock.now()
        for kind in KINDS:
            level = getattr(quota, kind)
            if level is None:
                continue
            left = level.left - sum([each.of(kind) for each in later])
            book.limits[kind] = Left(left, level.limit, Seconds(now + level.reset), level.reset)
            if left < 1:
                self._spent.add(place)

    def end(self, target: Target, number: int) -> None:
        """Take note that a call has ended; what was never heard of it stays counted."""
        book = self._books.get(_place(target))
        if book is not None:
            book.silent.pop(number, None)

    def marked(self, situation: Situation) -> Situation:
        """Return the situation with the targets that have nothing left for us refusing."""
        if not self._spent:
            return situation
        spent = self._until()
        if not spent:
            return situation
        if (situation.id, spent) != self._marked_from:
            self._marked_from = situation.id, spent
            readings = dict(situation.readings)
            for name, until in spent.items():
                plain = readings.get(name, Reading())
                if plain.availability is not Availability.REFUSING:
                    readings[name] = msgspec.structs.replace(
                        plain, availability=Availability.REFUSING, fault=Fault.SPENT, until=until
                    )
            name = mint(self._clock.date(), self._chance.bits(CHANCE_BITS))
            self._marked = Situation(id=name, readings=readings)
        return self._marked

    def _until(self) -> dict[str, UnixMs]:
        """Return the targets that take not one call more, and until when, to the second."""
        now, date = self._clock.now(), self._clock.date()
        waits = {place: max(_waits(self._books[place], now)) for place in self._spent}
        self._spent = {place for place, wait in waits.items() if wait > 0}
        return {
            each.id: UnixMs(1000 * ceil(waits[place] + date / 1000))
            for each in self._targets
            if (place := _place(each)) in self._spent
        }


def _waits(book: Book, now: Seconds) -> Iterable[float]:
    return [_wait(each, 1, now) for each in book.limits.values()]


def _wait(each: Left, amount: int, now: Seconds) -> float:
    """Return how long until there is so much of one limit, which is new by then."""
    if now >= each.until:
        each.left, each.until = each.limit, Seconds(now + max(LEAST, each.span))
    return each.until - now + SPECK if each.left < amount else 0.0


def _place(target: Target) -> Place:
    return target.provider, target.model

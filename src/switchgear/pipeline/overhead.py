"""How long our own stages take, and which of them are left out because they do not pay.

Few calls are measured, by their number: the others pass through as if there were no measuring.
"""

from collections.abc import Sequence
from enum import Enum

import msgspec

from switchgear.domain.call import Call
from switchgear.domain.units import Seconds
from switchgear.engine.worth import NEW, Worth, weighed
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Handler, Layer, Reply, Trail

MEASURED = 16
"""Of so many calls the stage runs on, one is measured."""
PROBED = 64
"""Of so many calls, one runs a stage that is left out, to see whether it pays again."""
WATCHED = 64
"""Of so many calls, one is timed through all layers."""
MOST_MARKS = 1000
"""Calls under way that are timed at once."""


class Turn(Enum):
    """What a stage does for one call."""

    RUN = "run"
    MEASURE = "measure"
    """It runs, and what it takes and saves is looked at."""
    SKIP = "skip"


class Stage:
    """One stage that may be left out. It outlives a reload."""

    def __init__(self, name: str) -> None:
        """Begin with nothing measured."""
        self.name = name
        self.price = 0.0
        """Nano-dollars that a second of waiting is worth; 0 leaves nothing out."""
        self.worth: Worth = NEW
        self._calls = 0

    def turn(self) -> Turn:
        """Return what the stage does for the next call."""
        self._calls += 1
        if self.worth.paused and self.price:
            return Turn.SKIP if self._calls % PROBED else Turn.MEASURE
        return Turn.RUN if self._calls % MEASURED else Turn.MEASURE

    def weigh(self, span: Seconds, saved: float) -> None:
        """Take note of what one call's run took, and saved in nano-dollars."""
        self.worth = weighed(self.worth, span, saved, self.price)


class Taken(msgspec.Struct):
    """What the timed runs of one layer took, since the start."""

    seconds: float = 0.0
    samples: int = 0


class Overhead:
    """What this process knows of its own stages; it outlives a reload."""

    def __init__(self, clock: Clock) -> None:
        """Begin with nothing measured."""
        self.clock = clock
        self.learning = Stage("learning")
        self.taken: dict[str, Taken] = {}
        """By the layer's name."""
        self._marks: dict[str, Seconds] = {}
        self._calls = 0

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Those that may be left out."""
        return (self.learning,)

    def expect(self, price: float) -> None:
        """Take over what a second of waiting is worth, in nano-dollars."""
        for each in self.stages:
            each.price = price

    def watched(self, layers: Sequence[Layer], core: Handler) -> Handler:
        """Put layers around a core, so that the time of each is measured in a few calls.

        A layer's time is that until it hands the call on inward; what it waits for is in it.
        """
        plain = timed = core
        timed = self._boundary(_name(layers[-1]) if layers else "", last=True)(timed)
        for place in range(len(layers) - 1, -1, -1):
            plain = layers[place](plain)
            before = _name(layers[place - 1]) if place else ""
            timed = self._boundary(before)(layers[place](timed))

        async def handle(call: Call, trail: Trail) -> Reply:
            self._calls += 1
            if (self._calls - 1) % WATCHED or len(self._marks) >= MOST_MARKS:
                return await plain(call, trail)
            try:
                return await timed(call, trail)
            finally:
                self._marks.pop(call.id, None)

        return handle

    def _boundary(self, before: str, *, last: bool = False) -> Layer:
        """Return a layer that takes the time between two; ``before`` is empty at the first."""

        def layer(inner: Handler) -> Handler:
            async def handle(call: Call, trail: Trail) -> Reply:
                self._note(call.id, before, last=last)
                return await inner(call, trail)

            return handle

        return layer

    def _note(self, call: str, before: str, *, last: bool) -> None:
        now = self.clock.now()
        if before:
            began = self._marks.pop(call, None)
            if began is None:  # a layer sends it inward once more: the first time counts
                return
            taken = self.taken.setdefault(before, Taken())
            taken.seconds += now - began
            taken.samples += 1
        if not last:
            self._marks[call] = now


def _name(layer: Layer) -> str:
    """Return the name by which the list of layers calls one."""
    return layer.__qualname__.partition(".")[0]

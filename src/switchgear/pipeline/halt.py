"""The kill switch on this node: who is stopped now, and what of theirs is under way."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import msgspec
from typing_extensions import override

from switchgear.domain.call import Call
from switchgear.domain.denial import Stopped, TargetStopped
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.halt import Halt, Halted
from switchgear.domain.ids import CHANCE_BITS, mint
from switchgear.domain.situation import Reading, Situation
from switchgear.domain.units import Seconds
from switchgear.engine.halt import Halts as Known
from switchgear.engine.halt import Index, Subject, find, indexed, merged
from switchgear.pipeline.entrance import Bid, Taken, Toll
from switchgear.pipeline.interruption import Interruption
from switchgear.ports.chance import Chance
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Handler, Layer, Reply, Trail

WHAT = {
    Halted.EVERYTHING: "everything here",
    Halted.TENANT: "this tenant",
    Halted.KEY: "this key, or a key that made it,",
    Halted.AGENT: "this agent",
}
MOST_MAKERS = 32
"""Keys in a row that each made the next; whatever a keyring says, looking them up ends."""


def nobody(key: str) -> str:
    """Return that nobody made a key."""
    del key
    return ""


class Halts(Toll):
    """What is stopped, and every attempt and wait that could be; it outlives a reload."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        """Start with nothing stopped."""
        self.known: Known = {}
        """Also those that were let go again."""
        self.maker: Callable[[str], str] = nobody
        """Returns the id of the key that made a key; empty for none."""
        self.cut = 0
        """Attempts and waits that were ended by it since the start."""
        self._index: Index = {}
        self._clock = clock
        self._chance = chance
        self._live: dict[object, tuple[Call, str, Callable[[SwitchgearError], None]]] = {}
        self._marked_from: tuple[str, frozenset[str]] = ("", frozenset())
        self._marked = Situation()

    @property
    def on(self) -> tuple[Halt, ...]:
        """Those that hold now."""
        return tuple(each for each in self.known.values() if each.on)

    def learn(self, news: Iterable[Halt]) -> bool:
        """Put in force what was said; say whether that changed anything.

        Whatever is under way and stopped by it now, ends now.
        """
        found = merged(self.known, news)
        if found == self.known:
            return False
        self.known = found
        self._index = indexed(found)
        if self._index:
            self._cut()
        return True

    def refusal(self, call: Call, target: str = "") -> SwitchgearError | None:
        """Return why a call may not be sent anywhere, or to this target; None if it may."""
        if not self._index:
            return None
        halt = find(self._index, self._subject(call), target)
        if halt is None:
            return None
        if halt.kind is Halted.TARGET:
            return TargetStopped()
        return Stopped(
            f"The owner has stopped {WHAT[halt.kind]} by the kill switch; sending it again does "
            "not help."
        )

    @override
    async def pay(self, bid: Bid, taken: Taken) -> SwitchgearError | None:
        """Refuse what is stopped; remember the rest, to cut it at any time.

        Raises:
            Stopped: no target may have the call.
        """
        target = bid.target.id
        error = self.refusal(bid.call, target)
        if error is not None:
            if isinstance(error, Stopped):
                raise error
            return error
        self._live[taken] = bid.call, target, taken.end
        taken.at_close(lambda: self._forget(taken))
        return None

    async def sleep(self, call: Call, span: Seconds) -> None:
        """Wait, unless the call is stopped meanwhile.

        Raises:
            Stopped: it is.
        """
        with self.waiting(call):
            await asyncio.sleep(span)

    @contextmanager
    def waiting(self, call: Call) -> Iterator[None]:
        """End the wait that is inside when the call is stopped.

        Raises:
            Stopped: it is.
        """
        with Interruption() as wait:
            self._live[wait] = call, "", wait.cut
            try:
                yield
            finally:
                self._forget(wait)

    def marked(self, situation: Situation) -> Situation:
        """Return the situation with the targets that are stopped for all."""
        if not self._index:
            return situation
        names = frozenset(
            name
            for (kind, name), halts in self._index.items()
            if kind is Halted.TARGET and any(not each.tenant for each in halts)
        )
        if not names:
            return situation
        if (situation.id, names) != self._marked_from:
            self._marked_from = situation.id, names
            readings = dict(situation.readings)
            for name in sorted(names):
                plain = readings.get(name, Reading())
                readings[name] = msgspec.structs.replace(plain, halted=True)
            name = mint(self._clock.date(), self._chance.bits(CHANCE_BITS))
            self._marked = Situation(id=name, readings=readings)
        return self._marked

    def _forget(self, live: object) -> None:
        self._live.pop(live, None)

    def _cut(self) -> None:
        for call, target, end in list(self._live.values()):
            error = self.refusal(call, target)
            if error is not None:
                self.cut += 1
                end(error)

    def _subject(self, call: Call) -> Subject:
        key = call.caller.key
        keys, parent = [key.id], key.parent
        while parent and parent not in keys and len(keys) < MOST_MAKERS:
            keys.append(parent)
            parent = self.maker(parent)
        return Subject(tenant=key.tenant, keys=tuple(keys), agent=call.caller.wishes.agent)


def stop(halts: Halts) -> Layer:
    """Return the layer that lets no call begin that is stopped, whatever it wants."""

    def layer(inner: Handler) -> Handler:
        async def handle(call: Call, trail: Trail) -> Reply:
            error = halts.refusal(call)
            if error is not None:
                raise error
            return await inner(call, trail)

        return handle

    return layer

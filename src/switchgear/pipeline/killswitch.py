"""Carries halts between this node, its machine's board and all other nodes."""

import asyncio
import logging
from collections.abc import Iterable

import msgspec

from switchgear.domain.denial import HaltsUnknown
from switchgear.domain.errors import MalformedRequest
from switchgear.domain.halt import Halt, Halted
from switchgear.domain.units import Seconds
from switchgear.engine.halt import Halts as Known
from switchgear.engine.halt import merged, room, said
from switchgear.pipeline.halt import Halts
from switchgear.ports.beacon import Beacon
from switchgear.ports.board import Board, Said
from switchgear.ports.clock import Clock
from switchgear.ports.nursery import Nursery

TOPIC = "halts"
LOOK_EVERY = Seconds(0.25)
"""At the board; with it nothing goes upstream half a second after the file was written."""
TELL_AGAIN = 4
"""Looks after which nodes that could not be told are told again."""
log = logging.getLogger("switchgear")

_decode = msgspec.json.Decoder(tuple[Halt, ...]).decode


class KillSwitch:
    """Each word reaches everything that is under way here before it goes anywhere else."""

    def __init__(self, halts: Halts, board: Board, beacon: Beacon, clock: Clock) -> None:
        """Take what is to be stopped, and where words come from; nothing is known yet."""
        self.halted = self.resumed = 0
        """Words that changed something since the start."""
        self.blind = ""
        """Why the board cannot be read now; empty while it can."""
        self._halts = halts
        self._board = board
        self._beacon = beacon
        self._clock = clock
        self._nursery = Nursery()
        self._untold = False

    async def start(self) -> None:
        """Know what is stopped before anybody is served, and listen from then on.

        Raises:
            HaltsUnknown: there is a board, and it cannot be read.
        """
        self._learn(self._board.look() or (), "from the board")
        await self._beacon.listen(TOPIC, self._hear)
        self._nursery.spawn(self._watch())

    async def say(self, halt: Halt) -> Said:
        """Stop something, or let it go again, here and everywhere.

        Raises:
            MalformedRequest: too much is stopped one by one.
        """
        if halt.on and not room(self._halts.known):
            raise MalformedRequest("Too many halts are set; let some go, or stop everything.")
        dated = said(self._halts.known, halt, self._clock.date())
        self._learn((dated,), "set here")
        posted = await self._post()
        return Said(halt=dated, posted=posted, told=await self._tell())

    async def aclose(self) -> None:
        """Listen no more."""
        await self._nursery.aclose(Seconds(0.0))

    async def _watch(self) -> None:
        looks = 0
        while True:
            await asyncio.sleep(LOOK_EVERY)
            looks += 1
            await self.look()
            if self._untold and looks % TELL_AGAIN == 0:
                await self._tell()

    async def look(self) -> None:
        """Learn what was posted by others; a board that cannot be read changes nothing."""
        try:
            found = self._board.look()
        except HaltsUnknown as error:
            if self.blind != error.message:
                log.error("kill switch: %s What is stopped stays so.", error.message)  # noqa: TRY400  (the reason says it all)
            self.blind = error.message
            return
        if found is None:
            return
        self.blind = ""
        if self._learn(found, "from the board"):
            await self._tell()
        if merged({}, found) != self._halts.known:
            await self._post()  # something that holds is not on it: taken off by hand, or lost

    async def _hear(self, _topic: str, word: bytes) -> None:
        try:
            found = _decode(word)
        except (ValueError, RecursionError):
            log.warning("kill switch: another node said what nobody understands")
            return
        if self._learn(found, "from another node"):
            await self._post()
        if merged({}, found) != self._halts.known:
            await self._tell()  # two spoke at once, and the one kept does not know of the other

    def _learn(self, news: Iterable[Halt], source: str) -> bool:
        before = self._halts.known
        if not self._halts.learn(news):
            return False
        for name, halt in self._halts.known.items():
            if before.get(name) != halt:
                self._note(halt, before, source)
        return True

    def _note(self, halt: Halt, before: Known, source: str) -> None:
        was = any(each.on and _same(each, halt) for each in before.values())
        if was is halt.on:
            return
        self.halted += halt.on
        self.resumed += not halt.on
        log.warning(
            "kill switch: %s %s by %s (%s)%s",
            told(halt),
            "is stopped" if halt.on else "may go on, said",
            f"key {halt.by!r}" if halt.by else "the owner",
            source,
            f": {halt.note!r}" if halt.note else "",
        )

    async def _post(self) -> bool:
        try:
            await self._board.post(tuple(self._halts.known.values()))
        except HaltsUnknown as error:
            log.error("kill switch: not posted: %s", error.message)  # noqa: TRY400  (as above)
            return False
        return True

    async def _tell(self) -> bool:
        word = msgspec.json.encode(tuple(self._halts.known.values()))
        told_all = await self._beacon.tell(TOPIC, word)
        self._untold = not told_all
        return told_all


def told(halt: Halt) -> str:
    """Return what a halt is of, for people."""
    of = f" of tenant {halt.tenant!r}" if halt.tenant and halt.kind is not Halted.TENANT else ""
    return halt.kind.value + (f" {halt.name!r}" if halt.name else "") + of


def _same(one: Halt, other: Halt) -> bool:
    return (one.kind, one.name, one.tenant) == (other.kind, other.name, other.tenant)

"""Keeps what hand-offs cost: on their own documents, or on one for each pair of a task's agents."""

import asyncio
import logging
from contextlib import suppress
from hashlib import blake2b

import msgspec

from switchgear.domain.errors import LedgerDown
from switchgear.domain.handoff import Friction, Handoff, HandoffState
from switchgear.domain.ids import ALPHABET, HANDOFF_PREFIX
from switchgear.domain.task import Task
from switchgear.domain.units import Seconds
from switchgear.engine.friction import Watched
from switchgear.pipeline.task.handoff import handoff_in, paper_of
from switchgear.pipeline.task.witness import Ended, Witness
from switchgear.ports.clock import Clock
from switchgear.ports.nursery import Nursery, called_off
from switchgear.ports.papers import PaperKind, Papers, Write, Written

ROUND = Seconds(1.0)
MOST_OF_ROUND = 100
"""Documents that are written in one round."""
MOST_KEPT = 16
"""Times that are kept of one pair of agents in one task."""

log = logging.getLogger("switchgear")


class Frictions:
    """Writes, every second, what the witness has seen since."""

    def __init__(self, witness: Witness, papers: Papers, clock: Clock) -> None:
        """Take who sees, and where it is kept."""
        self._witness = witness
        self._papers = papers
        self._clock = clock
        self._loop: asyncio.Task[None] | None = None
        self._sent: dict[str, Watched] = {}

    def keep(self, nursery: Nursery) -> None:
        """Begin to."""
        self._loop = nursery.spawn(self._rounds())

    async def aclose(self) -> None:
        """Write what is left, as far as the store takes it."""
        await called_off(self._loop)
        self._witness.end_all()
        try:
            while self._witness.ended:
                await self.flush()
        except LedgerDown as error:
            log.warning("hand-offs: some of what they cost is lost: %s", error.message)

    async def flush(self) -> None:
        """Write what there is, a round's worth.

        Raises:
            LedgerDown: it is tried again.
        """
        witness = self._witness
        witness.rest()
        ended, witness.ended = witness.ended[:MOST_OF_ROUND], witness.ended[MOST_OF_ROUND:]
        while ended:
            try:
                await self._keep(ended[0])
            except LedgerDown:
                witness.ended[:0] = ended
                raise
            ended.pop(0)
        for live in list(witness.told.values())[:MOST_OF_ROUND]:
            heard = witness.known(live.task.id)
            watched = heard.watched if heard else None
            if watched and watched.handoff and self._sent.get(watched.handoff) is not watched:
                self._sent[watched.handoff] = watched
                await self._keep_said(live.task, watched)

    async def _rounds(self) -> None:
        while True:
            with suppress(LedgerDown):  # it is tried again in a second
                await self.flush()
            await asyncio.sleep(ROUND)

    async def _keep(self, ended: Ended) -> None:
        watched = ended.watched
        if watched.handoff:
            self._sent.pop(watched.handoff, None)
            await self._keep_said(ended.task, watched)
        else:
            await self._keep_unsaid(ended.task, watched)

    async def _keep_said(self, task: Task, watched: Watched) -> None:
        for _ in range(2):
            paper = await self._papers.find(PaperKind.HANDOFF, watched.handoff)
            if paper is None:
                return
            handoff = msgspec.structs.replace(handoff_in(paper), friction=(watched.friction,))
            write = Write(paper=paper_of(handoff, task, paper.revision + 1))
            if await self._papers.write((write,)) is Written.DONE:
                return

    async def _keep_unsaid(self, task: Task, watched: Watched) -> None:
        name = _edge(task.id, watched)
        for _ in range(2):
            paper = await self._papers.find(PaperKind.HANDOFF, name)
            handoff = self._new(name, task, watched)
            revision = 1
            if paper is not None:
                handoff = _once_more(handoff_in(paper), watched.friction)
                revision = paper.revision + 1
            write = Write(paper=paper_of(handoff, task, revision))
            if await self._papers.write((write,)) is Written.DONE:
                return

    def _new(self, name: str, task: Task, watched: Watched) -> Handoff:
        return Handoff(
            id=name,
            task=task.id,
            sender=watched.sender,
            receiver=watched.receiver,
            key=task.key,
            at=self._clock.date(),
            state=HandoffState.IMPLICIT,
            friction=(watched.friction,),
        )


def _once_more(handoff: Handoff, friction: Friction) -> Handoff:
    kept = (*handoff.friction, friction)[-MOST_KEPT:]
    return msgspec.structs.replace(handoff, times=handoff.times + 1, friction=kept)


def _edge(task: str, watched: Watched) -> str:
    """Return the id of what is kept of a pair of agents of a task."""
    said = msgspec.json.encode((task, watched.sender, watched.receiver))
    number = int.from_bytes(blake2b(said, digest_size=17).digest(), "big")
    return HANDOFF_PREFIX + "".join([ALPHABET[number >> 5 * place & 31] for place in range(26)])

"""What this process has learnt of who does well on which calls."""

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from zlib import crc32

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.caller import Mode
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown
from switchgear.domain.fact import Decided
from switchgear.domain.learning import Learning, Use
from switchgear.domain.odds import NO_ODDS, Bar, Odds
from switchgear.domain.outcome import Outcome
from switchgear.domain.units import NanoUsd, Seconds, UnixMs
from switchgear.engine.explore import extra_of
from switchgear.engine.influence import Said
from switchgear.engine.policy import Policy
from switchgear.engine.success.model import UNTAUGHT, SuccessModel
from switchgear.pipeline.learning.ear import Ear
from switchgear.pipeline.learning.harvest import Books
from switchgear.pipeline.learning.mind import Mind
from switchgear.pipeline.learning.pocket import Pocket
from switchgear.pipeline.learning.refit import Need, RefitFailed, Refits, Shipped, Work
from switchgear.pipeline.learning.version import HEAD, Head
from switchgear.ports.clock import Clock
from switchgear.ports.nursery import Nursery, called_off
from switchgear.ports.papers import PaperKind, Papers

ROUND = Seconds(1.0)
"""Between two looks at what others were told, and at which version is in force."""
SOON = Seconds(0.05)
"""After an outcome is told here, so that those that come together are learnt together."""
AT_ONCE = 256
"""Labels that are learnt in one go, in a thread."""
MS = 1000
RESULTS = ("switched", "rejected", "failed")
"""What may come of a refit."""

log = logging.getLogger("switchgear")


class Footing(msgspec.Struct, frozen=True, kw_only=True):
    """What learning stands on."""

    ledger: Books
    papers: Papers
    clock: Clock
    nursery: Nursery
    work: Work | None = None
    """How a refit is done; None for a process of its own."""
    prior: Shipped = bytes
    """What fits may begin from; asked for by a refit only."""


class Brain:
    """The version that is in force, and what was learnt since. It outlives a reload."""

    def __init__(self, footing: Footing | None = None) -> None:
        """Know nothing; without anything to stand on, for ever."""
        self.refits: Counter[str] = Counter()
        """By what came of them, as RESULTS has it."""
        self.made = UnixMs(0)
        """When the version in force was made; 0 where none is."""
        self.mind = Mind()
        self.ear = Ear(None if footing is None else (footing.ledger, footing.papers))
        self._footing = footing
        self._learning = Learning(use=Use.OFF)
        self._policy: Policy | None = None
        self._pocket: Pocket | None = None
        self._refits: Refits | None = None
        if footing is not None:
            self._pocket = Pocket(footing.papers)
            books = (footing.ledger, footing.papers)
            self._refits = Refits(books, footing.clock, footing.work, footing.prior)
            self._versions = self._refits.versions
        self._explores = False
        self._head = Head()
        self._number = 0
        self._begun = self._recalled = False
        self._rounds: asyncio.Task[None] | None = None
        self._refitting: asyncio.Task[None] | None = None

    def expect(self, learning: Learning, policy: Policy) -> None:
        """Know the owner's wishes and policy, from now on."""
        self._learning, self._policy = learning, policy
        self.ear.tiers = {each.id: each.tier for each in policy.targets}
        self.mind.expect(learning, policy)
        explore = learning.explore
        self._explores = learning.use is Use.ON and explore.daily > 0 and explore.share > 0
        if self._pocket is not None:
            self._pocket.exploring = explore

    def odds(self, ask: Ask) -> Odds:
        """Return what is known of who would do well on a call; at once, whatever goes on."""
        mind = self.mind
        if self._learning.use is Use.OFF or not (mind.name or self._explores):
            return NO_ODDS
        chances = mind.chances(ask) if mind.name else ()
        purse = self.left if self._explores else NanoUsd(0)
        if not chances and not purse:
            return NO_ODDS
        return Odds(
            version=mind.name or "v0+0",
            chances=chances,
            bars=mind.bars,
            purse=purse,
            rate=self._learning.explore.share if purse else 0.0,
        )

    @property
    def left(self) -> NanoUsd:
        """What exploring may still spend here, now."""
        if self._pocket is None or self._footing is None:
            return NanoUsd(0)
        return self._pocket.now(self._footing.clock.date())

    @property
    def spent(self) -> NanoUsd:
        """What exploring has cost here, as far as that was expected."""
        return NanoUsd(0) if self._pocket is None else self._pocket.spent

    @property
    def age(self) -> Seconds:
        """How old the version in force is; 0 where none is."""
        if self._footing is None or not self.made:
            return Seconds(0.0)
        return Seconds((self._footing.clock.date() - self.made) / MS)

    def chose(self, decided: Decided) -> None:
        """Pay for a decision that is acted on, if it was made in order to learn."""
        acted = decided.decision.explored and decided.mode is Mode.ROUTE
        if acted and self._pocket is not None:
            self._pocket.spend(extra_of(decided.decision))

    def hear(self, entry: Entry) -> None:
        """Take note of a call that has ended."""
        if self._learning.use is not Use.OFF:
            self.ear.hear(entry)

    def told(self, outcome: Outcome, entry: Entry) -> None:
        """Take note of an outcome that was kept here."""
        if self._learning.use is not Use.OFF:
            self.ear.told(outcome, entry)

    async def start(self) -> None:
        """Put the version in force that the store says, and begin to learn."""
        if self._footing is None:
            return
        if self._learning.use is not Use.OFF:
            with suppress(LedgerDown):  # the rounds try again
                await self._begin()
        self._rounds = self._footing.nursery.spawn(self._run())

    async def aclose(self) -> None:
        """Learn no more; a refit under way is broken off."""
        await called_off(self._rounds)
        await called_off(self._refitting)

    async def round(self) -> None:
        """Hear what others were told, learn it, and see whether all is to be learnt anew.

        Raises:
            LedgerDown: it is tried again.
        """
        footing = self._footing
        if footing is None or self._learning.use is Use.OFF:
            return
        if not self._begun:
            await self._begin()
        await self._look(footing)
        if not self._recalled:
            await self.ear.recall(self._learning, footing.clock.date())
            self._recalled = True
        await self.ear.listen()
        await self.learn()
        if self._pocket is not None and self._explores:
            await self._pocket.fill(footing.clock.date())
        if self._is_due(footing.clock.date()):
            self._refitting = footing.nursery.spawn(self._refit())

    async def learn(self) -> None:
        """Learn what was heard; the loop goes on meanwhile."""
        mind = self.mind
        while len(self.ear):
            some = mixed(self.ear.take(AT_ONCE))
            if not some:
                continue
            try:
                model = await asyncio.to_thread(mind.after, some)
            except (ValueError, ArithmeticError) as error:  # the next refit tries them again
                log.error("learning: %d labels cannot be learnt: %s", len(some), error)  # noqa: TRY400  (the reason says it all)
            else:
                mind.put(model, some)

    async def _run(self) -> None:
        said = False
        while True:
            try:
                await self.round()
                said = False
            except LedgerDown as error:
                if not said:
                    log.warning("learning: %s", error.message)
                said = True
            with suppress(TimeoutError):
                async with asyncio.timeout(ROUND):
                    await self.ear.woken.wait()
                    await asyncio.sleep(SOON)
            self.ear.woken.clear()

    async def _begin(self) -> None:
        if self._footing is None:
            return
        self._number, _ = await self._footing.papers.since(PaperKind.BRAIN, 0)
        await self.ear.begin()
        await self._take_up()
        self._begun = True

    async def _look(self, footing: Footing) -> None:
        """See whether another version came into force."""
        number, found = await footing.papers.since(PaperKind.BRAIN, self._number)
        if any(each.id == HEAD for each in found):
            await self._take_up()
        self._number = number

    async def _take_up(self) -> None:
        """Put the version in force that the head names; without one that can be read, none."""
        before, self._head = self._head, await self._read_head()
        if self._head != before:
            self.ear.new = 0
            self.ear.since = self._head.since
        head, mind = self._head, self.mind
        if self._begun and (head.current, head.since) == (mind.version, mind.since):
            return
        model = UNTAUGHT
        bars: tuple[Bar, ...] = ()
        self.made = UnixMs(0)
        if head.current:
            model, bars = await self._read_version(head.current)
            log.info("learning: %s is in force", head.current)
        elif mind.version:
            log.info("learning: no version is in force any more")
        self.ear.put_back(mind.begin(head.current, model, bars, head.since))

    async def _read_head(self) -> Head:
        try:
            head, _ = await self._versions.head()
        except ValueError as error:
            log.error("learning: begun anew, for what is in force cannot be read: %s", error)  # noqa: TRY400  (the reason says it all)
            return Head()
        return head

    async def _read_version(self, name: str) -> tuple[SuccessModel, tuple[Bar, ...]]:
        try:
            version = await self._versions.find(name)
            model = await self._versions.model(name)
        except ValueError as error:
            log.error("learning: %s cannot be used, begun without it: %s", name, error)  # noqa: TRY400  (as above)
            return UNTAUGHT, ()
        if version is None:
            return model, ()
        self.made = version.at
        return model, version.report.bars

    def _is_due(self, now: UnixMs) -> bool:
        if self._refitting is not None and not self._refitting.done():
            return False
        need = Need(
            labels=self.ear.new,
            first=self._head.last == 0,
            loud=self.mind.influence.loud,
            unkept=self._head.current != "" and self.mind.unkept(),
        )
        return need.is_due(self._learning, Seconds((now - self._head.tried) / MS))

    async def _refit(self) -> None:
        """Learn anew; what goes wrong is told, and the version in force stays."""
        if self._refits is None or self._policy is None:
            return
        try:
            done = await self._refits.run(self._learning, self._policy)
        except (RefitFailed, ValueError, LedgerDown) as error:
            self.refits["failed"] += 1
            log.warning("learning: the refit failed, and what is in force stays: %s", error)
            return
        if done is None or not done.name:
            return
        self.refits["switched" if done.report.switched else "rejected"] += 1
        log.info("learning: %s was %s", done.name, done.report.why)


def mixed(said: list[Said]) -> list[Said]:
    """Return labels that came together in an order that has nothing to do with what they say.

    What comes as a block, all of one kind and then all of another, would be learnt as a change.
    """
    return sorted(said, key=lambda each: crc32(each.decision.encode()))

"""What commands need to say something of decisions, with or without a gateway that runs."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from typing_extensions import override

from switchgear.adapters.clock import SystemClock
from switchgear.cli.papers import open_store
from switchgear.cli.remote import Readable
from switchgear.cli.shelf import CONFIG, open_shelf
from switchgear.config.error import ConfigError
from switchgear.domain.entry import Entry
from switchgear.domain.errors import UnknownDecision
from switchgear.domain.outcome import Outcome
from switchgear.domain.ticket import Ticket
from switchgear.engine.outcome import Tiers
from switchgear.engine.saying import Saying, content_of
from switchgear.pipeline.learning.notice import Notices, before, sets_aside
from switchgear.pipeline.learning.outcome import Books, Outcomes, Told
from switchgear.ports.ledger import Query
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import Paper, Papers, Sought
from switchgear.running import Running, Source

MOST_POLICIES = 16
"""That are remembered."""


class Lent(Books):
    """What was looked up before anybody waits: a shelf cannot be asked from a loop."""

    def __init__(self) -> None:
        """Begin with none."""
        self.policies: dict[str, bytes | None] = {}
        self.entries: tuple[Entry, ...] = ()

    @override
    async def find(self, entry_id: str) -> Entry | None:
        return None

    @override
    async def list(self, query: Query) -> tuple[Entry, ...]:
        return self.entries

    @override
    async def find_policy(self, version: str) -> bytes | None:
        return self.policies.get(version)


class Pen:
    """Reads decisions, and writes what is said of them; close it after use."""

    def __init__(self, shelf: Readable, papers: Papers) -> None:
        """Take where both are."""
        self.shelf = shelf
        self._papers = papers
        self._lent = Lent()
        self._runner = asyncio.Runner()
        self._desk = Outcomes(papers, self._lent, SystemClock())
        self._notices = Notices(self._desk, self._lent, SystemClock(), Nursery())

    def know(self, config: Path | None) -> None:
        """Know the targets in force, if there is a good config; without one only those of old."""
        file = config or CONFIG
        if file.exists():
            with suppress(ConfigError, OSError):
                setup = Running(Source.of(file)).read().setup
                self._desk.expect("", setup.policy.targets)

    def entry(self, decision: str) -> Entry:
        """Return a decision.

        Raises:
            UnknownDecision: there is none of that id.
        """
        found = self.shelf.find(decision)
        if found is None:
            raise UnknownDecision("No decision on this ledger has that id.")
        return found

    def say(self, saying: Saying) -> Told:
        """Keep what somebody at this machine says.

        Raises:
            SwitchgearError: it cannot be said, as ``POST /v1/outcomes`` has it.
        """
        entry = self.entry(saying.decision)
        self._lend(entry)
        return self._runner.run(self._desk.keep(saying, entry, ""))

    def check(self, saying: Saying) -> None:
        """Check that it may be said, and say nothing; it raises what ``say`` does."""
        entry = self.entry(saying.decision)
        self._lend(entry)
        self._runner.run(self._desk.check(content_of(saying), entry))

    def set_aside(self, ticket: Ticket) -> Told | None:
        """Mark the answer that a human has set aside, if this ticket says so of one.

        Raises:
            SwitchgearError: nothing was kept.
        """
        if not sets_aside(ticket):
            return None
        self._lent.entries = self.shelf.page(before(ticket))
        for each in self._lent.entries:
            self._lend(each)
        return self._runner.run(self._notices.set_aside(ticket))

    def of(self, decision: str) -> tuple[Outcome, ...]:
        """Return what was said of a decision."""
        return self._runner.run(self._desk.of(decision))

    def page(self, sought: Sought) -> tuple[tuple[Paper, tuple[Outcome, ...]], ...]:
        """Return papers with what was said, those of the newest decisions first."""
        return self._runner.run(self._desk.page(sought))

    def tiers(self, entry: Entry) -> Tiers:
        """Return the tiers of targets, as the policy that decided had them."""
        self._lend(entry)
        return self._runner.run(self._desk.tiers(entry))

    def close(self) -> None:
        """Close all of it."""
        self._runner.run(self._papers.aclose())
        self._runner.close()
        self.shelf.close()

    def _lend(self, entry: Entry) -> None:
        version = "" if entry.decision is None else entry.decision.policy
        policies = self._lent.policies
        if version not in policies:
            while len(policies) >= MOST_POLICIES:
                del policies[next(iter(policies))]
            policies[version] = self.shelf.find_policy(version) if version else None


def open_pen(ledger: Path | None, config: Path | None, *, durable: bool = True) -> Pen:
    """Return what to write with, or exit with 2 and say why not."""
    papers = open_store(ledger, config, durable=durable)
    pen = Pen(open_shelf(ledger, config), papers)
    pen.know(None if ledger is not None and config is None else config)
    return pen


def with_pen(pen: Pen, work: Callable[[Pen], object]) -> None:
    """Do something, and close it whatever happens."""
    try:
        work(pen)
    finally:
        pen.close()

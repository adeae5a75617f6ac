"""What commands need to work on tasks, with or without a gateway that runs."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from typing_extensions import override

from switchgear.adapters.budgets.memory import MemoryBudgets
from switchgear.adapters.chance import SystemChance
from switchgear.adapters.clock import SystemClock
from switchgear.cli.papers import open_store
from switchgear.cli.remote import Readable
from switchgear.cli.shelf import CONFIG, ledger_path, ledger_url, open_shelf, refuse
from switchgear.config.error import ConfigError
from switchgear.config.setup import Book, Setup
from switchgear.domain.account import Account
from switchgear.domain.caller import Key
from switchgear.domain.context import Operation, Writer
from switchgear.domain.task import Task
from switchgear.pipeline.ring import Ring
from switchgear.pipeline.task.bursar import Bursar
from switchgear.pipeline.task.desk import TaskDesk
from switchgear.pipeline.task.opening import Drafts, Opener
from switchgear.pipeline.task.registry import Tasks
from switchgear.ports.budget import Level
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import Papers, Write
from switchgear.running import Running, Source, open_keyring


class Levels(MemoryBudgets):
    """Knows how accounts stand, and touches none."""

    def __init__(self, shelf: Readable) -> None:
        """Take where they are."""
        super().__init__(SystemClock())
        self._shelf = shelf

    @override
    async def levels(self, accounts: Sequence[Account]) -> tuple[Level, ...]:
        return self._shelf.levels(accounts)


class NoContexts(Drafts):
    """Begins no context: commands open tasks without one."""

    @override
    def drafted(self, task: Task, entries: Sequence[Operation], by: Writer) -> Write | None:
        return None

    @override
    async def begin(self, task: Task, entries: Sequence[Operation], by: Writer) -> int:
        return 0


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """The desk, and what it stands on."""

    desk: TaskDesk
    papers: Papers
    shelf: Readable
    book: Book
    setup: Setup | None = None
    """None where there is no config, or none that is good."""

    async def key(self, name: str) -> Key:
        """Return the rights of a key, by its id; without one, of whoever has none.

        Raises:
            LedgerDown: it is not known.
        """
        if not name:
            return Key()
        keyring = open_keyring(self.book)
        try:
            ring = Ring(keyring)
            ring.declare(() if self.setup is None else self.setup.keys)
            await ring.refresh()
        finally:
            await keyring.aclose()
        standing = ring.table.standing.get(name)
        if not isinstance(standing, Key):
            why = "" if standing is None else f": {standing.value}"
            refuse(f"There is no key {name!r} that is good{why}.")
        return standing

    async def aclose(self) -> None:
        """Close all of it."""
        await self.papers.aclose()
        self.shelf.close()


def open_bench(ledger: Path | None, config: Path | None) -> Bench:
    """Return what to work with, or exit with 2 and say why not."""
    papers, shelf = open_store(ledger, config), open_shelf(ledger, config)
    setup, clock = _setup(None if ledger is not None else config), SystemClock()
    tasks = Tasks(papers, clock, Nursery())
    bursar = Bursar(tasks, Levels(shelf), clock)
    if setup is not None:
        bursar.settings, tasks.lifetime = setup.tasks, setup.tasks.lifetime
    opener = Opener(tasks, bursar, NoContexts(), clock, SystemChance())
    url = ledger_url(ledger, config)
    return Bench(
        desk=TaskDesk(tasks, papers, opener, bursar, clock),
        papers=papers,
        shelf=shelf,
        book=Book(url=url) if url is not None else Book(path=str(ledger_path(ledger, config))),
        setup=setup,
    )


def _setup(config: Path | None) -> Setup | None:
    file = config or CONFIG
    if not file.exists():
        return None
    try:
        return Running(Source.of(file)).read().setup
    except (ConfigError, OSError):
        return None  # what is kept of tasks can be worked on all the same

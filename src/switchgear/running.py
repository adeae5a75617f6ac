"""A gateway that runs: its adapters, and the version of the config that is in force."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import msgspec

from switchgear.adapters.beacons.memory import MemoryBeacon
from switchgear.adapters.budgets.allotted import AllottedBudgets
from switchgear.adapters.chance import SystemChance
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.halts.file import FileBoard
from switchgear.adapters.halts.memory import MemoryBoard
from switchgear.adapters.keyrings.memory import MemoryKeyring
from switchgear.adapters.keyrings.postgres import PostgresKeyring
from switchgear.adapters.keyrings.sqlite import SqliteKeyring
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.ledgers.postgres import PostgresLedger, open_postgres
from switchgear.adapters.ledgers.sqlite import Spilling, SqliteLedger
from switchgear.adapters.meters.memory import MemoryMeters
from switchgear.adapters.opinions.own import OwnOpinions
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.adapters.papers.postgres import PostgresPapers
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.adapters.prior import ShippedPrior
from switchgear.adapters.recollections.crew import CrewRecollections
from switchgear.adapters.recollections.memory import MemoryRecollections
from switchgear.adapters.recollections.shelf import Bounds
from switchgear.adapters.recollections.sqlite import SqliteRecollections
from switchgear.adapters.redis.beacon import NODE_BYTES, RedisBeacon
from switchgear.adapters.redis.connection import Redis
from switchgear.adapters.redis.meter import RedisMeters
from switchgear.adapters.signals.crew import CrewSignals
from switchgear.adapters.signals.prometheus import PrometheusSignals
from switchgear.adapters.upstreams.provider import HttpMeans, HttpUpstream
from switchgear.adapters.upstreams.switch import SwitchUpstream
from switchgear.adapters.upstreams.tool import ToolUpstream
from switchgear.app import Gateway, build
from switchgear.config.environment import config_from
from switchgear.config.error import ConfigError, Finding
from switchgear.config.read import Read, read_setup
from switchgear.config.setup import Book, Remembering, Setup
from switchgear.config.verify.provider import loopback
from switchgear.domain.ids import CHANCE_BITS, mint
from switchgear.domain.secret import Secret
from switchgear.domain.target import Kind
from switchgear.engine.cascade import functions_of
from switchgear.engine.policydoc import encode_policy
from switchgear.gauge import show
from switchgear.house import House, Outside, furnish
from switchgear.pipeline.estimates import warm
from switchgear.ports.beacon import Beacon
from switchgear.ports.board import Board
from switchgear.ports.budget import Budgets
from switchgear.ports.keyring import Keyring
from switchgear.ports.meter import Meters
from switchgear.ports.papers import Papers
from switchgear.ports.recollection import Recollections
from switchgear.ports.worker import ALONE, Post
from switchgear.surfaces.http.app import App
from switchgear.wire.registry import TONGUES

IN_MEMORY = ":memory:"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where the config comes from, now and at each reload."""

    read: Callable[[], bytes]
    environment: Mapping[str, str]

    @classmethod
    def of(
        cls,
        config: Mapping[str, object] | str | Path | None,
        environment: Mapping[str, str] | None = None,
    ) -> "Source":
        """Return the source for a file's path, for its content, or for the environment alone."""
        known = os.environ if environment is None else environment
        if config is None:
            return cls(read=lambda: config_from(known).encode(), environment=known)
        if isinstance(config, Mapping):
            content = msgspec.json.encode(config)  # YAML 1.2 is a superset of JSON
            return cls(read=lambda: content, environment=known)
        return cls(read=partial(Path.read_bytes, Path(config)), environment=known)


class Upstreams(msgspec.Struct, frozen=True, kw_only=True):
    """What calls are sent with; each version of the config has its own view of them."""

    http: HttpUpstream
    tools: ToolUpstream


class Running:
    """Closed until ``start``; then ``current`` is the version that a new call sees."""

    def __init__(self, source: Source, post: Post = ALONE) -> None:
        """Know where the config is, and beside whom it runs; nothing is read yet."""
        self._source = source
        self._post = post
        self._gateway: Gateway | None = None
        self._host = ""
        """Where it listens, if anything does: a reload changes the keys, never the address."""
        self._house: House
        self._upstreams: Upstreams
        self._redis: Redis | None = None
        self._crew: CrewSignals | None = None
        self.asgi = App(self.current, TONGUES)

    def current(self) -> Gateway:
        """Return the version in force.

        Raises:
            RuntimeError: it has not been started.
        """
        if self._gateway is None:
            raise RuntimeError("open it first: async with switchgear.open(...) as sg")
        return self._gateway

    @property
    def house(self) -> House:
        """What outlives a reload."""
        return self._house

    def read(self) -> Read:
        """Read the config, and put nothing in force.

        Raises:
            ConfigError: it is not good.
            OSError: it cannot be read.
        """
        return read_setup(self._source.read(), self._source.environment, SystemClock().date())

    async def start(self, setup: Setup | None = None) -> None:
        """Open the adapters, and put the config in force; once it is open, do nothing."""
        if self._gateway is not None:
            return
        setup = setup or self.read().setup
        self._host = setup.server.host
        refuse_open(setup, self._host)
        signals = PrometheusSignals()
        crew = CrewSignals(signals, self._post, SystemClock()) if self._post.folder else None
        board = open_board(setup.halts)
        self._redis = await open_redis(setup.redis)
        ledger = await open_ledger(setup.ledger)
        outside = Outside(
            ledger=ledger,
            budgets=open_budgets(ledger),
            signals=signals,
            clock=SystemClock(),
            chance=SystemChance(),
            recollections=await open_shared(setup.responses, self._post),
            meters=open_meters(self._redis, self._post.share),
            keyring=open_keyring(setup.ledger),
            papers=open_papers(setup.ledger),
            board=board,
            beacon=open_beacon(self._redis),
            opinions=OwnOpinions(),
            prior=ShippedPrior(),
            exposition=signals.exposition if crew is None else crew.exposition,
        )
        self._house = furnish(outside, setup.server, self._post.share)
        await warm(self._house.estimates, ledger)
        show(self._house, signals, self._redis)
        means = HttpMeans(
            nursery=self._house.nursery,
            clock=outside.clock,
            patience=setup.patience,
            tongues=TONGUES,
        )
        with _told("unknown_function"):
            tools = ToolUpstream(setup.tools)
        with _told("bad_url"):
            upstreams = Upstreams(http=HttpUpstream(setup.providers, means), tools=tools)
        await self._keep_policy(setup)
        await self._house.ring.start()
        self._house.halts.maker = self._house.ring.maker
        await self._house.killswitch.start()
        if self._redis is not None:
            await self._house.hints.start()
        self._put_in_force(setup, upstreams)
        await self._keep()
        if crew is not None:
            self._crew = crew
            crew.start()

    async def _keep(self) -> None:
        """Begin what is done every second, with what was learnt before."""
        for each in (self._house.claims, self._house.tasks, self._house.tickets):
            each.keep()
        for kept in (self._house.contexts, self._house.frictions):
            kept.keep(self._house.nursery)
        if self._post.number == 1:  # one of those that share a ledger counts for all
            self._house.figures.keep(self._house.nursery)
        await self._house.brain.start()

    async def reload(self) -> Read:
        """Read the config again and put it in force, all or nothing.

        Raises:
            ConfigError: it is not good; the version in force stays.
            OSError: it cannot be read; the version in force stays.
            LedgerDown: the new policy could not be kept; the version in force stays.
        """
        found = self.read()
        refuse_open(found.setup, self._host)
        with _told("unknown_function"):
            tools = self._upstreams.tools.renewed(found.setup.tools)
        await self._keep_policy(found.setup)
        with _told("bad_url"):
            http = self._upstreams.http.renewed(found.setup.providers)
        self._put_in_force(found.setup, Upstreams(http=http, tools=tools))
        self._house.health.forgive()
        return found

    async def aclose(self) -> None:
        """Let the last rows be written, and close everything."""
        if self._gateway is None:
            return
        self._house.claims.stop()
        await self._house.tickets.aclose()
        await self._house.tasks.aclose()
        await self._house.contexts.aclose()
        await self._house.frictions.aclose()
        await self._house.figures.aclose()
        await self._house.brain.aclose()
        await self._house.nursery.aclose()
        await self._house.ring.aclose()
        await self._house.killswitch.aclose()
        await self._house.hints.aclose()
        await self._house.outside.beacon.aclose()
        self._upstreams.http.close()
        self._upstreams.tools.close()
        self._house.outside.opinions.close()
        await self._house.outside.budgets.aclose()
        await self._house.outside.ledger.aclose()
        await self._house.outside.recollections.aclose()
        await self._house.outside.meters.aclose()
        await self._house.outside.keyring.aclose()
        await self._house.outside.papers.aclose()
        if self._redis is not None:
            await self._redis.aclose()
        if self._crew is not None:
            await self._crew.aclose()
        self._gateway = None

    async def _keep_policy(self, setup: Setup) -> None:
        """Keep the policy before any decision refers to it, once its functions are found."""
        policy = setup.policy
        with _told("unknown_function"):
            self._house.outside.opinions.expect(functions_of(policy))
        await self._house.outside.ledger.keep_policy(policy.version, encode_policy(policy))

    def _put_in_force(self, setup: Setup, upstreams: Upstreams) -> None:
        """Let new calls see this version; those under way keep theirs."""
        self._upstreams = upstreams
        upstream = SwitchUpstream({Kind.TOOL: upstreams.tools}, upstreams.http)
        self._gateway = build(setup, self._house, upstream)


def refuse_open(setup: Setup, host: str) -> None:
    """Check that nobody beyond this machine is served without a key.

    Raises:
        ConfigError: ``host`` is open to the network and the setup has no keys.
    """
    if not setup.keys and not loopback(host):
        message = f"{host} is open to the network; declare keys, or listen on 127.0.0.1"
        raise ConfigError((Finding(code="open_to_network", message=message),))


async def open_ledger(book: Book) -> SqliteLedger | PostgresLedger | MemoryLedger:
    """Return the ledger that the config names.

    Raises:
        LedgerDown: it cannot be opened.
    """
    if book.path == IN_MEMORY:
        return MemoryLedger()
    spilling = Spilling(journal=book.journal, when_full=book.when_full)
    if book.url is not None:
        return await open_postgres(book.url, durable=book.durable, spilling=spilling)
    return SqliteLedger(Path(book.path), durable=book.durable, spilling=spilling)


def open_budgets(ledger: SqliteLedger | PostgresLedger | MemoryLedger) -> Budgets:
    """Return the ledger's budgets, of which large ones are lent to this process in parts."""
    clock = SystemClock()
    return AllottedBudgets(
        ledger.budgets, clock, mint(clock.date(), SystemChance().bits(CHANCE_BITS))
    )


async def open_redis(url: Secret | None) -> Redis | None:
    """Return the way to what nodes share, tried once; None where the config names none.

    Raises:
        ConfigError: it is no address, or the library is missing.
    """
    if url is None:
        return None
    with _told("missing_extra"):
        redis = Redis(url)
    await redis.open()
    return redis


def open_board(path: str) -> Board:
    """Return where halts are posted, once it has been seen that they can be read.

    Raises:
        HaltsUnknown: they cannot: nobody is served before that is mended.
    """
    if not path:
        return MemoryBoard()
    board = FileBoard(Path(path))
    board.look()
    return FileBoard(Path(path))


def open_meters(redis: Redis | None, share: float = 1.0) -> Meters:
    """Return what counts rates: for all nodes that share a Redis, else this process's share."""
    if redis is None:
        return MemoryMeters(SystemClock(), round(1 / share))
    node = f"{SystemChance().bits(8 * NODE_BYTES):x}"
    meters = RedisMeters(redis, SystemClock(), node)
    meters.begin()
    return meters


def open_beacon(redis: Redis | None) -> Beacon:
    """Return how other nodes are told things; without Redis there are none."""
    if redis is None:
        return MemoryBeacon()
    return RedisBeacon(redis, SystemChance().bits(8 * NODE_BYTES))


def open_keyring(book: Book) -> Keyring:
    """Return where keys are kept: with the ledger that the config names."""
    if book.url is not None:
        return PostgresKeyring(book.url)
    return MemoryKeyring() if book.path == IN_MEMORY else SqliteKeyring(Path(book.path))


def open_papers(book: Book) -> Papers:
    """Return where tasks and what belongs to them are kept: with the ledger."""
    if book.url is not None:
        return PostgresPapers(book.url)
    if book.path == IN_MEMORY:
        return MemoryPapers()
    return SqlitePapers(Path(book.path), durable=book.durable)


async def open_shared(wanted: Remembering, post: Post) -> Recollections:
    """Return what keeps answers, where other workers of this machine may have been told them.

    Raises:
        LedgerDown: its file cannot be used.
    """
    if not post.folder:
        return open_recollections(wanted)
    if wanted.path and post.number > 1:  # each has a file of its own
        file = Path(wanted.path)
        path = str(file.with_name(f"{file.stem}-{post.number}{file.suffix}"))
        wanted = msgspec.structs.replace(wanted, path=path)
    crew = CrewRecollections(open_recollections(wanted), post)
    await crew.start()
    return crew


def open_recollections(wanted: Remembering) -> Recollections:
    """Return what keeps answers, as the config says.

    Raises:
        LedgerDown: its file cannot be used.
    """
    bounds = Bounds(most_bytes=wanted.most_bytes, span=wanted.span)
    if not wanted.path:
        return MemoryRecollections(bounds, SystemClock())
    return SqliteRecollections(bounds, SystemClock(), Path(wanted.path))


@contextmanager
def _told(code: str) -> Iterator[None]:
    """Tell as a finding what only shows when the config is put to use."""
    try:
        yield
    except ValueError as error:
        raise ConfigError((Finding(code=code, message=str(error)),)) from error

"""A real server of Postgres, one for each run of the tests, with a schema for each who asks."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from switchgear.adapters.ledgers.postgres import PostgresLedger, open_postgres
from switchgear.adapters.ledgers.postgres.ledger import NO_JOURNAL
from switchgear.adapters.ledgers.postgres.line import HOT
from switchgear.adapters.ledgers.spill import Spilling
from switchgear.domain.secret import Secret
from switchgear.domain.units import Seconds

SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "listen_addresses=",
    "shared_buffers=16MB",
    "max_connections=60",
    "max_wal_size=64MB",
    "autovacuum=off",
)
TABLES = (
    "bodies",
    "attempts",
    "decisions",
    "policies",
    "situations",
    "reservations",
    "accounts",
    "keys",
    "key_digests",
    "papers",
    "paper_notes",
)
HASTY = (
    "ledgers.postgres.ledger",
    "ledgers.postgres.budget",
    "keyrings.postgres",
    "papers.postgres",
)
PATIENCE = Seconds(20.0)
LOOKS = 1000
PAUSE_S = 0.01
Life = Callable[[PostgresLedger], Awaitable[None]]


def found() -> Path | None:
    """Return where the server's programs are, if they are anywhere."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    there = shutil.which("initdb")
    return None if there is None else Path(there).resolve().parent


def programs() -> Path:
    """Return where they are; without them a test is skipped, but never in CI."""
    folder = found()
    if folder is None:
        assert not os.environ.get("CI"), "there is no postgres: .ci/run installs it"
        pytest.skip("there is no postgres on this machine")
    return folder


def there() -> bool:
    """Whether contracts are to be tried on it: in CI always."""
    return found() is not None or bool(os.environ.get("CI"))


def as_whom() -> dict[str, Any]:
    """Return whom the server runs as: it refuses to be root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise AssertionError("there is no user that the server could run as")


class Server:
    """One server, on a socket of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._programs = programs()
        self._whom = as_whom()
        self._numbers = count()
        self._process: subprocess.Popen[bytes] | None = None
        if self._whom:
            os.chown(folder, self._whom["user"], self._whom["group"])
        self._make()
        self.start()

    def url(self, schema: str = "") -> str:
        """Return the address of a schema of its own, new where none is named."""
        if self._process is None or self._process.poll() is not None:
            self.start()  # a test that failed may have left it so
        if not schema:
            schema = f"s{next(self._numbers)}"
            self.say(f"CREATE SCHEMA {schema}")
        return self._url(schema)

    def _url(self, schema: str) -> str:
        return f"postgresql://switchgear@/postgres?host={self.folder}&search_path={schema}"

    def say(self, statement: str, url: str = "") -> list[tuple[Any, ...]]:
        """Do something on a connection of its own, and return the rows."""

        async def life() -> list[tuple[Any, ...]]:
            connection = await asyncpg.connect(url or self._url("public"))
            try:
                return [tuple(row) for row in await connection.fetch(statement)]
            finally:
                await connection.close()

        with ThreadPoolExecutor(1) as other:  # there may be a loop in this thread
            return other.submit(lambda: asyncio.run(life())).result()

    def start(self) -> None:
        """Start it; while what another left behind is still there, it ends at once."""
        for _ in range(LOOKS):
            if self._process is None or self._process.poll() is not None:
                self._process = self._begun()
            with suppress(OSError, asyncpg.PostgresError):
                self.say("SELECT 1")
                return
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(PAUSE_S)
        raise AssertionError(f"postgres never listened: {self.said()}")

    def _begun(self) -> "subprocess.Popen[bytes]":
        settings = [part for each in SETTINGS for part in ("-c", each)]
        place = ("-D", str(self._data), "-k", str(self.folder))
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603  (our own command)
                (str(self._programs / "postgres"), *place, *settings),
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._whom,
            )

    def said(self) -> str:
        return (self.folder / "log").read_text("utf-8")

    def stop(self) -> None:
        """Stop it at once, as when somebody pulls the plug of all connections."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def freeze(self) -> None:
        """Let all that serve connections stand still."""
        for pid in self._family():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        for pid in self._family():
            os.kill(pid, signal.SIGCONT)

    def _family(self) -> list[int]:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [self._process.pid, *map(int, children.read_text("ascii").split())]

    def _make(self) -> None:
        plain = ("-U", "switchgear", "--auth=trust", "--no-sync", "--no-locale", "--encoding=UTF8")
        subprocess.run(  # noqa: S603  (our own command)
            (str(self._programs / "initdb"), "-D", str(self._data), *plain),
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self._whom,
        )


@cache
def server() -> Server:
    """Return the server of this run, started when it is first wanted."""
    folder = tempfile.mkdtemp(prefix="pg-")
    return Server(Path(folder))


@cache
def home() -> str:
    """Return a schema that all contracts share, each of which empties it."""
    return server().url()


@pytest.fixture(scope="session", autouse=True)
def _stopped() -> Iterator[None]:
    """End the server after all tests; in these nothing is late, however slow the machine."""
    with pytest.MonkeyPatch.context() as patch:
        for name in HASTY:
            patch.setattr(f"switchgear.adapters.{name}.HOT", PATIENCE)
        yield
    if server.cache_info().currsize:
        server().stop()
        shutil.rmtree(server().folder)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the database no longer than gateways do."""
    for name in HASTY:
        monkeypatch.setattr(f"switchgear.adapters.{name}.HOT", HOT)


@pytest.fixture
def postgres_server() -> Server:
    return server()


@pytest.fixture
def postgres_url() -> str:
    """Where there is nothing yet."""
    return server().url()


@asynccontextmanager
async def emptied() -> AsyncIterator[PostgresLedger]:
    """A ledger with nothing in it, in a schema where there may have been something."""
    ledger = await open_postgres(Secret(home()))
    try:
        async with ledger.shelf.asked() as connection:
            for table in TABLES:
                await connection.execute(f"DELETE FROM {table}")  # noqa: S608  (names of ours)
        yield ledger
    finally:
        await ledger.aclose()


def with_ledger(
    url: str, life: Life, spilling: Spilling = NO_JOURNAL, folder: Path | None = None
) -> None:
    """Do something with a ledger, in a loop of its own."""

    async def whole() -> None:
        journal = (folder or Path()) / "journal"
        ledger = await open_postgres(Secret(url), spilling=spilling, journal=journal)
        try:
            await life(ledger)
        finally:
            await ledger.aclose()

    asyncio.run(whole())

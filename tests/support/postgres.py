"""A real server of Postgres, one for each run of the tests, with a schema for each who asks."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from switchgear.adapters.ledgers.postgres import PostgresLedger, open_postgres
from switchgear.adapters.ledgers.postgres.ledger import NO_JOURNAL
from switchgear.adapters.ledgers.spill import Spilling
from switchgear.domain.secret import Secret

SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "listen_addresses=",
    "shared_buffers=16MB",
    "max_connections=60",
    "max_wal_size=64MB",
    "autovacuum=off",
)
TABLES = ("bodies", "attempts", "decisions", "policies", "situations", "reservations", "accounts")
LOOKS = 1000
PAUSE_S = 0.01
Life = Callable[[PostgresLedger], Awaitable[None]]


def programs() -> Path:
    """Return where the server's programs are; without them a test is skipped, but never in CI."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    found = shutil.which("initdb")
    if found is None:
        assert not os.environ.get("CI"), "there is no postgres: .ci/run installs it"
        pytest.skip("there is no postgres on this machine")
    return Path(found).resolve().parent


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
        self._folder = folder
        self._data = folder / "data"
        self._programs = programs()
        self._whom = as_whom()
        self._numbers = count()
        if self._whom:
            os.chown(folder, self._whom["user"], self._whom["group"])
        self._make()
        self.start()

    def url(self, schema: str = "") -> str:
        """Return the address of a schema of its own, new where none is named."""
        if not schema:
            schema = f"s{next(self._numbers)}"
            self.say(f"CREATE SCHEMA {schema}")
        return f"postgresql://switchgear@/postgres?host={self._folder}&search_path={schema}"

    def say(self, statement: str, url: str = "") -> list[tuple[Any, ...]]:
        """Do something on a connection of its own, and return the rows."""

        async def life() -> list[tuple[Any, ...]]:
            connection = await asyncpg.connect(url or self.url("public"))
            try:
                return [tuple(row) for row in await connection.fetch(statement)]
            finally:
                await connection.close()

        return asyncio.run(life())

    def start(self) -> None:
        settings = [part for each in SETTINGS for part in ("-c", each)]
        place = ("-D", str(self._data), "-k", str(self._folder))
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  (our own command)
                (str(self._programs / "postgres"), *place, *settings),
                stdout=log,
                stderr=log,
                cwd=self._folder,
                **self._whom,
            )
        for _ in range(LOOKS):
            with suppress(OSError, asyncpg.PostgresError):
                self.say("SELECT 1")
                return
            with suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"it ended with {self._process.wait(PAUSE_S)}: {self.said()}")
        raise AssertionError(f"postgres never listened: {self.said()}")

    def said(self) -> str:
        return (self._folder / "log").read_text("utf-8")

    def stop(self) -> None:
        """Stop it at once, as when somebody pulls the plug of all connections."""
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
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [self._process.pid, *map(int, children.read_text("ascii").split())]

    def _make(self) -> None:
        plain = ("-U", "switchgear", "--auth=trust", "--no-sync", "--no-locale", "--encoding=UTF8")
        subprocess.run(  # noqa: S603  (our own command)
            (str(self._programs / "initdb"), "-D", str(self._data), *plain),
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
            **self._whom,
        )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = Server(Path(folder))
        yield server
        server.stop()


@pytest.fixture(scope="session")
def postgres_home(request: pytest.FixtureRequest) -> str:
    """A schema that all contracts share, each emptying it; none where there is no server."""
    try:
        server = request.getfixturevalue("postgres_server")
    except pytest.skip.Exception:
        return ""
    assert isinstance(server, Server)
    return server.url()


@pytest.fixture
def postgres_url(postgres_server: Server) -> str:
    """Where there is nothing yet."""
    return postgres_server.url()


@asynccontextmanager
async def emptied(url: str) -> AsyncIterator[PostgresLedger]:
    """A ledger with nothing in it, in a schema where there may have been something."""
    ledger = await open_postgres(Secret(url))
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

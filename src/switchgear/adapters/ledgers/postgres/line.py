"""One connection to the server, which is opened again behind the scenes when it is lost."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from switchgear.adapters.ledgers.postgres.fault import FAULTS, breaks, down, library, said
from switchgear.domain.errors import LedgerDown
from switchgear.domain.secret import Secret
from switchgear.domain.units import Seconds
from switchgear.ports.nursery import Nursery

HOT = Seconds(0.25)
"""For one statement that a call waits for."""
COLD = Seconds(5.0)
"""For one that nobody on the hot path waits for."""
IDLE = Seconds(1.0)
"""For a process that stands still in a transaction: others wait for what it has locked."""
SLACK = Seconds(0.1)
"""How much longer we wait than the server does: so mostly it is the server that ends a statement,
and then it is known that nothing was done."""
CONNECT = Seconds(5.0)
"""For a new connection; a call waits for it no longer than for a statement."""
FIRST_PAUSE, LONGEST_PAUSE = Seconds(0.05), Seconds(2.0)
"""Between two tries to connect; each pause is twice the one before."""

SCHEMES = ("postgres", "postgresql")

Connection = Any
"""Of asyncpg, which has no types."""
log = logging.getLogger("switchgear")


class Line:
    """A connection that one task at a time uses.

    When it is lost, whoever finds that waits for two tries to open it again. Then it is down, and
    nobody waits: all are told at once, while one task goes on trying, with growing pauses.
    """

    def __init__(self, url: Secret, nursery: Nursery, limit: Seconds, *, durable: bool) -> None:
        """Know where the server is; nothing is opened yet."""
        self._url = url
        self._nursery = nursery
        self._limit = limit
        self._durable = durable
        self._lock = asyncio.Lock()
        self._connection: Connection | None = None
        self._opening: asyncio.Task[None] | None = None
        self._why: Exception | None = None
        self._closed = False

    @property
    def where(self) -> str:
        """The server and its database, without user or password."""
        return place(self._url)

    async def open(self) -> None:
        """Open it now.

        Raises:
            LedgerDown: it cannot be.
        """
        try:
            self._connection = await self._connect()
        except FAULTS as error:
            raise down(f"The ledger {self.where} cannot be opened", error) from None

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[Connection]:
        """Have it for oneself.

        Raises:
            LedgerDown: it is down, or breaks meanwhile; what was begun may have been done.
            Exception: what the server says of a statement passes through.
        """
        async with self._lock:
            connection = await self._ready()
            try:
                yield connection
            except BaseException as error:
                if not isinstance(error, Exception) or breaks(error):
                    # Also when its user is cancelled: an answer that nobody waits for may come.
                    self._drop(connection, error)
                raise

    @asynccontextmanager
    async def asked(self, failed: str) -> AsyncIterator[Connection]:
        """Have it for oneself; ``failed`` is what is said when anything goes wrong.

        Raises:
            LedgerDown: something did.
        """
        try:
            async with self.taken() as connection:
                yield connection
        except FAULTS as error:
            raise down(failed, error) from None

    async def close(self) -> None:
        """Close it, when whoever has it is done."""
        self._closed = True
        async with self._lock:
            if self._opening is not None:
                self._opening.cancel()
            connection, self._connection = self._connection, None
            if connection is not None:
                with suppress(*FAULTS):
                    await connection.close(timeout=HOT)

    async def _ready(self) -> Connection:
        connection = self._connection
        if connection is not None and not connection.is_closed():
            return connection
        self._connection = None
        if self._closed:
            raise LedgerDown("The ledger is closed.")
        if self._opening is None:
            tried = asyncio.Event()
            self._opening = self._nursery.spawn(self._reopen(tried))
            with suppress(TimeoutError):
                await asyncio.wait_for(tried.wait(), self._limit)
        if self._connection is None:
            raise down("The ledger cannot be reached", self._why or TimeoutError())
        return self._connection

    async def _reopen(self, tried: asyncio.Event) -> None:
        pause = FIRST_PAUSE
        try:
            while not self._closed:
                try:
                    self._connection = await self._connect()
                except FAULTS as error:
                    if self._why is None:
                        log.error("the ledger %s is lost: %s", self.where, said(error))  # noqa: TRY400  (says it all)
                    if pause > FIRST_PAUSE:
                        tried.set()
                    self._why = error
                else:
                    if self._why is not None:
                        log.info("the ledger %s is reached again", self.where)
                    self._why = None
                    tried.set()
                    return
                await asyncio.sleep(pause)
                pause = Seconds(min(pause * 2, LONGEST_PAUSE))
        finally:
            self._opening = None

    async def _connect(self) -> Connection:
        settings = {
            "application_name": "switchgear",
            "statement_timeout": str(int(self._limit * 1000)),
            "idle_in_transaction_session_timeout": str(int(IDLE * 1000)),
            "synchronous_commit": "on" if self._durable else "off",
            "jit": "off",  # it would be compiled for longer than it runs
        }
        return await library().connect(
            self._url.reveal(),
            timeout=CONNECT,
            command_timeout=self._limit + SLACK,
            server_settings=settings,
        )

    def _drop(self, connection: Connection, error: BaseException) -> None:
        connection.terminate()
        if self._connection is connection:
            self._connection = None
        if isinstance(error, Exception) and not self._closed:
            log.warning("the connection to the ledger is dropped: %s", said(error))


def place(url: Secret) -> str:
    """Return what of an address may be shown: host, port and database."""
    try:
        parts = urlsplit(url.reveal())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "in Postgres"
    if parts.scheme not in SCHEMES:
        return "in Postgres"
    return f"{parts.hostname or 'local'}{port}{parts.path}"

"""One thread with the ledger's file to itself, so that the event loop never waits for it."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from switchgear.adapters.ledgers.sqlite.schema import open_for_writing, said
from switchgear.domain.errors import LedgerDown

Found = TypeVar("Found")


class Clerk:
    """Does what it is asked, one after the other; after an error the file is opened anew."""

    def __init__(self, path: Path, what: str, *, durable: bool = True) -> None:
        """Know where the file is, and what is kept there; it is opened when it is first needed."""
        self._path = path
        self._what = what
        self._durable = durable
        self._thread = ThreadPoolExecutor(1, what)
        self._connection: sqlite3.Connection | None = None

    async def do(self, work: Callable[[sqlite3.Connection], Found]) -> Found:
        """Return what work on the file gives.

        Raises:
            LedgerDown: the file cannot be used, or holds what is none of ours.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._done, work)

    async def aclose(self) -> None:
        """Let what is asked for be done, and close the file."""
        await asyncio.to_thread(self._close)

    def _done(self, work: Callable[[sqlite3.Connection], Found]) -> Found:
        try:
            if self._connection is None:
                self._connection = open_for_writing(self._path, durable=self._durable)
            return work(self._connection)
        except (sqlite3.Error, ValueError, OverflowError) as error:  # msgspec's are ValueErrors
            self._forget()
            reason = (
                said(error)
                if isinstance(error, sqlite3.Error)
                else f"it holds no {self._what} of ours"
            )
            message = f"The {self._what} in {self._path} are out of reach: {reason}."
            raise LedgerDown(message) from error

    def _close(self) -> None:
        self._thread.shutdown()
        self._forget()

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


@contextmanager
def at_once(file: sqlite3.Connection) -> Iterator[None]:
    """Write all that is done inside, or none of it; nobody else writes meanwhile."""
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
        file.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            file.execute("ROLLBACK")
        raise

"""Moves what was written from the write-ahead log into the file, beside the writer."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from switchgear.adapters.ledgers.sqlite.schema import BUSY
from switchgear.domain.units import Seconds

EVERY = Seconds(5.0)
"""Also when little is written."""

MOST_PAGES = 16_384
"""Of 4 kB in the log; when it is longer, writers wait once until it can begin anew."""


class Checkpointer:
    """A thread with a connection of its own: a checkpoint by the writer would hold callers up."""

    def __init__(self, path: Path) -> None:
        """Begin."""
        self._path = path
        self._wanted = Event()
        self._closing = False
        self._thread = Thread(target=self._run, name="ledger-checkpoint", daemon=True)
        self._thread.start()

    def want(self) -> None:
        """Ask for a checkpoint soon."""
        self._wanted.set()

    def close(self) -> None:
        """Stop; it blocks until a checkpoint under way is done."""
        self._closing = True
        self._wanted.set()
        self._thread.join()

    def _run(self) -> None:
        while self._waited():
            with suppress(sqlite3.Error):  # the writer says what is wrong with the file
                self._checkpoint()

    def _waited(self) -> bool:
        """Wait until there may be something to do; False when there never will be again."""
        self._wanted.wait(EVERY)
        self._wanted.clear()
        return not self._closing

    def _checkpoint(self) -> None:
        uri = self._path.absolute().as_uri() + "?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY, isolation_level=None)
        try:
            connection.execute(f"PRAGMA journal_size_limit = {MOST_PAGES * 4096}")
            _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if pages > MOST_PAGES:
                connection.execute("PRAGMA wal_checkpoint(RESTART)")
        finally:
            connection.close()

"""The thread that copies a shelf into a file, and fills it from there."""

import asyncio
import logging
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import msgspec

from switchgear.adapters.recollections.shelf import Change, Shelf, Slot, Strand
from switchgear.domain.errors import LedgerDown
from switchgear.domain.turn import AnswerFormat, Turn
from switchgear.domain.units import Seconds, UnixMs
from switchgear.ports.clock import Clock
from switchgear.ports.recollection import Owner, Recollection

VERSION = 1
"""Of the tables. A file of another version is emptied: what it holds is of a day's worth."""
TABLES = """
DROP TABLE IF EXISTS strands;
DROP TABLE IF EXISTS answers;
CREATE TABLE strands (number INTEGER PRIMARY KEY, before INTEGER, turns BLOB NOT NULL);
CREATE TABLE answers (
  key TEXT NOT NULL, tenant TEXT NOT NULL, id TEXT NOT NULL, kept INTEGER NOT NULL,
  strand INTEGER NOT NULL, inputs INTEGER NOT NULL, note BLOB NOT NULL,
  PRIMARY KEY (key, tenant, id)
);
"""
MOST_WAITING = 10_000
"""Changes that wait to be written. What comes while a disk is that slow is only in memory."""
MOST_TOGETHER = 256
"""Changes in one transaction."""
NO_SCHEMA = b"null"
PRIVATE = 0o600
"""The file holds what was said: nobody else on the machine reads it."""

log = logging.getLogger("switchgear")
_encode = msgspec.json.encode
_read_turns = msgspec.json.Decoder(tuple[Turn, ...]).decode


class Written(msgspec.Struct, frozen=True):
    """A note as the file has it."""

    note: Recollection
    schema: msgspec.Raw = msgspec.Raw(NO_SCHEMA)
    """Of the answer's format, which may have none: msgspec reads no field that is either."""


_read_written = msgspec.json.Decoder(Written).decode


class Copyist:
    """One file. It follows the shelf, and what it misses is only missed after a restart."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open the file.

        Raises:
            LedgerDown: it cannot be used.
        """
        self._clock = clock
        self._path = path
        self._waiting: SimpleQueue[tuple[Change, UnixMs] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="recollections", daemon=True)
        self._skipped = False
        try:
            path.touch(PRIVATE)
            self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._prepare()
        except (sqlite3.Error, OSError) as error:
            raise _unusable(path, error) from None

    def start(self) -> None:
        """Write from now on."""
        self._thread.start()

    def fill(self, shelf: Shelf) -> Change:
        """Put on the shelf what the file has, and return what no longer belongs there.

        Raises:
            LedgerDown: it cannot be read.
        """
        try:
            strands = self._strands(shelf)
            self._answers(shelf, strands)
        except sqlite3.Error as error:
            raise _unusable(self._path, error) from None
        return shelf.settle(strands.values(), self._clock.now())

    def _strands(self, shelf: Shelf) -> dict[int, Strand]:
        strands: dict[int, Strand] = {}
        rows = self._file.execute("SELECT number, before, turns FROM strands ORDER BY number")
        for number, before, raw in rows:
            if before is None or before in strands:
                with suppress(msgspec.MsgspecError):  # of another version: it is forgotten
                    strands[number] = shelf.strand(number, strands.get(before), _read_turns(raw))
        return strands

    def _answers(self, shelf: Shelf, strands: Mapping[int, Strand]) -> None:
        now, date = self._clock.now(), self._clock.date()
        rows = self._file.execute(
            "SELECT key, tenant, strand, inputs, note, kept FROM answers ORDER BY kept, rowid"
        )
        for key, tenant, number, inputs, raw, kept in rows:
            if number in strands:
                used = Seconds(now - max(0, date - kept) / 1000)
                with suppress(msgspec.MsgspecError):
                    slot = Slot(read_note(raw), strands[number], inputs, used)
                    shelf.restore(Owner(key=key, tenant=tenant), slot)

    def write(self, change: Change) -> None:
        """Have a change written soon."""
        if self._waiting.qsize() < MOST_WAITING:
            self._waiting.put((change, self._clock.date()))
        elif not self._skipped:
            self._skipped = True
            log.warning("%s is written too slowly: not all answers outlive us", self._path)

    async def aclose(self) -> None:
        """Write all that waits, and close the file."""
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)

    def _prepare(self) -> None:
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")
        if self._file.execute("PRAGMA user_version").fetchone() != (VERSION,):
            self._file.executescript(TABLES)
            self._file.execute(f"PRAGMA user_version = {VERSION}")

    def _run(self) -> None:
        with closing(self._file):
            last = False
            while not last:
                jobs = [self._waiting.get()]
                while not self._waiting.empty() and len(jobs) < MOST_TOGETHER:
                    jobs.append(self._waiting.get())
                last = jobs[-1] is None
                self._copy([each for each in jobs if each is not None])

    def _copy(self, changes: Iterable[tuple[Change, UnixMs]]) -> None:
        try:
            self._file.execute("BEGIN IMMEDIATE")
            for change, at in changes:
                self._apply(change, at)
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            log.warning("%s was not written: %s", self._path, error)
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")

    def _apply(self, change: Change, at: UnixMs) -> None:
        for strand, before in change.strands:
            row = (strand.number, before, _encode(strand.turns))
            self._file.execute("INSERT OR REPLACE INTO strands VALUES (?, ?, ?)", row)
        if change.slot is not None:
            owner, slot = change.slot
            entry = (owner.key, owner.tenant, slot.note.id, at, slot.strand.number)
            self._file.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*entry, slot.inputs, write_note(slot.note)),
            )
        for owner, name in change.gone:
            gone = (owner.key, owner.tenant, name)
            self._file.execute("DELETE FROM answers WHERE key = ? AND tenant = ? AND id = ?", gone)
        for loose in change.loose:
            self._file.execute("DELETE FROM strands WHERE number = ?", (loose,))


def write_note(note: Recollection) -> bytes:
    """Return a recollection as bytes."""
    wanted = note.asked.format
    if wanted is None or wanted.schema is None:
        return _encode(Written(note))
    return _encode(Written(_formatted(note, None), wanted.schema))


def read_note(raw: bytes) -> Recollection:
    """Return the recollection that was written."""
    written = _read_written(raw)
    none = bytes(written.schema) == NO_SCHEMA
    return written.note if none else _formatted(written.note, written.schema)


def _formatted(note: Recollection, schema: msgspec.Raw | None) -> Recollection:
    wanted = msgspec.structs.replace(note.asked.format or AnswerFormat(), schema=schema)
    asked = msgspec.structs.replace(note.asked, format=wanted)
    return msgspec.structs.replace(note, asked=asked)


def _unusable(path: Path, error: Exception) -> LedgerDown:
    return LedgerDown(f"The file of kept answers, {path}, cannot be used: {error}.")

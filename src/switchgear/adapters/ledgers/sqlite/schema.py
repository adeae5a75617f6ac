"""Opens a ledger file and brings its tables up to date."""

import sqlite3
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from threading import Event

from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import Seconds

BUSY = Seconds(0.25)
"""How long to wait for a lock that another connection holds."""

OPENING_BUSY = Seconds(5.0)
"""The same while opening, when other processes may be making the tables."""

OPENING_TRIES, OPENING_PAUSE = 20, Seconds(0.1)
"""Switching to WAL does not wait for locks, so it is tried again."""


def open_for_writing(path: Path, *, durable: bool) -> sqlite3.Connection:
    """Open the file, made if it is not there, with its tables up to date.

    Raises:
        LedgerDown: it cannot be opened, is no ledger, or is of a newer Switchgear.
    """
    try:
        connection = _connect(path.absolute().as_uri() + "?mode=rwc", OPENING_BUSY)
        _set_wal(connection)
        _migrate(connection, path)
    except (sqlite3.Error, OSError) as error:
        raise LedgerDown(f"The ledger {path} cannot be opened: {said(error)}.") from error
    connection.execute(f"PRAGMA busy_timeout = {int(BUSY * 1000)}")
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open a file that is there and up to date, so that nothing can be changed.

    Raises:
        LedgerDown: there is none, it is no ledger, or of another version of Switchgear.
    """
    if not path.exists():
        raise LedgerDown(f"There is no ledger {path}; `switchgear serve` makes one.")
    try:
        connection = _connect(path.absolute().as_uri() + "?mode=ro", BUSY)
        known = _number(connection)
    except sqlite3.Error as error:
        raise LedgerDown(f"The ledger {path} cannot be read: {said(error)}.") from error
    _refuse_newer(known, path)
    if known < len(_scripts()):
        connection.close()
        raise LedgerDown(f"The ledger {path} is not up to date; `switchgear serve` updates it.")
    return connection


def said(error: Exception) -> str:
    """Return what went wrong in words that need no knowledge of SQLite."""
    code = getattr(error, "sqlite_errorname", "")
    words = {
        "SQLITE_FULL": "the disk is full",
        "SQLITE_BUSY": "it is locked by another process",
        "SQLITE_READONLY": "it may not be written",
        "SQLITE_CANTOPEN": "its folder is missing or may not be used",
        "SQLITE_NOTADB": "it is no SQLite file",
        "SQLITE_CORRUPT": "the file is damaged",
    }
    return next((text for name, text in words.items() if code.startswith(name)), str(error))


def _connect(uri: str, busy: Seconds) -> sqlite3.Connection:
    return sqlite3.connect(
        uri, uri=True, timeout=busy, isolation_level=None, check_same_thread=False
    )


def _set_wal(connection: sqlite3.Connection) -> None:
    pause = Event()
    for _ in range(OPENING_TRIES):
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")
            return
        pause.wait(OPENING_PAUSE)
    connection.execute("PRAGMA journal_mode = WAL")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    scripts = _scripts()
    known = _number(connection)
    _refuse_newer(known, path)
    if known == len(scripts):
        return
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, at TEXT)"
    )
    for number in range(_number(connection) + 1, len(scripts) + 1):
        for statement in _statements(scripts[number - 1]):
            connection.execute(statement)
        connection.execute("INSERT INTO migrations VALUES (?, datetime('now'))", (number,))
    connection.execute("COMMIT")


def _number(connection: sqlite3.Connection) -> int:
    tables = "SELECT count(*) FROM sqlite_master WHERE name = 'migrations'"
    if not connection.execute(tables).fetchone()[0]:
        return 0
    found = connection.execute("SELECT max(number) FROM migrations").fetchone()[0]
    return int(found or 0)


def _refuse_newer(known: int, path: Path) -> None:
    if known > len(_scripts()):
        raise LedgerDown(
            f"The ledger {path} was written by a newer Switchgear (its tables are number {known}, "
            f"this version knows {len(_scripts())}); use that version."
        )


def _scripts() -> list[str]:
    folder = files(__package__) / "migrations"
    found = sorted(script.name for script in folder.iterdir() if script.name.endswith(".sql"))
    return [(folder / name).read_text("utf-8") for name in found]


def _statements(script: str) -> list[str]:
    statements, rest = [], ""
    for line in script.splitlines(keepends=True):
        rest += line
        if sqlite3.complete_statement(rest):
            statements.append(rest)
            rest = ""
    return statements

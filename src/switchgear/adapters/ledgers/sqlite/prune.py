"""Drops old calls from a ledger file, a few at a time, so that nobody waits long."""

import sqlite3
from pathlib import Path

from switchgear.adapters.ledgers.sqlite.account import forget_windows
from switchgear.adapters.ledgers.sqlite.schema import OPENING_BUSY, open_for_writing, said
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import UnixMs

ROWS = 500
"""In one transaction."""

OLD_OUTCOMES = """
SELECT kind, id FROM papers
WHERE kind = 'outcome' AND made < ? AND number < (SELECT max(number) FROM papers) LIMIT ?
"""
"""The newest document stays, whatever it is: by its number others go on counting."""
UNUSED = """
SELECT number FROM situations
WHERE number NOT IN (SELECT situation FROM decisions WHERE situation IS NOT NULL)
"""
DROP_UNUSED = """
DELETE FROM situations WHERE number = ? AND NOT EXISTS (
  SELECT 1 FROM decisions AS d WHERE d.number > ? AND d.situation = situations.number
)
"""


def prune(path: Path, before: UnixMs) -> int:
    """Drop the calls that arrived before a moment, and return how many there were.

    Windows of budgets that had ended by then go too, unless something is set aside in them. The
    room in the file is used again; the file does not shrink. What was said of those calls goes too.
    Policies stay.

    Raises:
        LedgerDown: the file cannot be used.
    """
    connection = open_for_writing(path, durable=True)
    dropped = 0
    try:
        connection.execute(f"PRAGMA busy_timeout = {int(OPENING_BUSY * 1000)}")
        while some := _drop_some(connection, before):
            dropped += some
        while _drop_outcomes(connection, before):
            pass
        _drop_situations(connection)
        forget_windows(connection, before)
    except sqlite3.Error as error:
        raise LedgerDown(f"The ledger {path} could not be pruned: {said(error)}.") from error
    finally:
        connection.close()
    return dropped


def _drop_some(connection: sqlite3.Connection, before: UnixMs) -> int:
    old = "SELECT number FROM decisions WHERE at < ? LIMIT ?"
    numbers = connection.execute(old, (before, ROWS)).fetchall()
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("DELETE FROM attempts WHERE decision = ?", numbers)
        connection.executemany("DELETE FROM bodies WHERE decision = ?", numbers)
        connection.executemany("DELETE FROM decisions WHERE number = ?", numbers)
    return len(numbers)


def _drop_outcomes(connection: sqlite3.Connection, before: UnixMs) -> int:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        names = connection.execute(OLD_OUTCOMES, (before, ROWS)).fetchall()
        connection.executemany("DELETE FROM paper_notes WHERE kind = ? AND id = ?", names)
        connection.executemany("DELETE FROM papers WHERE kind = ? AND id = ?", names)
    return len(names)


def _drop_situations(connection: sqlite3.Connection) -> None:
    # What is unused is found without a lock; rows that came since are looked at under it.
    newest = connection.execute("SELECT coalesce(max(number), 0) FROM decisions").fetchone()[0]
    unused = connection.execute(UNUSED).fetchall()
    for start in range(0, len(unused), ROWS):
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            some = [(number, newest) for (number,) in unused[start : start + ROWS]]
            connection.executemany(DROP_UNUSED, some)

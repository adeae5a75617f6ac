import sqlite3
from pathlib import Path

import pytest

from switchgear.adapters.ledgers.sqlite import schema
from switchgear.adapters.ledgers.sqlite.schema import open_for_reading, open_for_writing
from switchgear.domain.errors import LedgerDown

KNOWN = len(list((Path(schema.__file__).parent / "migrations").glob("*.sql")))


def test_opening_twice_migrates_once(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    known = [(number,) for number in range(1, KNOWN + 1)]
    for _ in range(2):
        connection = open_for_writing(file, durable=True)
        assert connection.execute("SELECT number FROM migrations").fetchall() == known
        connection.close()


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_the_writer_keeps_a_log_and_waits_for_the_disk_as_asked(
    tmp_path: Path, *, durable: bool, level: int
) -> None:
    connection = open_for_writing(tmp_path / "ledger.db", durable=durable)
    names = ("journal_mode", "synchronous", "wal_autocheckpoint", "busy_timeout")
    found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    connection.close()
    assert found == ["wal", level, 0, 250]


def test_a_file_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    connection = open_for_writing(file, durable=False)
    connection.execute("INSERT INTO migrations VALUES (99, 'tomorrow')")
    connection.close()
    with pytest.raises(
        LedgerDown, match=rf"newer Switchgear .*number 99, this version knows {KNOWN}"
    ):
        open_for_writing(file, durable=False)
    with pytest.raises(LedgerDown, match="newer Switchgear"):
        open_for_reading(file)


def test_a_file_without_our_tables_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    sqlite3.connect(file).execute("CREATE TABLE other (x)").connection.close()
    with pytest.raises(LedgerDown, match="not up to date"):
        open_for_reading(file)


def test_a_reader_can_change_nothing(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    open_for_writing(file, durable=False).close()
    connection = open_for_reading(file)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM decisions")
    connection.close()


def test_what_cannot_be_opened_is_said_plainly(tmp_path: Path) -> None:
    words = tmp_path / "notes.txt"
    words.write_text("only words, and many of them " * 99, encoding="utf-8")
    with pytest.raises(LedgerDown, match="it is no SQLite file"):
        open_for_writing(words, durable=False)
    with pytest.raises(LedgerDown, match="its folder is missing"):
        open_for_writing(tmp_path / "nowhere" / "ledger.db", durable=False)
    with pytest.raises(LedgerDown, match=r"There is no ledger .*none\.db"):
        open_for_reading(tmp_path / "none.db")

import sqlite3
import threading
from pathlib import Path

from switchgear.adapters.ledgers.sqlite.checkpoint import Checkpointer
from switchgear.adapters.ledgers.sqlite.schema import open_for_writing


def log_is_moved(connection: sqlite3.Connection) -> bool:
    _, pages, moved = connection.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
    return bool(pages == moved)


def test_a_wanted_checkpoint_moves_the_log_into_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    connection = open_for_writing(file, durable=False)
    checkpointer = Checkpointer(file)
    connection.execute("CREATE TABLE big (x)")
    connection.execute("INSERT INTO big VALUES (zeroblob(500000))")
    before = file.stat().st_size
    checkpointer.want()
    pause = threading.Event()
    for _ in range(200):
        if file.stat().st_size > before:
            break
        pause.wait(0.02)
    checkpointer.close()
    assert file.stat().st_size > 500_000
    connection.close()


def test_closing_does_not_wait_for_the_next_checkpoint(tmp_path: Path) -> None:
    for _ in range(20):
        checkpointer = Checkpointer(tmp_path / "none.db")
        checkpointer.want()
        checkpointer.close()
        assert not checkpointer._thread.is_alive()
    assert not list(tmp_path.iterdir())

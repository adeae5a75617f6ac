import sqlite3
from pathlib import Path

import pytest

from support.entries import attempt, entry
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.sqlite.batch import LARGE, SMALL, Batches
from switchgear.adapters.ledgers.sqlite.schema import open_for_writing


def written(file: Path, count: int) -> tuple[list[str], list[tuple[int, ...]]]:
    """The statements that a batch takes once its policy and situation are known, and the rows."""
    connection = open_for_writing(file, durable=False)
    batches = Batches(connection, SystemClock())
    batches.write([entry("first")])
    statements: list[str] = []
    connection.set_trace_callback(lambda text: statements.append(text.split("(")[0].strip()))
    batches.write([entry(f"sg_{number}", attempts=(attempt(),)) for number in range(count)])
    connection.set_trace_callback(None)
    both = "SELECT d.number, count(a.number) FROM decisions AS d JOIN attempts AS a"
    rows = connection.execute(f"{both} ON a.decision = d.number GROUP BY 1").fetchall()
    connection.close()
    return statements, rows


@pytest.mark.parametrize("count", [1, 2, 13, SMALL, LARGE])
def test_a_batch_takes_one_statement_a_table_however_many_calls_it_has(
    tmp_path: Path, count: int
) -> None:
    statements, rows = written(tmp_path / "ledger.db", count)
    assert statements == [
        "BEGIN IMMEDIATE",
        "PRAGMA data_version",
        "INSERT OR FAIL INTO decisions",
        "INSERT OR FAIL INTO attempts",
        "COMMIT",
    ]
    assert rows == [(number, 1) for number in range(1, count + 2)]


def test_the_largest_batches_are_cut_into_few_statements_and_lose_nothing(tmp_path: Path) -> None:
    count = 2 * LARGE + SMALL + 5
    statements, rows = written(tmp_path / "ledger.db", count)
    assert len(statements) == 3 + 2 * 4
    assert rows == [(number, 1) for number in range(1, count + 2)]


def test_a_batch_that_fails_leaves_nothing(tmp_path: Path) -> None:
    connection = open_for_writing(tmp_path / "ledger.db", durable=False)
    with pytest.raises(sqlite3.IntegrityError):
        Batches(connection, SystemClock()).write([entry("sg_1"), entry("sg_2"), entry("sg_1")])
    for table in ("decisions", "attempts", "policies", "situations"):
        query = f"SELECT count(*) FROM {table}"  # noqa: S608  (a literal)
        assert connection.execute(query).fetchone() == (0,)
    connection.close()

"""Rows oldest first, on a file and on a shared database, past rows that nobody can read."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from support.entries import entry
from support.postgres import emptied, there
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.adapters.ledgers.sqlite.shelf import Shelf
from switchgear.adapters.ledgers.stretch import BEFORE_ALL, Part, Place, Stretch
from switchgear.domain.units import UnixMs
from switchgear.ports.ledger import Ledger, Query

TIMES = (30, 10, 20, 20, 40)
IN_ORDER = ["sg_1", "sg_2", "sg_3", "sg_0", "sg_4"]


async def written(ledger: Ledger) -> None:
    for number, at in enumerate(TIMES):
        await ledger.write(entry(f"sg_{number}", at=UnixMs(at), tenant="ab"[number % 2]))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.db"

    async def life() -> None:
        ledger = SqliteLedger(path, durable=False)
        await written(ledger)
        await ledger.aclose()

    asyncio.run(life())
    return path


def read(path: Path, query: Query) -> list[Stretch]:
    shelf = Shelf(path)
    try:
        return list(shelf.stretches(query))
    finally:
        shelf.close()


def ids(stretches: list[Stretch]) -> list[str]:
    return [each.id for stretch in stretches for each in stretch.entries]


@pytest.mark.parametrize("limit", [1, 2, 5, 9])
def test_pages_of_any_length_give_all_in_their_order(file: Path, limit: int) -> None:
    assert ids(read(file, Query(limit=limit))) == IN_ORDER


def test_filters_hold_here_too(file: Path) -> None:
    assert ids(read(file, Query(limit=2, tenant="a"))) == ["sg_2", "sg_0", "sg_4"]
    assert ids(read(file, Query(since=UnixMs(20), until=UnixMs(30)))) == ["sg_2", "sg_3"]
    assert read(file, Query(tenant="nobody")) == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE decisions SET ask = x'00' WHERE id = 'sg_2'",
        "UPDATE decisions SET ask = x'C1' WHERE id = 'sg_2'",
        "UPDATE decisions SET mode = 'elsewhere' WHERE id = 'sg_2'",
        "UPDATE decisions SET plan = '[99]' WHERE id = 'sg_2'",
        "UPDATE decisions SET verdicts = 'zz' WHERE id = 'sg_2'",
        "UPDATE decisions SET strategy = 'whim' WHERE id = 'sg_2'",
    ],
)
def test_a_row_that_cannot_be_read_is_counted_and_keeps_no_other_from_it(
    file: Path, damage: str
) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(damage)
    found = read(file, Query(limit=2))
    assert ids(found) == [name for name in IN_ORDER if name != "sg_2"]
    assert sum(each.unread for each in found) == 1


@pytest.mark.skipif(not there(), reason="there is no Postgres here")
def test_a_shared_database_gives_the_same() -> None:
    async def life() -> None:
        async with emptied() as ledger:
            await written(ledger)
            last: Place | None = BEFORE_ALL
            found = []
            while last is not None:
                stretch = await ledger.shelf.stretch(Query(limit=2, tenant="a"), last)
                found += [each.id for each in stretch.entries]
                last = stretch.last
            assert found == ["sg_2", "sg_0", "sg_4"]
            assert await ledger.shelf.count(Query(tenant="a")) == 3
            parts = [
                await ledger.shelf.stretch(Query(), BEFORE_ALL, Part(number, 2))
                for number in range(2)
            ]
            assert sorted(ids(parts)) == sorted(IN_ORDER)
            assert all(each.entries for each in parts)

    asyncio.run(life())

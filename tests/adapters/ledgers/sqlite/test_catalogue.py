"""What is in the file and what waits, as one list."""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from support.entries import entry
from switchgear.adapters.clock import ManualClock, SystemClock
from switchgear.adapters.ledgers.spill import Spill, Spilling
from switchgear.adapters.ledgers.sqlite.batch import Batches
from switchgear.adapters.ledgers.sqlite.catalogue import Catalogue
from switchgear.adapters.ledgers.sqlite.schema import open_for_writing
from switchgear.adapters.ledgers.sqlite.shelf import Shelf
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import UnixMs
from switchgear.ports.ledger import Query

moments = st.lists(st.integers(1, 4), max_size=6)


@settings(max_examples=40, deadline=None)
@given(moments, moments, st.integers(1, 5), st.none() | st.integers(1, 5))
def test_pages_give_what_the_file_alone_would_give_if_it_had_everything(
    in_file: list[int], waiting: list[int], limit: int, until: int | None
) -> None:
    some = [entry(f"f{number}", at=UnixMs(at)) for number, at in enumerate(in_file)]
    rest = [entry(f"w{number}", at=UnixMs(at)) for number, at in enumerate(waiting)]
    query = Query(limit=limit, until=None if until is None else UnixMs(until))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.db"
        connection = open_for_writing(file, durable=False)
        batches = Batches(connection, SystemClock())
        batches.write(some)
        spill = Spill(file, Spilling(journal=100_000), ManualClock(), durable=False)
        spill.keep(rest, LedgerDown())
        shelf = Shelf(file)
        apart = list(pages(Catalogue(shelf, spill), query))
        batches.write(rest)
        together = list(pages(shelf, query))
        close(connection, spill, shelf)
    assert apart == together


def pages(book: Catalogue | Shelf, query: Query) -> Iterator[list[str]]:
    before = ""
    while True:
        page = book.page(Query(limit=query.limit, until=query.until, before=before))
        yield [each.id for each in page]
        if not page:
            return
        before = page[-1].id


def close(connection: sqlite3.Connection, spill: Spill, shelf: Shelf) -> None:
    spill.close()
    shelf.close()
    connection.close()

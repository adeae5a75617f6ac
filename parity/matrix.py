"""Tries every row in every column."""

import asyncio
import re
from collections.abc import Sequence

from parity.cell import BrokenError, Cell, ImpossibleError
from parity.client import Clients
from parity.column import Column
from parity.provider import Provider
from parity.row import Row
from parity.stage import Stage

IDS = re.compile(r"sg_[0-9a-z]+")
"""What differs from one time to the next."""
AT_ONCE = 6
LIMIT_S = 60.0
"""For one cell; one that takes longer is broken."""


async def tried(rows: Sequence[Row], columns: Sequence[Column]) -> list[Cell]:
    """Return a cell for each row in each column, row by row."""
    provider, clients, gate = Provider(), Clients(), asyncio.Semaphore(AT_ONCE)
    await provider.start()

    async def one(row: Row, column: Column) -> Cell:
        async with gate:
            return await attempt(row, Stage(column, provider, clients))

    try:
        return await asyncio.gather(*(one(row, column) for row in rows for column in columns))
    finally:
        await clients.close()
        await provider.stop()


async def attempt(row: Row, stage: Stage) -> Cell:
    """Try one cell: whatever goes wrong in it breaks it, and no other."""
    verdict, note = "held", ""
    try:
        async with asyncio.timeout(LIMIT_S):
            await row.act(stage)
        note = "; ".join(stage.notes)
    except ImpossibleError as why:
        verdict, note = "cannot", str(why)
    except BrokenError as error:
        verdict, note = "broken", str(error)
    except Exception as error:  # noqa: BLE001  (a cell that fails in any way is broken)
        verdict, note = "broken", f"{type(error).__name__}: {error}"[:300]
    note = IDS.sub("sg_*", note)
    return Cell(row=row.name, column=stage.column.name, verdict=verdict, note=note)  # type: ignore[arg-type]  # one of the three

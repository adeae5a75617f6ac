"""After many calls of every kind at once, rows, charges and accounts agree to the nano-dollar."""

import asyncio
from pathlib import Path

from support.mixed import Crowd
from switchgear.adapters.ledgers.sqlite import SqliteLedger


def test_after_five_hundred_mixed_calls_the_books_agree_and_nothing_is_held(
    tmp_path: Path,
) -> None:
    async def life() -> None:
        ledger = SqliteLedger(tmp_path / "ledger.db", durable=False)
        crowd = Crowd(ledger, ledger.budgets)
        found = await crowd.run(500, at_once=150)
        assert found.held == 0
        assert len(crowd.claims) == 0
        assert found.rows == found.charges == found.accounts > 0
        assert crowd.books.uneven == []
        await crowd.every_account_agrees()
        await crowd.nobody_overspent()
        await ledger.aclose()
        assert {"answered", "client_left", "over_budget", "upstream_lost"} <= set(found.ends)
        assert {"first", "fallback", "rescue", "retry"} <= set(found.roles)
        assert found.estimated > 10

    asyncio.run(life())

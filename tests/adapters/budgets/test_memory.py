import asyncio

import pytest

from support.bank import LATER, account, amount, asking, bound, money
from switchgear.adapters.budgets.memory import MemoryBudgets
from switchgear.adapters.clock import ManualClock
from switchgear.domain.account import Granted, Shortfall
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import Seconds, UnixMs

ALICE = account("alice")


def test_budgets_that_are_told_to_be_down_know_nothing_and_change_nothing() -> None:
    async def life() -> None:
        budgets = MemoryBudgets(ManualClock())
        asked = asking("a1", money(10), [(ALICE, bound(100))])
        await budgets.reserve(asked)
        budgets.down = True
        verbs = (
            budgets.reserve(asking("a2", money(10), [(ALICE, bound(100))])),
            budgets.renew(["a1"], LATER),
            budgets.release(["a1"]),
            budgets.lessen("a1", money(5)),
            budgets.expire(LATER),
            budgets.levels([ALICE]),
            budgets.held(),
        )
        for each in verbs:
            with pytest.raises(LedgerDown):
                await each
        budgets.down = False
        [level] = await budgets.levels([ALICE])
        assert (level.spent, level.held) == (amount(), money(10))
        assert await budgets.held() == 1
        await budgets.aclose()

    asyncio.run(life())


def test_the_clock_says_what_is_over_its_time() -> None:
    async def life() -> None:
        clock = ManualClock(UnixMs(0))
        budgets = MemoryBudgets(clock)
        shares = [(ALICE, bound(10))]
        await budgets.reserve(asking("a1", money(10), shares, until=5000))
        assert isinstance(await budgets.reserve(asking("a2", money(1), shares)), Shortfall)
        clock.advance(Seconds(5.0))
        assert isinstance(await budgets.reserve(asking("a2", money(1), shares)), Granted)

    asyncio.run(life())

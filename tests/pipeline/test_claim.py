"""What is set aside lives as long as its attempt, and until its row is written, and no longer."""

import asyncio

import pytest

from support.cast import SMALL, policy
from support.funded import Funded, answered, caller, limited
from support.stage import Scenery, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import InTurn, Says, Stalls
from switchgear.domain.account import Amount
from switchgear.domain.errors import LedgerDown
from switchgear.domain.fact import Neared
from switchgear.domain.units import Seconds
from switchgear.ports.handler import Trail

FINE = Says("hi there")


def test_a_row_that_cannot_be_written_leaves_its_money_to_expire() -> None:
    async def life() -> None:
        stage = Funded({"small": FINE}, policy([SMALL]))
        stage.bills.error = LedgerDown("by the test")
        with pytest.raises(LedgerDown):
            await answered(stage, a_call(caller=caller(1.0)))
        assert await stage.budgets.held() == 1
        stage.claims.keep()
        await asyncio.sleep(30)
        assert await stage.budgets.held() == 0
        assert await stage.level() == Amount()
        await stage.aclose()

    run(life())


def test_money_is_held_for_as_long_as_an_answer_takes() -> None:
    async def life() -> None:
        stage = Funded({"small": Says("late", after=Seconds(25.0))}, policy([SMALL]))
        stage.claims.keep()
        work = asyncio.ensure_future(answered(stage, a_call(caller=caller(1.0))))
        for _ in range(24):
            await asyncio.sleep(1)
            assert await stage.budgets.held() == 1
        await work
        await stage.aclose()
        await stage.balanced()

    run(life())


def test_what_a_failed_attempt_may_have_cost_stays_held_until_the_row_is_written() -> None:
    async def life() -> None:
        slow = InTurn((Stalls("a b", 1), Says("late", after=Seconds(25.0))))
        stage = Funded({"small": slow}, policy([SMALL]))
        stage.claims.keep()
        work = asyncio.ensure_future(answered(stage, a_call(caller=caller(1.0))))
        await asyncio.sleep(50)
        assert not work.done()
        assert len(stage.claims) == 2
        assert await stage.budgets.held() == 2
        await work
        await stage.aclose()
        await stage.balanced()

    run(life())


def test_the_owner_is_told_once_when_a_budget_comes_near_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def life() -> None:
        stage = Funded({"small": FINE}, policy([SMALL]), Scenery(slots=4))
        trail = Trail()
        mine = caller(tokens=1_000)
        await answered(stage, limited(a_call(caller=mine), 300), trail)
        assert not any(isinstance(each, Neared) for each in trail.facts)
        for name, most in (("c2", 750), ("c3", 750), ("c4", 900)):
            trail = Trail()
            await answered(stage, limited(a_call(name, caller=mine), most), trail)
            assert any(isinstance(each, Neared) for each in trail.facts)
        assert stage.claims.told == {("key", "0.7"): 1, ("key", "0.9"): 1}

    run(life())
    assert sum("the budget of key k" in each for each in caplog.messages) == 2


def test_what_is_used_of_a_declared_budget_is_looked_at_now_and_then() -> None:
    async def life() -> None:
        stage = Funded({"small": FINE}, policy([SMALL]))
        mine = caller(tokens=100, calls=0)
        stage.claims.watched = mine.key.budgets
        stage.claims.keep()
        await asyncio.sleep(6)
        assert stage.claims.used == {("key", "k", "total"): 1.0}
        stage.claims.watched = caller(tokens=60).key.budgets
        await answered(stage, limited(a_call(caller=caller(tokens=60)), 20))
        await asyncio.sleep(6)
        assert stage.claims.used == {("key", "k", "total"): 0.25}
        await stage.aclose()

    run(life())

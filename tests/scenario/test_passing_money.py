"""What is passed through has the price that its owner says, and without one takes no money."""

from typing import Any

import openai
import pytest

from support.passage import Place, play
from switchgear.domain.account import Account, Payer, Window

BUDGET = {"keys": [{"id": "all", "secret": "k", "budgets": {"total": {"usd": 0.5, "calls": 9}}}]}
DECLARED = {"passthrough": {"images": {"target": "ours", "most_usd": 0.2}, "files": "ours"}}
ALL = Account(Payer.KEY, "all", Window.TOTAL)


async def spent(at: Place) -> tuple[int, int]:
    """What the key has spent: nano-dollars, and calls."""
    budgets = at.running.house.outside.budgets
    (level,) = await budgets.levels([ALL])
    assert await budgets.held() == 0
    return level.spent.money, level.spent.calls


def test_what_the_owner_says_that_a_request_may_cost_is_what_it_costs() -> None:
    async def scene(at: Place) -> None:
        for _ in range(2):
            await at.openai.images.generate(model="ours", prompt="a cat")
        assert await spent(at) == (400_000_000, 2)
        with pytest.raises(openai.APIStatusError) as refused:
            await at.openai.images.generate(model="ours", prompt="a cat")
        assert refused.value.status_code == 402
        assert refused.value.code == "over_budget"
        assert refused.value.response.headers["x-should-retry"] == "false"

    first, second, third = play(scene, **BUDGET, **DECLARED)
    assert (first.cost, second.cost, third.cost) == (200_000_000, 200_000_000, 0)
    assert [each.estimated for each in first.attempts] == [True]
    assert (third.code, third.skipped) == ("over_budget", ())


def test_what_has_no_price_takes_no_money_and_what_only_reads_costs_nothing() -> None:
    async def scene(at: Place) -> None:
        with pytest.raises(openai.APIStatusError) as refused:
            await at.openai.files.create(file=("a.txt", b"a"), purpose="batch")
        assert refused.value.status_code == 402
        assert refused.value.code == "unpriced"
        assert "most_usd" in str(refused.value)
        assert at.provider.heads == []
        assert [each.id async for each in at.openai.files.list(limit=2)] == ["file-1"]
        assert await spent(at) == (0, 1)

    refused, read = play(scene, **BUDGET, **DECLARED)
    assert (refused.code, refused.cost, read.cost) == ("unpriced", 0, 0)


def test_a_declared_price_is_on_the_ledger_also_where_nobody_has_a_budget() -> None:
    async def scene(at: Place) -> None:
        await at.openai.images.generate(model="ours", prompt="a cat")
        await at.openai.files.create(file=("a.txt", b"a"), purpose="batch")

    drawn, kept = play(scene, **DECLARED)
    assert (drawn.cost, kept.cost) == (200_000_000, 0)
    assert not kept.attempts[0].estimated


def test_what_the_provider_refuses_is_not_charged() -> None:
    more: dict[str, Any] = {**BUDGET, **DECLARED}

    async def scene(at: Place) -> None:
        found = await at.http.post(
            "/v1/images/nowhere", content=b"{}", headers={"content-type": "application/json"}
        )
        assert found.status_code == 404
        assert (await spent(at))[0] == 0

    (row,) = play(scene, **more)
    assert row.cost == 0

"""How budgets stand, over HTTP; and what a caller is told whose budget is used up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from support.keyed import DECLARED, SUM, Keyed, keyed

ROOT = "s-root"
KEYS = [
    *DECLARED,
    {"id": "poor", "secret": "s-poor", "budgets": {"day": {"calls": 2, "usd": 1}}},
    {"id": "nought", "secret": "s-nought", "budgets": {"total": {"calls": 0}}},
    {"id": "theirs", "secret": "s-theirs", "tenant": "acme", "budgets": {"hour": {"tokens": 9}}},
]
TENANTS = {
    "acme": {"budgets": {"month": {"usd": 100}}},
    "other": {"budgets": {"month": {"usd": 7}}},
}
ALIASES = {"auto": {"targets": ["calc"], "budgets": {"day": {"calls": 50}}}}


def lived(scene: Callable[[Keyed], Awaitable[None]]) -> None:
    async def life() -> None:
        async with keyed(keys=KEYS, tenants=TENANTS, aliases=ALIASES) as at:
            await scene(at)

    asyncio.run(life())


async def rows(at: Keyed, by: str = ROOT) -> dict[tuple[str, str], dict[str, Any]]:
    found = await at.ask("GET", "/admin/budgets", by)
    assert found.status_code == 200, found.text
    return {(each["payer"], each["name"]): each for each in found.json()["data"]}


def test_each_budget_is_shown_with_what_was_spent_of_it_and_when_it_is_new() -> None:
    async def scene(at: Keyed) -> None:
        assert (await at.calc("s-poor")).status_code == 200
        found = await rows(at)
        poor = found["key", "poor"]
        assert poor["most"] == {"usd": 1.0, "tokens": None, "calls": 2}
        assert (poor["spent"]["calls"], poor["held"]["calls"]) == (1, 0)
        assert poor["renews"] - poor["starts"] == 86_400_000
        assert found["alias", "auto"]["spent"]["calls"] == 1
        assert found["key", "nought"]["renews"] is None

    lived(scene)


def test_a_tenants_admin_sees_its_own_and_nobody_elses() -> None:
    async def scene(at: Keyed) -> None:
        assert set(await rows(at, "s-acme")) == {("tenant", "acme"), ("key", "theirs")}
        assert set(await rows(at, "s-other")) == {("tenant", "other")}
        refused = await at.ask("GET", "/admin/budgets", "s-plain")
        assert refused.status_code == 403

    lived(scene)


@pytest.mark.parametrize("secret", ["s-poor", "s-nought"])
def test_a_budget_that_is_used_up_is_402_in_either_dialect_and_not_to_be_sent_again(
    secret: str,
) -> None:
    async def scene(at: Keyed) -> None:
        left = 2 if secret == "s-poor" else 0
        told = [(await at.calc(secret)).headers.get("x-switchgear-budget") for _ in range(left)]
        assert told == ([None, "key day 1.00"] if left else [])
        found = await at.calc(secret)
        assert found.status_code == 402
        error = found.json()["error"]
        assert (error["code"], error["type"]) == ("over_budget", "insufficient_quota")
        assert error["message"].startswith("This key's budget for ")
        assert found.headers["x-should-retry"] == "false"
        assert ("retry-after" in found.headers) is (secret == "s-poor")
        message = {**SUM, "max_tokens": 20}
        headers = {"anthropic-version": "2023-06-01"}
        other = await at.ask("POST", "/v1/messages", secret, message, **headers)
        assert other.status_code == 402
        assert other.json()["error"]["type"] == "billing_error"
        decision = found.headers["x-switchgear-decision"]
        shown = (await at.ask("GET", f"/v1/decisions/{decision}", secret)).json()
        assert shown["outcome"]["skipped"] == ["calc (over_budget)"]
        assert shown["outcome"]["code"] == "over_budget"

    lived(scene)

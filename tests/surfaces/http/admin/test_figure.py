"""How routing does, over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable

from support.keyed import Keyed, keyed

GOALS = {"goals": {"accuracy": 0.9, "override": 0.1, "cost": "none", "least": 1}}


def lived(scene: Callable[[Keyed], Awaitable[None]]) -> None:
    async def life() -> None:
        async with keyed(learning=GOALS) as at:
            await scene(at)

    asyncio.run(life())


def test_an_admin_sees_the_figures_beside_the_goals() -> None:
    async def scene(at: Keyed) -> None:
        assert (await at.calc("s-plain")).status_code == 200
        found = await at.ask("GET", "/admin/figures", "s-root")
        assert found.status_code == 200, found.text
        told = found.json()
        assert told["object"] == "figures"
        assert told["goals"] == {"accuracy": 0.9, "override": 0.1, "cost": "none"}
        assert told["all"]["calls"] == 1
        assert [each["name"] for each in told["groups"]] == ["auto"]
        assert told["all"]["cost_state"] == "unknown"

    lived(scene)


def test_a_tenants_admin_sees_its_own_calls_and_who_is_none_sees_nothing() -> None:
    async def scene(at: Keyed) -> None:
        assert (await at.calc("s-plain")).status_code == 200
        assert (await at.calc("s-acme")).status_code == 200
        theirs = (await at.ask("GET", "/admin/figures", "s-acme")).json()
        assert theirs["all"]["calls"] == 1
        assert (await at.ask("GET", "/admin/figures", "s-other")).json()["all"]["calls"] == 0
        assert (await at.ask("GET", "/admin/figures", "s-plain")).status_code == 403
        assert (await at.ask("GET", "/admin/figures", None)).status_code == 401
        assert (await at.ask("POST", "/admin/figures", "s-root", {})).status_code == 405

    lived(scene)

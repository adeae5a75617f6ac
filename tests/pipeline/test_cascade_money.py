"""What it costs to let answers go up: never more than was said, for a call or for a day."""

import asyncio

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.cast import AUTO, TARGETS, policy
from support.climbing import GRAZ, dollars, for_json, told
from support.funded import Funded, allowed, answered
from support.stage import Scenery
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import Says, Script
from switchgear.config.setup import Tolerance
from switchgear.domain.account import Account, Payer, Window
from switchgear.domain.caller import Caller
from switchgear.domain.escalation import Escalation
from switchgear.domain.event import Usage
from switchgear.domain.fact import Neared
from switchgear.domain.units import NanoUsd, Seconds, Tokens
from switchgear.ports.handler import Trail

BROKEN = Says("no JSON at all")
TODAY = Account(Payer.ESCALATION, "file", Window.DAY)
DAY = Seconds(86_400.0)
WROTE = Usage(input=Tokens(1000), output=Tokens(200))


def funded(scripts: dict[str, Script], wish: Escalation, slots: int = 1) -> Funded:
    there = [each for each in TARGETS if each.id in scripts]
    alias = msgspec.structs.replace(AUTO, targets=tuple(each.id for each in there))
    rules = policy(there, escalate=wish, aliases={"auto": alias}, version=repr(wish))
    return Funded(scripts, rules, Scenery(slots=slots))


async def spent(stage: Funded) -> NanoUsd:
    return (await stage.level(TODAY)).money


def test_what_it_came_to_is_charged_to_the_day_and_to_nobody_else() -> None:
    async def life() -> None:
        stage = funded({"small": BROKEN, "mid": GRAZ}, Escalation(on=True))
        await told(stage, for_json())
        await told(stage, for_json("c2", model="mid"))
        await stage.aclose()
        weak, strong = stage.entry().attempts
        assert await spent(stage) == strong.cost > 0
        assert stage.entry().cost == weak.cost + strong.cost
        assert await stage.budgets.held() == 0

    run(life())


def test_after_the_money_of_a_day_nothing_goes_up_until_the_next() -> None:
    async def life() -> None:
        mid = msgspec.structs.replace(GRAZ, usage=WROTE)
        wish = Escalation(on=True, daily=dollars(0.035))
        stage = funded({"small": BROKEN, "mid": mid}, wish)
        stage.means.flaws.tolerance = Tolerance(after=1000)
        for number in range(40):
            await told(stage, for_json(f"c{number}"))
        late = stage.entry("c39")
        assert [each.target for each in late.attempts] == ["small"]
        assert late.target == "small"
        assert late.skipped == ("mid(over_budget)",)
        assert 0 < await spent(stage) <= dollars(0.035)
        await asyncio.sleep(DAY)
        fresh = msgspec.structs.replace(for_json("new"), began=stage.means.clock.now())
        assert (await told(stage, fresh)).by == "mid"
        await stage.aclose()

    run(life())


def test_the_owner_is_told_that_a_day_nears_its_end_and_no_caller_is() -> None:
    async def life() -> None:
        wish = Escalation(on=True, daily=dollars(0.033))
        stage = funded({"small": BROKEN, "mid": GRAZ}, wish)
        trail = Trail()
        await answered(stage, for_json(), trail)
        await stage.aclose()
        assert stage.claims.told["escalation", "0.9"] == 1
        assert not [each for each in trail.facts if isinstance(each, Neared)]

    run(life())


@settings(max_examples=25, deadline=None)
@given(
    daily=st.sampled_from([0.0, 0.001, 0.02, 0.035, 0.07, 1.0]),
    money=st.sampled_from([0.002, 0.02, 0.1]),
    calls=st.integers(1, 12),
    usage=st.builds(
        Usage,
        input=st.integers(0, 30).map(Tokens),
        output=st.integers(0, 256).map(Tokens),
    ),
)
def test_however_many_come_at_once_a_day_costs_no_more(
    daily: float, money: float, calls: int, usage: Usage
) -> None:
    async def life() -> None:
        mid = msgspec.structs.replace(GRAZ, usage=usage)
        wish = Escalation(on=True, daily=dollars(daily), money=dollars(money))
        stage = funded({"small": BROKEN, "mid": mid}, wish, slots=calls)
        found = await asyncio.gather(*[told(stage, for_json(f"c{at}")) for at in range(calls)])
        assert all(each.by for each in found), "each has an answer"
        await stage.aclose()
        up = [
            each.cost
            for at in range(calls)
            for each in stage.entry(f"c{at}").attempts
            if each.role.value == "escalation"
        ]
        assert await spent(stage) == sum(up) <= dollars(daily)
        assert all(each <= dollars(money) for each in up)
        assert await stage.budgets.held() == 0

    run(life())


@pytest.mark.parametrize(("usd", "by"), [(0.01, "small"), (1.0, "mid")])
def test_the_callers_own_budget_pays_too(usd: float, by: str) -> None:
    async def life() -> None:
        stage = funded({"small": BROKEN, "mid": GRAZ}, Escalation(on=True))
        caller = Caller(key=allowed(usd))
        found = await told(stage, for_json(caller=caller, max_output=20_000))
        await stage.aclose()
        assert found.by == by
        await stage.balanced()

    run(life())

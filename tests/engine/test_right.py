"""A key may do no more than its maker."""

import msgspec
import pytest
from hypothesis import given, settings

from support.keys import acts, keys, kin
from switchgear.domain.account import Bound, Budget, Payer, Window
from switchgear.domain.caller import Key, Maker, Mode, Right
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.priority import Priority
from switchgear.domain.rate import Rates
from switchgear.domain.target import Sensitivity, Tier
from switchgear.domain.units import NanoUsd, Tokens, UnixMs
from switchgear.engine.right import meet, narrower


def daily(money: int | None, name: str = "maker", tokens: int | None = None) -> Budget:
    most = Bound(
        money=None if money is None else NanoUsd(money),
        tokens=None if tokens is None else Tokens(tokens),
    )
    return Budget(payer=Payer.KEY, name=name, window=Window.DAY, most=most)


MAKER = Key(
    id="maker",
    tenant="acme",
    models=frozenset({"auto", "fast"}),
    targets=frozenset({"small", "mid"}),
    tiers=frozenset({Tier.SMALL, Tier.MID}),
    endpoints=frozenset({Endpoint.ANSWER, Endpoint.COUNT}),
    rights=frozenset({Right.ADMIN}),
    regions=frozenset({"eu"}),
    sensitivity=Sensitivity.INTERNAL,
    metadata=(("team", "red"),),
    until=UnixMs(100),
    priority=Priority.STANDARD,
    budgets=(daily(50),),
    rates=Rates(requests=10),
)


@settings(max_examples=40)
@given(kin())
def test_a_key_is_wider_when_it_can_do_what_its_maker_cannot(pair: tuple[Key, Key]) -> None:
    child, maker = pair
    if not narrower(child, maker):
        assert acts(child) <= acts(maker)
    elif child.mode is maker.mode:
        assert not acts(child) <= acts(maker)


@settings(max_examples=40)
@given(keys("child"), keys("maker"))
def test_what_two_keys_share_is_never_wider_than_either(child: Key, maker: Key) -> None:
    both = meet(child, maker)
    if both is None:
        return
    assert narrower(both, maker) == ()
    assert acts(both) <= acts(maker)
    assert {it for it in acts(both) if it[0] != "metadata"} <= acts(child)


@settings(max_examples=40)
@given(kin())
def test_nothing_is_taken_from_a_key_that_its_maker_could_give(pair: tuple[Key, Key]) -> None:
    child, maker = pair
    if not narrower(child, maker):
        both = meet(child, maker)
        assert both is not None
        assert acts(both) == acts(child)


@settings(max_examples=20)
@given(keys("maker"))
def test_no_key_is_wider_than_itself(maker: Key) -> None:
    assert narrower(maker, maker) == ()


@pytest.mark.parametrize(
    ("change", "way"),
    [
        ({"models": frozenset()}, "models: all"),
        ({"models": frozenset({"smart"})}, "models: its maker has not smart"),
        ({"targets": frozenset()}, "targets"),
        ({"tiers": frozenset({Tier.FRONTIER})}, "tiers: its maker has not frontier"),
        ({"endpoints": frozenset()}, "endpoints"),
        ({"rights": frozenset({Right.METRICS})}, "rights: its maker has not metrics"),
        ({"regions": frozenset({"eu", "us"})}, "regions: its maker has not us"),
        ({"sensitivity": Sensitivity.PUBLIC}, "sensitivity: its maker's data is internal"),
        ({"tenant": ""}, "tenant: its maker's is acme"),
        ({"metadata": ()}, "metadata: its maker pins team"),
        ({"metadata": (("team", "blue"),)}, "metadata: its maker pins team"),
        ({"mode": Mode.OBSERVE}, "mode"),
        ({"debug": True}, "debug"),
        ({"until": None}, "until"),
        ({"until": UnixMs(101)}, "until"),
        ({"priority": Priority.INTERACTIVE}, "priority: its maker's is standard"),
        ({"rates": Rates(requests=11)}, "limits: requests, of which its maker has 10"),
        ({"rates": Rates()}, "limits: requests"),
        ({"budgets": ()}, "budgets: money in a day, of which its maker has 50"),
        ({"budgets": (daily(50), daily(51, "child"))}, "budgets: money in a day"),
        ({"budgets": (daily(None, "child", 5),)}, "budgets: money in a day"),
    ],
)
def test_each_way_to_be_wider_is_named(change: dict[str, object], way: str) -> None:
    ways = narrower(msgspec.structs.replace(MAKER, id="child", **change), MAKER)
    assert len(ways) == 1
    assert ways[0].startswith(way)


def test_a_budget_that_allows_less_may_stand_for_the_makers() -> None:
    child = msgspec.structs.replace(MAKER, id="child", budgets=(daily(20, "child"),))
    assert narrower(child, MAKER) == ()


def test_the_chain_of_makers_pays_and_is_known() -> None:
    top = msgspec.structs.replace(MAKER, id="top", budgets=(daily(90, "top"),))
    maker = meet(msgspec.structs.replace(MAKER, parent="top"), top)
    assert maker is not None
    child = meet(Key(id="child", parent="maker", budgets=(daily(70, "child"),)), maker)
    assert child is not None
    assert [(it.name, it.most.money) for it in child.budgets] == [
        ("child", 50),
        ("maker", 50),
        ("top", 90),
    ]
    assert child.makers == (Maker("maker", MAKER.rates), Maker("top", MAKER.rates))


def test_keys_that_have_nothing_in_common_do_not_meet_in_everything() -> None:
    assert meet(Key(id="c", models=frozenset({"a"})), Key(models=frozenset({"b"}))) is None
    assert meet(Key(id="c", tenant="a"), Key(tenant="b")) is None

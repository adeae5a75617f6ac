"""Who is asked when an answer is not good enough, how often, and for how much."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import AUTO, CALC, LARGE, MID, NEVER, SMALL, TARGETS, ask, policy, target
from switchgear.domain.decision import Reason
from switchgear.domain.escalation import CERTAIN, CHECKS, Escalation
from switchgear.domain.situation import Situation
from switchgear.domain.target import Target, Tier
from switchgear.domain.units import NANO_PER_USD, NanoUsd, Tokens
from switchgear.engine.cascade import (
    DEFAULT,
    FILE,
    LONGER,
    above,
    ascent_of,
    badness,
    budgets_of,
    functions_of,
    most_written,
)
from switchgear.engine.charge import Demand
from switchgear.engine.decide import decide
from switchgear.engine.policy import Policy, Rule, Then

PEER = target("peer", quality=0.6)
OWN = "checks:good"
wishes = st.builds(
    Escalation,
    on=st.none() | st.booleans(),
    when=st.none() | st.sets(st.sampled_from([*CHECKS, OWN])).map(tuple),
    most=st.none() | st.integers(1, 3),
    money=st.none() | st.integers(0, NANO_PER_USD).map(NanoUsd),
    daily=st.none() | st.integers(0, NANO_PER_USD).map(NanoUsd),
    hold=st.none() | st.booleans(),
)
parts = st.none() | wishes


def saying(rule: Escalation | None, alias: Escalation | None, file: Escalation | None) -> Policy:
    return policy(
        rules=[Rule(name="r", then=Then(escalate=rule))],
        aliases={"auto": msgspec.structs.replace(AUTO, escalate=alias)},
        escalate=file,
        version=repr((rule, alias, file)),
    )


@given(parts, parts, parts)
def test_each_thing_is_said_by_the_nearest_that_says_it(
    rule: Escalation | None, alias: Escalation | None, file: Escalation | None
) -> None:
    found = ascent_of(saying(rule, alias, file), "auto", "r")
    order = [each for each in (rule, alias, file) if each is not None] + [DEFAULT]
    for ours, theirs in (("most", "most"), ("money", "money"), ("hold", "hold"), ("when", "when")):
        said = [value for each in order if (value := getattr(each, ours)) is not None]
        assert getattr(found, theirs) == said[0]
    on = next(each.on for each in order if each.on is not None)
    assert found.on is bool(on and found.when)
    assert set(found.functions) == set(found.when) - set(CHECKS)
    assert found.deep is not set(found.when).issubset(CERTAIN)


@given(parts, parts, parts)
def test_the_budget_of_a_day_belongs_to_whoever_says_it(
    rule: Escalation | None, alias: Escalation | None, file: Escalation | None
) -> None:
    named = [("rule r", rule), ("alias auto", alias), (FILE, file), (FILE, DEFAULT)]
    whose, said = next((name, it) for name, it in named if it is not None and it.daily is not None)
    budget = ascent_of(saying(rule, alias, file), "auto", "r").budget
    assert budget.name == whose
    assert budget.most.money == said.daily


def test_other_names_and_other_rules_have_their_own() -> None:
    rules = saying(Escalation(most=3), Escalation(most=2), None)
    assert ascent_of(rules, "auto", "r").most == 3
    assert ascent_of(rules, "auto", "").most == 2
    assert ascent_of(rules, "small", "").most == 1


def test_what_is_said_of_nothing_is_the_default_and_costs_little() -> None:
    found = ascent_of(policy(version="plain"), "auto", "")
    assert found.on
    assert found.when == CERTAIN
    assert not found.deep
    assert not found.hold
    assert found.most == 1
    assert found.money == NANO_PER_USD // 10
    assert found.budget.most.money == 10 * NANO_PER_USD


def test_functions_are_found_wherever_they_are_named() -> None:
    one, two, three = (Escalation(when=(f"m:{name}", "empty")) for name in "abc")
    assert functions_of(saying(one, two, three)) == {"m:a", "m:b", "m:c"}
    assert functions_of(policy()) == frozenset()


def test_the_budgets_that_somebody_has_set_can_be_listed() -> None:
    set_up = saying(Escalation(daily=NanoUsd(1)), Escalation(most=2), Escalation(daily=NanoUsd(0)))
    found = [(each.name, each.most.money) for each in budgets_of(set_up)]
    assert found == [(FILE, 0), ("rule r", 1)]
    assert budgets_of(policy()) == ()


def who(targets: tuple[Target, ...], below: Target, *tried: str, **changes: object) -> list[str]:
    alias = msgspec.structs.replace(AUTO, targets=tuple(each.id for each in targets))
    rules = policy(targets, aliases={"auto": alias}, version=repr(targets))
    decision = decide(ask(**changes), Situation(), rules, NEVER)
    return [each.target.id for each in above(rules, decision, below, {below.id, *tried})]


def test_the_next_tier_is_asked_first_and_then_the_one_above_that() -> None:
    assert who(TARGETS, SMALL) == ["mid", "large"]
    assert who(TARGETS, MID) == ["large"]
    assert who(TARGETS, LARGE) == []


def test_where_no_higher_tier_may_serve_a_better_one_of_the_same_is_asked() -> None:
    assert who((SMALL, PEER), SMALL) == ["peer"]
    assert who((SMALL, PEER), PEER) == []
    assert who((SMALL, PEER, MID), SMALL) == ["mid", "peer"]


def test_a_tool_is_never_asked() -> None:
    assert "calc" not in who((SMALL, CALC, MID), SMALL)


def test_nobody_is_asked_twice() -> None:
    assert who(TARGETS, SMALL, "mid") == ["large"]


@given(
    st.sets(st.sampled_from(["small", "mid", "large"])).map(frozenset),
    st.sets(st.sampled_from(["eu", "us"])).map(frozenset),
    st.none() | st.sampled_from(Tier),
)
def test_only_those_are_asked_that_the_decision_let_serve(
    allow: frozenset[str], regions: frozenset[str], ceiling: Tier | None
) -> None:
    cast = (SMALL, MID, msgspec.structs.replace(LARGE, region="us"))
    rules = policy(cast, version="regions")
    asked = ask(allow=allow, regions=regions, ceiling=ceiling)
    decision = decide(asked, Situation(), rules, NEVER)
    able = {Reason.CHOSEN, Reason.FALLBACK, Reason.NOT_NEEDED}
    may = {each.target for each in decision.verdicts if each.reason in able}
    found = above(rules, decision, SMALL, {"small"})
    assert {each.target.id for each in found} <= may
    assert all(each.target.tier > SMALL.tier for each in found)
    assert all(each.latency > 0 for each in found)


@given(
    st.integers(0, 10**9),
    st.integers(1, 20_000),
    st.integers(0, 3_000),
    st.integers(0, 3_000),
    st.integers(0, 200_000),
)
def test_what_may_be_written_is_paid_for_and_has_room_for_twice_as_much(
    money: int, output: int, wrote: int, least: int, length: int
) -> None:
    demand = Demand(price=LARGE.price, input=Tokens(length), output=Tokens(output))
    found = most_written(demand, NanoUsd(money), Tokens(wrote), Tokens(least))
    enough = min(output, max(least, LONGER * wrote))
    if found is None:
        needed = msgspec.structs.replace(demand, output=Tokens(enough))
        assert needed.amount.money > money
    else:
        assert enough <= found <= output
        asked = msgspec.structs.replace(demand, output=found)
        assert asked.amount.money <= money


def test_an_answer_that_can_be_read_is_better_than_none() -> None:
    order = ["", "unsure", "truncated", "repeated", "broken_json", "refused", "empty"]
    worth = [badness(each) for each in order]
    assert worth == sorted(worth)
    assert len(set(worth)) == len(worth)


@pytest.mark.parametrize(("one", "other"), [(0.0, 0.1), (0.4, 0.9)])
def test_what_the_owner_thinks_less_of_is_worse(one: float, other: float) -> None:
    assert badness(OWN, one) > badness(OWN, other) > badness("unsure")

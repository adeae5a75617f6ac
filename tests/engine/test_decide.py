"""Where a call goes, and why nowhere else."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import CALC, LARGE, MID, NEVER, SMALL, Fixed, ask, hard, policy, target
from switchgear.domain.ask import Ask, Step
from switchgear.domain.decision import Decision, Limit, Reason, Strategy
from switchgear.domain.situation import Availability, Fault, Latency, Reading, Situation
from switchgear.domain.target import Capability, Sensitivity, Tier
from switchgear.domain.units import NanoUsd, Seconds, Tokens
from switchgear.engine.decide import decide
from switchgear.engine.policy import Alias, Policy, Rule, Then, TierRule

CALM = Situation()
PLAIN = policy()


def reasons(decision: Decision) -> dict[str, Reason]:
    return {verdict.target: verdict.reason for verdict in decision.verdicts}


def chosen(
    call: Ask | None = None, rules: tuple[Then, ...] = (), situation: Situation = CALM
) -> Decision:
    numbered = [Rule(name=f"r{number}", then=then) for number, then in enumerate(rules)]
    return decide(call or ask(), situation, policy(rules=numbered), Fixed(0))


def test_the_cheapest_that_is_good_enough_comes_first_and_the_dearer_stand_behind() -> None:
    decision = chosen()
    assert decision.plan == ("small", "mid", "large")
    assert decision.tier is Tier.SMALL
    assert reasons(decision)["calc"] is Reason.NOT_ASKED


def test_a_hard_call_goes_to_the_frontier_and_down_only_when_that_fails() -> None:
    decision = chosen(hard())
    assert decision.tier is Tier.FRONTIER
    assert decision.plan == ("large", "small", "mid")
    assert decision.verdicts[0].detail == "over its quality limit"


def test_what_may_never_be_relaxed_leaves_the_plan() -> None:
    decision = decide(hard(), CALM, policy(relax=()), NEVER)
    assert decision.plan == ("large",)
    assert reasons(decision)["mid"] is Reason.TOO_WEAK


@pytest.mark.parametrize(
    ("changes", "call", "reason"),
    [
        ({"capabilities": frozenset()}, ask(needs=frozenset({Capability.IMAGES})), "INCAPABLE"),
        ({"window": Tokens(500)}, ask(max_output=Tokens(450)), "TOO_SMALL"),
        ({"region": "us"}, ask(regions=frozenset({"eu"})), "WRONG_REGION"),
        ({"region": ""}, ask(regions=frozenset({"eu"})), "WRONG_REGION"),
        ({"sensitivity": Sensitivity.PUBLIC}, ask(sensitivity=Sensitivity.INTERNAL), "TOO_OPEN"),
        ({}, ask(allow=frozenset({"other"})), "NOT_ALLOWED"),
        ({"tier": Tier.SMALL}, ask(floor=Tier.MID), "BELOW_FLOOR"),
        ({"tier": Tier.TOOL}, ask(unfit=(("odd", "no arguments"),)), "BAD_INPUT"),
        ({"tier": Tier.MID}, ask(ceiling=Tier.SMALL), "ABOVE_CEILING"),
    ],
)
def test_what_may_not_serve_is_struck_out_with_its_reason(
    changes: dict[str, object], call: Ask, reason: str
) -> None:
    odd = target("odd", **changes)
    rules = policy((odd,), aliases={"auto": Alias(name="auto", targets=("odd",))})
    decision = decide(call, CALM, rules, NEVER)
    assert decision.plan == ()
    assert reasons(decision) == {"odd": Reason[reason]}


def test_a_target_whose_breaker_refuses_is_left_out_until_it_admits() -> None:
    sick = Situation(id="s", readings={"small": Reading(availability=Availability.REFUSING)})
    assert reasons(chosen(situation=sick))["small"] is Reason.REFUSING
    probing = Situation(id="s", readings={"small": Reading(availability=Availability.PROBING)})
    assert chosen(situation=probing).winner == "small"


def test_under_a_ceiling_weaker_targets_are_good_enough() -> None:
    decision = decide(hard(ceiling=Tier.MID), CALM, policy(relax=()), NEVER)
    assert decision.tier is Tier.MID
    assert decision.plan == ("mid",)
    assert reasons(decision)["large"] is Reason.ABOVE_CEILING


def test_whom_a_task_wants_first_may_serve_what_was_not_asked_for_only_where_it_is_said() -> None:
    wished = decide(ask(first=("calc",)), CALM, PLAIN, NEVER)
    assert reasons(wished)["calc"] is Reason.NOT_ASKED
    meant = decide(ask(first=("calc",), beyond=True), CALM, PLAIN, NEVER)
    assert meant.winner == "calc"
    assert meant.why == "its task needs another now"
    alone = decide(ask(first=("calc",), beyond=True, ceiling=Tier.TOOL), CALM, PLAIN, NEVER)
    assert alone.plan == ("calc",)


def test_the_first_rule_that_holds_is_applied_and_no_other() -> None:
    rules = policy(rules=[Rule(name=name, when="x", then=Then(tier=Tier.MID)) for name in "abc"])
    assert decide(ask(), CALM, rules, Fixed(1, 2)).rule == "b"
    assert decide(ask(), CALM, rules, Fixed(1, 2)).winner == "mid"
    assert decide(ask(), CALM, rules, NEVER).rule == ""


def test_a_rule_can_put_a_tool_first_and_another_last() -> None:
    decision = chosen(rules=(Then(first=("calc",), last=("mid",)),))
    assert decision.plan == ("calc", "small", "large", "mid")
    assert decision.why == "the rule puts it first"


def test_a_tool_whose_input_is_missing_is_struck_out_and_the_models_serve() -> None:
    decision = chosen(ask(unfit=(("calc", "no JSON"),)), rules=(Then(first=("calc",)),))
    assert decision.plan == ("small", "mid", "large")
    assert decision.verdicts[3].detail == "no JSON"


def test_a_rule_narrows_regions_and_never_widens_them() -> None:
    call = ask(regions=frozenset({"us"}))
    decision = chosen(call, rules=(Then(regions=frozenset({"eu"})),))
    assert decision.plan == ()
    assert set(reasons(decision).values()) == {Reason.WRONG_REGION, Reason.NOT_ASKED}


@pytest.mark.parametrize(
    ("strategy", "order"),
    [
        (Strategy.COST, ("small", "mid", "large")),
        (Strategy.QUALITY, ("large", "mid", "small")),
        (Strategy.LATENCY, ("small", "mid", "large")),
        (Strategy.BALANCED, ("small", "mid", "large")),
    ],
)
def test_the_strategy_orders_what_keeps_the_limits(
    strategy: Strategy, order: tuple[str, ...]
) -> None:
    assert chosen(rules=(Then(strategy=strategy),)).plan == order


def test_weights_share_the_traffic_by_the_draw_alone() -> None:
    rule = (Then(strategy=Strategy.WEIGHTED),)
    counts = {"small": 0, "mid": 0, "large": 0}
    for step in range(1000):
        counts[chosen(ask(draw=step / 1000), rules=rule).winner] += 1
    assert counts == {"small": 600, "mid": 200, "large": 200}


def test_measured_latency_counts_more_than_the_assumed() -> None:
    slow = Latency(Seconds(30.0), Seconds(30.0), Seconds(30.0))
    situation = Situation(id="s", readings={"small": Reading(first_content=slow)})
    decision = chosen(rules=(Then(strategy=Strategy.LATENCY),), situation=situation)
    assert decision.plan == ("mid", "large", "small")


def test_soft_limits_are_given_up_in_the_policys_order() -> None:
    limits = Then(cost_ceiling=NanoUsd(0), latency_ceiling=Seconds(0.0))
    decision = chosen(rules=(limits,))
    assert decision.winner == "small"
    assert set(decision.relaxed) == {Limit.COST, Limit.LATENCY}
    only_cost = chosen(rules=(Then(cost_ceiling=NanoUsd(500_000)),))
    assert only_cost.relaxed == ()


def test_a_ceiling_moves_a_target_behind_those_that_keep_it() -> None:
    rules = policy(tiers=(TierRule(tier=Tier.SMALL, latency_ceiling=Seconds(10.0)),))
    decision = decide(ask(), CALM, rules, NEVER)
    assert decision.plan == ("small", "mid", "large")  # 9 s, 17 s, 25 s at p95


def test_a_tool_loop_stays_with_the_target_that_holds_it() -> None:
    call = ask(step=Step.TOOL_RESULT, held="mid")
    decision = chosen(call)
    assert decision.plan[0] == "mid"
    assert decision.sticky
    assert not chosen(ask(step=Step.TOOL_RESULT)).sticky  # nobody holds it
    assert decision.why == "it holds the tool loop"


def test_a_conversation_stays_with_the_target_whose_provider_holds_it() -> None:
    decision = chosen(ask(held="mid"))
    assert (decision.plan[0], decision.sticky) == ("mid", True)
    assert decision.why == "it holds the conversation"


def test_a_target_asked_for_by_name_is_followed_by_its_own_fallbacks_only() -> None:
    named = msgspec.structs.replace(MID, fallback=("large", "small"))
    decision = decide(ask(model="mid"), CALM, policy((SMALL, named, LARGE)), NEVER)
    assert decision.plan == ("mid", "large", "small")
    assert decide(ask(model="sim/model-large"), CALM, PLAIN, NEVER).plan == ("large",)


def test_a_plan_is_no_longer_than_the_policy_says() -> None:
    decision = decide(ask(), CALM, policy(plan_length=1), NEVER)
    assert decision.plan == ("small",)
    assert reasons(decision)["mid"] is Reason.NOT_NEEDED


def test_a_decision_says_when_the_draw_made_it() -> None:
    known = Situation(id="s", readings={"small": Reading(known=True)})
    fastest = (Then(strategy=Strategy.LATENCY),)
    explored = chosen(ask(draw=0.99), fastest, known)
    assert (explored.winner, explored.why[:8]) == ("large", "explored")
    assert chosen(ask(draw=0.5), fastest, known).why.startswith("fastest")
    twins = policy((SMALL, target("twin", quality=0.5, price=SMALL.price)))
    twins = msgspec.structs.replace(
        twins, aliases={"auto": Alias(name="auto", targets=("small", "twin"))}
    )
    loaded = Situation(id="s", readings={"small": Reading(in_flight=8)})
    decision = decide(ask(draw=0.9), loaded, twins, NEVER)
    assert (decision.winner, "less loaded" in decision.why) == ("twin", True)


def test_a_target_that_is_refused_says_what_is_wrong_with_it() -> None:
    sick = Reading(availability=Availability.REFUSING, fault=Fault.DENIED)
    decision = chosen(situation=Situation(id="s", readings={"small": sick}))
    assert decision.verdicts[0].detail == "denied"


asks = st.builds(
    ask,
    model=st.sampled_from(["auto", "small", "large", "nobody"]),
    step=st.sampled_from(Step),
    held=st.sampled_from(["", "mid", "gone"]),
    floor=st.sampled_from([None, *Tier]),
    needs=st.frozensets(st.sampled_from(Capability)),
    regions=st.frozensets(st.sampled_from(["eu", "us"])),
    allow=st.frozensets(st.sampled_from(["small", "mid"])),
    sensitivity=st.sampled_from(Sensitivity),
    input_tokens=st.integers(0, 200_000).map(Tokens),
    max_output=st.none() | st.integers(1, 200_000).map(Tokens),
    draw=st.floats(0, 1, exclude_max=True),
)
thens = st.builds(
    Then,
    targets=st.none() | st.frozensets(st.sampled_from(["small", "mid", "large"])),
    first=st.sampled_from([(), ("calc",)]),
    last=st.sampled_from([(), ("calc",), ("small",)]),
    tier=st.none() | st.sampled_from(Tier),
    strategy=st.none() | st.sampled_from(Strategy),
    cost_ceiling=st.none() | st.integers(0, 10**7).map(NanoUsd),
    regions=st.none() | st.frozensets(st.sampled_from(["eu", "us"])),
)
relaxations = st.permutations(list(Limit)).flatmap(
    lambda every: st.integers(0, 3).map(lambda count: tuple(every[:count]))
)
readings = st.dictionaries(
    st.sampled_from(["small", "mid", "large"]),
    st.builds(
        Reading,
        availability=st.sampled_from(Availability),
        in_flight=st.sampled_from([0, 4, 64]),
        known=st.booleans(),
    ),
)


@given(asks, thens, relaxations, readings)
def test_whatever_comes_every_target_gets_one_verdict_and_only_the_fit_are_planned(
    call: Ask, then: Then, relax: tuple[Limit, ...], found: dict[str, Reading]
) -> None:
    odd = msgspec.structs.replace(LARGE, region="us", capabilities=frozenset())
    rules = policy((SMALL, MID, odd, CALC), rules=[Rule(name="r", then=then)], relax=relax)
    situation = Situation(id="s", readings=found)
    decision = decide(call, situation, rules, Fixed(0))
    assert decision == decide(call, situation, rules, Fixed(0))
    assert [verdict.target for verdict in decision.verdicts] == [each.id for each in rules.targets]
    planned = {
        name for name, why in reasons(decision).items() if why in {Reason.CHOSEN, Reason.FALLBACK}
    }
    assert planned == set(decision.plan)
    assert len(decision.plan) == len(set(decision.plan))
    for name in decision.plan:
        _may_serve(name, call, then, rules, situation)


def _may_serve(name: str, call: Ask, then: Then, rules: Policy, situation: Situation) -> None:
    one = next(each for each in rules.targets if each.id == name)
    assert not call.regions or one.region in call.regions
    assert then.regions is None or one.region in then.regions
    assert not call.allow or name in call.allow
    assert one.sensitivity >= call.sensitivity
    passed = Capability.PASSTHROUGH in call.needs and name == call.model
    assert passed or one.tier is Tier.TOOL or call.needs <= one.capabilities
    reading = situation.readings.get(name, Reading())
    assert reading.availability is not Availability.REFUSING


def test_every_reason_can_be_met() -> None:
    """Each but those of soft limits is met above; these are the soft ones."""
    strict = policy(relax=())
    met = set()
    for then in (
        Then(cost_ceiling=NanoUsd(0)),
        Then(latency_ceiling=Seconds(0.0)),
        Then(quality_floor=1.0),
    ):
        rules = msgspec.structs.replace(strict, rules=(Rule(name="r", then=then),))
        met |= set(reasons(decide(ask(), CALM, rules, Fixed(0))).values())
    assert {Reason.TOO_DEAR, Reason.TOO_SLOW, Reason.TOO_WEAK} <= met

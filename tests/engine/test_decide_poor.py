"""Who rests on a route because its answers there were of no use, and who takes its place."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import AUTO, CALC, LARGE, MID, NEVER, SMALL, Fixed, ask, hard, policy, target
from switchgear.domain.ask import Ask, Step
from switchgear.domain.decision import Decision, Reason, Strategy
from switchgear.domain.situation import Availability, Reading, Situation
from switchgear.domain.target import Kind, Sensitivity, Tier
from switchgear.engine.decide import decide
from switchgear.engine.policy import Alias, Policy, Rule, Then

PEER = target("peer", quality=0.5, price=SMALL.price)
AGENT = target("agent", kind=Kind.AGENT, tier=Tier.MID, quality=0.4)
CAST = (SMALL, PEER, MID, LARGE, CALC, AGENT)
IDS = ("small", "peer", "mid", "large")


def poor(*names: str, route: str = "auto") -> Situation:
    return Situation(id="s", readings={name: Reading(poor=(route,)) for name in names})


def rules(**changes: object) -> Policy:
    alias = msgspec.structs.replace(AUTO, targets=IDS, **changes)
    return policy(CAST, aliases={"auto": alias}, plan_length=9)


def chosen(situation: Situation, given: Policy | None = None, asked: Ask | None = None) -> Decision:
    return decide(asked or ask(), situation, given or rules(), NEVER)


def reason(decision: Decision, name: str) -> Reason:
    return next(each.reason for each in decision.verdicts if each.target == name)


def test_whoever_rests_is_struck_out_and_a_stronger_one_comes_first() -> None:
    usual, now = chosen(Situation()), chosen(poor("peer"))
    assert usual.plan[:2] == ("peer", "small")
    assert now.plan == ("mid", "large", "small")  # not the one that is no better
    assert reason(now, "peer") is Reason.POOR
    assert now.why == "in place of peer, whose last answers here were of no use"


def test_on_another_route_nothing_changes() -> None:
    assert chosen(poor("peer", route="auto, rule x")).plan == chosen(Situation()).plan
    assert chosen(poor("peer"), asked=ask(model="peer")).plan == ("peer",)


def test_a_rule_makes_a_route_of_its_own() -> None:
    ruled = rules()
    ruled = msgspec.structs.replace(ruled, rules=(Rule(name="x", then=Then()),))
    now = decide(ask(), poor("peer", route="auto, rule x"), ruled, Fixed(0))
    assert now.winner == "mid"
    assert decide(ask(), poor("peer"), ruled, Fixed(0)).winner == "peer"


def test_whoever_would_not_have_been_first_is_only_left_out() -> None:
    now = chosen(poor("small"))
    assert now.plan == (
        "peer",
        *(n for n in chosen(Situation()).plan if n not in {"peer", "small"}),
    )
    assert reason(now, "small") is Reason.POOR
    assert "in place" not in now.why


@pytest.mark.parametrize("name", ["calc", "agent", "large"])
def test_a_named_tool_agent_or_model_takes_its_place(name: str) -> None:
    now = chosen(poor("peer"), rules(after_flaws=(name,)))
    assert now.winner == name
    assert reason(now, "peer") is Reason.POOR
    assert name in IDS or reason(chosen(Situation(), rules(after_flaws=(name,))), name) is (
        Reason.NOT_ASKED
    )


def test_several_are_tried_in_their_order_before_the_rest() -> None:
    assert chosen(poor("peer"), rules(after_flaws=("agent", "calc"))).plan[:2] == ("agent", "calc")


def test_the_rule_says_it_before_the_alias_and_the_alias_before_the_file() -> None:
    ruled = msgspec.structs.replace(
        rules(after_flaws=("large",)),
        rules=(Rule(name="x", then=Then(after_flaws=("agent",))), Rule(name="y", then=Then())),
        after_flaws=("mid",),
    )
    assert decide(ask(), poor("peer", route="auto, rule x"), ruled, Fixed(0)).winner == "agent"
    assert decide(ask(), poor("peer", route="auto, rule y"), ruled, Fixed(1)).winner == "large"
    plain = msgspec.structs.replace(ruled, aliases={"auto": Alias(name="auto", targets=IDS)})
    assert decide(ask(), poor("peer", route="auto, rule y"), plain, Fixed(1)).winner == "mid"
    stronger = msgspec.structs.replace(
        plain, rules=(Rule(name="x", then=Then(after_flaws=())),), after_flaws=("small",)
    )
    assert decide(ask(), poor("peer", route="auto, rule x"), stronger, Fixed(0)).winner == "mid"


def test_the_last_one_stays() -> None:
    for situation in (poor("small"), poor(*IDS)):
        alone = decide(ask(model="small"), situation, rules(), NEVER)
        assert alone.plan in {("small",), chosen(Situation()).plan}
    assert chosen(poor(*IDS)).plan == chosen(Situation()).plan
    assert decide(ask(model="small"), poor("small", route="small"), rules(), NEVER).plan == (
        "small",
    )


def test_a_last_resort_does_not_take_the_place_unless_it_is_named() -> None:
    resort = rules(last=("calc",))
    assert chosen(poor(*IDS), resort).plan == chosen(Situation(), resort).plan
    named = rules(last=("calc",), after_flaws=("calc",))
    assert chosen(poor(*IDS), named).plan == ("calc",)


def test_a_tool_loop_leaves_a_target_that_rests_and_no_other() -> None:
    looped = ask(step=Step.TOOL_RESULT, held="peer")
    assert chosen(poor("peer"), asked=looped).winner == "mid"
    assert not chosen(poor("peer"), asked=looped).sticky
    other = ask(step=Step.TOOL_RESULT, held="large")
    assert chosen(poor("peer"), rules(after_flaws=("agent",)), other).winner == "large"


def test_a_named_target_that_rests_gives_way_to_its_fallback() -> None:
    backed = target("backed", fallback=("small",))
    given = policy((*CAST, backed))
    now = decide(ask(model="backed"), poor("backed", route="backed"), given, NEVER)
    assert now.plan == ("small",)


situations = st.dictionaries(
    st.sampled_from([*IDS, "calc", "agent"]),
    st.builds(
        Reading,
        availability=st.sampled_from(Availability),
        poor=st.sampled_from([(), ("auto",), ("auto", "other"), ("other",)]),
    ),
).map(lambda found: Situation(id=str(hash(str(found))), readings=found))
asks = st.builds(
    ask,
    model=st.sampled_from(["auto", "small", "large"]),
    step=st.sampled_from(Step),
    held=st.sampled_from(["", "peer", "large"]),
    draw=st.floats(0, 1, exclude_max=True),
    regions=st.sampled_from([frozenset(), frozenset({"eu"})]),
    allow=st.sampled_from([frozenset(), frozenset({"small", "peer", "agent"})]),
    sensitivity=st.sampled_from(Sensitivity),
) | st.builds(hard, draw=st.floats(0, 1, exclude_max=True))
policies = st.builds(
    lambda next_, last, strategy, far: msgspec.structs.replace(
        rules(after_flaws=next_, last=last, strategy=strategy),
        targets=tuple(
            msgspec.structs.replace(each, region="us", sensitivity=Sensitivity.PUBLIC)
            if each.id in far
            else each
            for each in CAST
        ),
        version=f"{next_}{last}{strategy}{sorted(far)}",
    ),
    st.sampled_from([(), ("agent",), ("calc", "large"), ("small",)]),
    st.sampled_from([(), ("calc",)]),
    st.sampled_from(Strategy),
    st.sets(st.sampled_from(["agent", "large", "peer"])),
)


@given(asks, situations, policies)
def test_nobody_who_rests_is_planned_beside_one_who_does_not(
    asked: Ask, situation: Situation, given_: Policy
) -> None:
    decision = decide(asked, situation, given_, NEVER)
    resting = {name for name, each in situation.readings.items() if asked.model in each.poor}
    aliased = given_.aliases.get(asked.model)
    resort = set(aliased.last) if aliased else set()
    if set(decision.plan) & resting:
        well = msgspec.structs.replace(
            situation,
            id=situation.id + "-",
            readings={
                name: msgspec.structs.replace(each, poor=())
                for name, each in situation.readings.items()
            },
        )
        assert decision.plan == decide(asked, well, given_, NEVER).plan
        assert set(decision.plan) <= resting | resort
    assert decision == decide(asked, situation, given_, NEVER)


@given(asks, situations, policies)
def test_whoever_takes_the_place_may_see_the_data(
    asked: Ask, situation: Situation, given_: Policy
) -> None:
    known = {each.id: each for each in given_.targets}
    for name in decide(asked, situation, given_, NEVER).plan:
        assert not asked.allow or name in asked.allow
        assert not asked.regions or known[name].region in asked.regions
        assert known[name].sensitivity >= asked.sensitivity
        reading = situation.readings.get(name, Reading())
        assert reading.availability is not Availability.REFUSING

"""Who is tried in order to learn, how often, and what that may cost."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.cast import LARGE, MID, NEVER, SMALL, Fixed, ask, hard, policy, shape, target
from support.odds import odds
from switchgear.domain.ask import Ask, Step
from switchgear.domain.decision import Decision, Strategy
from switchgear.domain.odds import Bar, Chance, Odds
from switchgear.domain.situation import Reading, Situation
from switchgear.domain.target import Kind
from switchgear.domain.units import NanoUsd
from switchgear.engine.decide import decide
from switchgear.engine.explore import extra_of
from switchgear.engine.policy import Alias, Policy, Promise, Rule, Then

CALM = Situation()
FLOOR = policy(success_floor=0.9, version="floor")
LATE = 0.99999
"""A draw that tries whom it can."""
RICH = 10**12


def tried(known: Odds, call: Ask | None = None, rules: Policy = FLOOR) -> Decision:
    late = msgspec.structs.replace(call or hard(), draw=LATE)
    return decide(late, CALM, rules, NEVER, known)


def promising(**changes: object) -> Odds:
    """The large one is sure to do, and the small one might."""
    known = odds({"large": 0.95}, {"small": 0.9}, purse=RICH, rate=0.1)
    return msgspec.structs.replace(known, **changes)


def test_a_cheaper_one_that_may_be_good_enough_is_tried_and_the_best_stands_behind_it() -> None:
    decision = tried(promising())
    assert (decision.winner, decision.plan[1]) == ("small", "large")
    assert decision.explored
    assert decision.why == (
        "tried, to learn whether it would do here for tier frontier, before large"
    )
    assert 0.001 <= decision.propensity <= 0.1


def test_most_calls_go_to_the_best_and_say_how_probable_that_was() -> None:
    decision = decide(hard(draw=0.5), CALM, FLOOR, NEVER, promising())
    assert (decision.winner, decision.explored) == ("large", False)
    assert decision.propensity == pytest.approx(0.9, abs=0.001)


def test_the_likelier_one_is_to_do_better_the_more_often_it_is_tried() -> None:
    shares = [
        tried(odds({"large": 0.95}, {"small": p, "mid": 0.6}, purse=RICH, rate=0.1)).propensity
        for p in (0.3, 0.6, 0.9)
    ]
    assert shares == sorted(shares)
    assert shares[0] < shares[2]


def test_one_that_is_sure_to_do_worse_is_never_tried() -> None:
    known = odds({"large": 0.95, "small": 0.3, "mid": 0.4}, purse=RICH, rate=1.0)
    decision = tried(known)
    assert (decision.winner, decision.explored, decision.propensity) == ("large", False, 1.0)


@pytest.mark.parametrize("changes", [{"rate": 0.0}, {"purse": 0}, {"purse": -5}, {"rate": -0.1}])
def test_nothing_is_tried_without_a_purse_or_a_rate(changes: dict[str, object]) -> None:
    decision = tried(promising(**changes))
    assert (decision.winner, decision.explored, decision.propensity) == ("large", False, 1.0)


def test_nobody_is_tried_who_is_dearer_beyond_the_best_than_the_purse_holds() -> None:
    known = odds({"small": 0.91}, {"mid": 0.95, "large": 0.95}, purse=RICH, rate=0.5)
    extra = extra_of(tried(known, ask()))
    assert extra > 0
    just = msgspec.structs.replace(known, purse=NanoUsd(extra))
    short = msgspec.structs.replace(known, purse=NanoUsd(extra - 1))
    assert tried(just, ask()).winner == tried(known, ask()).winner
    assert tried(short, ask()).winner != tried(known, ask()).winner


@pytest.mark.parametrize(
    "call",
    [
        hard(step=Step.TOOL_RESULT),
        hard(step=Step.CONTINUATION),
        hard(held="large"),
        hard(warm="small"),
        hard(first=("large",)),
        hard(model="large"),
        ask(shape=shape(turns=5), task_step=7),
    ],
)
def test_nothing_is_tried_where_a_task_is_under_way_or_somebody_said_whom(call: Ask) -> None:
    assert not tried(promising(), call).explored


def test_a_new_conversation_of_a_long_task_may_be_tried_with() -> None:
    call = msgspec.structs.replace(hard(task_step=7), model="auto")
    assert tried(promising(), call).explored


def test_nothing_is_tried_below_a_tier_that_was_named_or_that_a_promise_guards() -> None:
    alias = {"auto": Alias(name="auto", targets=("small", "mid", "large"), tier=LARGE.tier)}
    named = policy(aliases=alias, success_floor=0.9, version="named")
    assert not tried(promising(), rules=named).explored
    guarded = policy(success_floor=0.9, promise=Promise(failures=0.1, confidence=0.95), version="g")
    assert not tried(promising(bars=(Bar("small", 0.1, 0.95, 0.5),)), rules=guarded).explored


def test_a_rule_that_puts_a_target_first_leaves_nothing_to_try() -> None:
    rules = policy(rules=[Rule(name="r", then=Then(first=("mid",)))], success_floor=0.9)
    assert decide(hard(draw=LATE), CALM, rules, Fixed(0), promising()).winner == "mid"


def test_people_and_tools_are_not_tried_out() -> None:
    person = target("small", kind=Kind.HUMAN)
    assert not tried(promising(), rules=policy((person, LARGE), success_floor=0.9)).explored


def test_without_a_fallback_nothing_is_tried() -> None:
    assert not tried(promising(), rules=policy(success_floor=0.9, plan_length=1)).explored


def test_no_limit_of_cost_is_given_up_to_try_somebody() -> None:
    dear = policy(rules=[Rule(name="r", then=Then(cost_ceiling=NanoUsd(1)))], success_floor=0.9)
    known = odds({"small": 0.91}, {"mid": 0.95}, purse=RICH, rate=1.0)
    assert not decide(ask(draw=LATE), CALM, dear, Fixed(0), known).explored


def test_of_which_nothing_is_known_is_tried_by_its_quality() -> None:
    known = odds({"large": 0.95}, purse=RICH, rate=0.2)
    assert tried(known).explored
    nothing = Odds(version="m", purse=NanoUsd(RICH), rate=0.2)
    shares = {
        made.winner: made.propensity
        for draw in (0.85, LATE)
        for made in [decide(hard(draw=draw), CALM, FLOOR, NEVER, nothing)]
    }
    assert shares["mid"] > shares["small"] > 0  # a quality of 0.7 comes nearer to the floor


def test_what_was_tried_costs_so_much_more_than_the_best_and_never_less() -> None:
    cheaper = tried(promising())
    assert cheaper.explored
    assert extra_of(cheaper) == 0
    dearer = tried(odds({"small": 0.91}, {"large": 0.99}, purse=RICH, rate=1.0), ask())
    costs = {each.target: each.cost or 0 for each in dearer.verdicts}
    assert extra_of(dearer) == costs["large"] - costs["small"] > 0
    assert extra_of(decide(ask(), CALM, FLOOR, NEVER)) == 0


names = st.sampled_from(["small", "twin", "mid", "large"])
chances = st.builds(
    Chance,
    names,
    st.integers(0, 100).map(lambda whole: whole / 100),
    st.sampled_from([0.0, 0.02, 0.3]),
    st.booleans(),
)
knowns = st.builds(
    Odds,
    version=st.just("m"),
    chances=st.lists(chances, unique_by=lambda each: each.target).map(tuple),
    purse=st.sampled_from([0, 100_000, RICH]).map(NanoUsd),
    rate=st.sampled_from([0.0, 0.05, 0.3, 1.0]),
)
TWIN = msgspec.structs.replace(SMALL, id="twin", provider="other")
policies = st.builds(
    lambda version, **changes: policy((SMALL, TWIN, MID, LARGE), version=str(version), **changes),
    version=st.integers(0, 10**9),
    success_floor=st.sampled_from([None, 0.5, 0.9]),
    value=st.sampled_from([None, NanoUsd(10**7)]),
    strategy=st.sampled_from(Strategy),
    aliases=st.sampled_from([(), ("small",), ("twin", "mid")]).map(
        lambda last: {
            "auto": Alias(name="auto", targets=("small", "twin", "mid", "large"), last=last)
        }
    ),
)
readings = st.dictionaries(
    names,
    st.builds(
        Reading,
        in_flight=st.sampled_from([0, 64]),
        known=st.booleans(),
        poor=st.sampled_from([(), (), (), ("auto",)]),
    ),
)


@settings(max_examples=30)
@given(knowns, policies, readings, st.sampled_from([ask(), hard()]))
def test_over_a_grid_of_draws_frequencies_are_propensities_and_these_sum_to_one(
    known: Odds, rules: Policy, found: dict[str, Reading], call: Ask
) -> None:
    situation, steps, explored = Situation(id=repr(found), readings=found), 100, 0
    counts: dict[str, int] = {}
    shares: dict[str, float] = {}
    for step in range(steps):
        at = msgspec.structs.replace(call, draw=(step + 0.5) / steps)
        decision = decide(at, situation, rules, NEVER, known)
        counts[decision.winner] = counts.get(decision.winner, 0) + 1
        assert shares.setdefault(decision.winner, decision.propensity) == pytest.approx(
            decision.propensity
        )
        explored += decision.explored and decision.why.startswith("tried")
    seen = sum(shares.values())
    assert 1 - 0.02 * len(rules.targets) <= seen <= 1 + 1e-9  # one may fall between two draws
    for name, count in counts.items():
        assert count / steps == pytest.approx(shares[name], abs=0.1)
    assert explored / steps <= known.rate + 0.01
    if not known.rate or not known.purse:
        assert not explored

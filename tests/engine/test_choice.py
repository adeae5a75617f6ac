"""What was learnt, and who is chosen by it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import LARGE, NEVER, Fixed, ask, hard, policy, target
from support.odds import odds
from switchgear.domain.ask import Ask, Step
from switchgear.domain.decision import Decision, Limit, Reason, Strategy
from switchgear.domain.odds import NO_ODDS, Bar, Chance, Odds
from switchgear.domain.situation import Availability, Reading, Situation
from switchgear.domain.target import Tier
from switchgear.domain.units import NANO_PER_USD, NanoUsd, Seconds
from switchgear.engine.decide import decide
from switchgear.engine.policy import Alias, Policy, Promise, Rule, Then
from switchgear.engine.policydoc import decode_policy, encode_policy, versioned

CALM = Situation()
FLOOR = policy(success_floor=0.9, version="floor")
TENTH = Promise(failures=0.1, confidence=0.95)


def bar(name: str, least: float, failures: float = 0.1) -> Bar:
    return Bar(name, failures, 0.95, least)


def chosen(known: Odds, call: Ask | None = None, rules: Policy = FLOOR) -> Decision:
    return decide(call or hard(), CALM, rules, NEVER, known)


def test_the_cheapest_that_clears_the_floor_wins_whatever_its_tier() -> None:
    decision = chosen(odds({"small": 0.93, "mid": 0.96, "large": 0.99}))
    assert decision.tier is Tier.FRONTIER
    assert decision.plan == ("small", "mid", "large")
    assert decision.why == "cheapest with a chance of 0.93, floor 0.9, before mid"
    assert decision.relaxed == ()
    assert decision.verdicts[0].chance == 0.93


def test_a_target_of_the_right_tier_that_is_known_to_fail_stands_behind() -> None:
    decision = chosen(odds({"small": 0.6, "mid": 0.95}), ask())
    assert decision.plan == ("mid", "large", "small")
    assert decision.verdicts[0].detail == "over its success limit"


def test_one_of_which_too_little_is_known_is_judged_by_tier_and_quality() -> None:
    decision = chosen(odds(unsure={"small": 0.99, "mid": 0.99}))
    assert decision.winner == "large"
    assert decision.verdicts[0].chance is None
    assert chosen(odds(unsure={"small": 0.1}), ask()).winner == "small"


def test_where_nobody_clears_the_floor_the_likeliest_comes_first_and_not_the_cheapest() -> None:
    decision = chosen(odds({"small": 0.4, "mid": 0.8, "large": 0.7}))
    assert decision.plan == ("mid", "large", "small")
    assert decision.relaxed == (Limit.SUCCESS,)
    assert decision.why == (
        "likeliest with a chance of 0.80, where nobody reaches the floor of 0.9, before large"
    )
    mixed = chosen(odds({"small": 0.6, "large": 0.8}))  # of mid there is only its quality, 0.7
    assert mixed.plan == ("large", "mid", "small")


def test_a_floor_that_is_never_given_up_strikes_out() -> None:
    strict = policy(success_floor=0.9, relax=(Limit.QUALITY,))
    decision = chosen(odds({"small": 0.4}), ask(), strict)
    assert decision.verdicts[0].reason is Reason.UNLIKELY
    assert decision.verdicts[0].detail == "0.40 < 0.9"
    assert "small" not in decision.plan


def test_without_a_floor_a_chance_leads_to_no_weaker_target() -> None:
    known = odds({"small": 0.99, "mid": 0.99, "large": 0.8})
    assert chosen(known, rules=policy()).plan == ("large", "small", "mid")
    assert chosen(known, rules=policy()).why.startswith("cheapest for tier frontier, with a chance")


def test_without_a_floor_one_that_fails_more_often_than_not_comes_last_and_is_no_refusal() -> None:
    known = odds({"small": 0.45, "mid": 0.6})
    assert chosen(known, ask(), policy()).plan == ("mid", "large", "small")
    only = odds({"small": 0.1, "mid": 0.1, "large": 0.1})
    never = policy(relax=())
    assert chosen(only, ask(), never).plan == ("small", "mid", "large")
    assert chosen(only, hard(), policy()).plan == ("large", "small", "mid")


def test_what_is_only_watched_chooses_nothing() -> None:
    watched = policy(success_floor=0.9, learned=False)
    known = odds({"small": 0.99, "large": 0.1}, purse=10**9, rate=1.0)
    assert chosen(known, rules=watched) == chosen(NO_ODDS, rules=watched)


def test_a_target_that_was_asked_for_by_name_serves_whatever_its_chance() -> None:
    strict = policy(success_floor=0.9, relax=())
    decision = decide(ask(model="small"), CALM, strict, NEVER, odds({"small": 0.1}))
    assert decision.plan == ("small",)


def test_a_tier_that_was_named_stays_unless_the_floor_is_named_as_near() -> None:
    known = odds({"small": 0.99, "mid": 0.99, "large": 0.99})
    rule = Rule(name="law", then=Then(tier=Tier.MID))
    named = policy(rules=[rule], success_floor=0.9)
    assert decide(ask(), CALM, named, Fixed(0), known).winner == "mid"
    nearer = Rule(name="law", then=Then(tier=Tier.MID, success_floor=0.9))
    assert decide(ask(), CALM, policy(rules=[nearer]), Fixed(0), known).winner == "small"
    smart = {"auto": Alias(name="auto", targets=("small", "mid", "large"), tier=Tier.FRONTIER)}
    assert chosen(known, ask(), policy(aliases=smart, success_floor=0.9)).winner == "large"
    itself = {"auto": msgspec.structs.replace(smart["auto"], success_floor=0.9)}
    assert chosen(known, ask(), policy(aliases=itself)).winner == "small"
    assert (
        decide(ask(), CALM, policy(rules=[rule], aliases=itself), Fixed(0), known).winner == "mid"
    )


def test_the_callers_own_floor_of_tiers_is_kept_however_likely_a_smaller_one_is() -> None:
    decision = chosen(odds({"small": 0.99, "mid": 0.95}), ask(floor=Tier.MID))
    assert decision.winner == "mid"
    assert decision.verdicts[0].reason is Reason.BELOW_FLOOR


def test_a_tool_loop_and_a_conversation_stay_where_they_are_held_whatever_was_learnt() -> None:
    strict = policy(success_floor=0.9, relax=())
    known = odds({"small": 0.05, "large": 0.99}, purse=10**12, rate=1.0)
    for step in (Step.TOOL_RESULT, Step.USER_TURN):
        decision = decide(ask(step=step, held="small"), CALM, strict, NEVER, known)
        assert (decision.winner, decision.sticky, decision.propensity) == ("small", True, 1.0)


def test_whom_a_task_or_a_rule_puts_first_stays_first() -> None:
    known = odds({"small": 0.99, "mid": 0.3, "large": 0.99})
    assert chosen(known, ask(first=("mid",))).winner == "mid"
    rule = policy(rules=[Rule(name="r", then=Then(first=("mid",)))], success_floor=0.9)
    assert decide(ask(), CALM, rule, Fixed(0), known).winner == "mid"


def test_a_promise_lets_a_weaker_one_serve_only_from_its_bar_on() -> None:
    promised = policy(promise=TENTH)
    for least, winner in ((0.9, "small"), (0.91, "large"), (2.0, "large")):
        known = odds({"small": 0.9}, bars=(bar("small", least),))
        assert chosen(known, rules=promised).winner == winner
    assert chosen(odds({"small": 0.99}), rules=promised).winner == "large"  # no bar is known
    other = odds({"small": 0.99}, bars=(bar("small", 0.5, failures=0.2),))
    assert chosen(other, rules=promised).winner == "large"  # that one is for another promise
    unsure = odds(unsure={"small": 0.99}, bars=(bar("small", 0.5),))
    assert chosen(unsure, rules=promised).winner == "large"


def test_a_promise_says_nothing_of_those_who_are_not_below_the_tier() -> None:
    promised = policy(promise=TENTH)
    assert chosen(odds({"small": 0.7}, bars=(bar("small", 0.95),)), ask(), promised).winner == (
        "small"
    )


def test_under_a_floor_and_a_promise_a_weaker_one_needs_both() -> None:
    both = policy(promise=TENTH, success_floor=0.9)
    for chance, least, winner in ((0.95, 0.94, "small"), (0.95, 0.96, "mid"), (0.89, 0.5, "mid")):
        known = odds({"small": chance, "mid": 0.99, "large": 0.99}, bars=(bar("small", least),))
        known = msgspec.structs.replace(known, bars=(*known.bars, bar("mid", 0.9)))
        assert chosen(known, rules=both).winner == winner


def valued(usd: float, second: float = 0.0) -> Policy:
    return policy(
        strategy=Strategy.VALUE,
        value=NanoUsd(int(usd * NANO_PER_USD)),
        second=NanoUsd(int(second * NANO_PER_USD)),
        version=f"{usd},{second}",
    )


def test_by_value_a_dearer_target_wins_once_its_better_chance_is_worth_it() -> None:
    known = odds({"small": 0.80, "mid": 0.90, "large": 0.97})
    # a call costs about $0.00017, $0.0017 and $0.0086
    winners = [chosen(known, rules=valued(usd)).winner for usd in (0.001, 0.02, 1.0)]
    assert winners == ["small", "mid", "large"]
    assert chosen(known, rules=valued(1.0)).why.startswith("best value for tier")


def test_by_value_waiting_costs() -> None:
    known = odds({"small": 0.80, "mid": 0.90, "large": 0.97})  # 9 s, 17 s and 25 s
    assert chosen(known, rules=valued(1.0, second=0.001)).winner == "large"
    assert chosen(known, rules=valued(1.0, second=0.05)).winner == "small"


def test_by_value_the_quality_stands_for_what_is_not_known_and_its_tier_counts() -> None:
    assert chosen(NO_ODDS, rules=valued(1.0)).winner == "large"
    assert chosen(NO_ODDS, ask(), valued(1.0)).winner == "large"
    assert chosen(NO_ODDS, ask(), valued(0.001)).winner == "small"
    assert chosen(NO_ODDS, hard(), valued(0.001)).winner == "large"


def test_by_quality_a_sure_chance_goes_before_the_owners_estimate() -> None:
    best = policy(strategy=Strategy.QUALITY)
    assert chosen(odds({"small": 0.97}), ask(), best).winner == "small"
    assert chosen(odds(unsure={"small": 0.97}), ask(), best).winner == "large"


def test_an_older_policy_that_is_kept_can_be_read_and_judges_as_it_did() -> None:
    document = msgspec.json.decode(encode_policy(versioned(policy())))
    for name in ("learned", "success_floor", "promise", "value", "second"):
        del document[name]
    document["relax"] = ["latency", "cost", "quality"]
    old = decode_policy(msgspec.json.encode(document))
    assert decide(hard(), CALM, old, NEVER).plan == ("large", "small", "mid")


TWINS = (
    target("small"),
    target("twin"),
    target("mid", tier=Tier.MID, quality=0.7, token_s=Seconds(0.02)),
)

names = st.sampled_from(["small", "twin", "mid", "large", "calc", "gone"])
share = st.integers(0, 100).map(lambda whole: whole / 100)
chances = st.builds(Chance, names, share, share, st.booleans())
knowns = st.builds(
    Odds,
    version=st.just("m"),
    chances=st.lists(chances, unique_by=lambda each: each.target).map(tuple),
    bars=st.lists(st.builds(Bar, names, st.just(0.1), st.just(0.95), share)).map(tuple),
    purse=st.sampled_from([0, 1_000, 10**12]).map(NanoUsd),
    rate=st.sampled_from([0.0, 0.05, 1.0]),
)
calls = st.builds(
    lambda made, **changes: made(**changes),
    st.sampled_from([ask, hard]),
    held=st.sampled_from(["", "", "mid", "gone"]),
    step=st.sampled_from(Step),
    first=st.sampled_from([(), (), ("large",)]),
    floor=st.sampled_from([None, None, Tier.MID]),
    model=st.sampled_from(["auto", "auto", "small"]),
    draw=st.floats(0, 1, exclude_max=True),
)
policies = st.builds(
    lambda version, **changes: policy((*TWINS, LARGE), version=str(version), **changes),
    version=st.integers(0, 10**9),
    success_floor=st.none() | share,
    promise=st.none() | st.just(TENTH),
    value=st.none() | st.integers(0, 10**9).map(NanoUsd),
    strategy=st.sampled_from(Strategy),
    learned=st.sampled_from([True, True, False]),
    relax=st.permutations(list(Limit)).flatmap(
        lambda every: st.integers(0, 4).map(lambda count: tuple(every[:count]))
    ),
    aliases=st.sampled_from([(), ("small",)]).map(
        lambda last: {
            "auto": Alias(name="auto", targets=("small", "twin", "mid", "large"), last=last)
        }
    ),
)
readings = st.dictionaries(
    st.sampled_from(["small", "twin", "mid", "large"]),
    st.builds(
        Reading,
        availability=st.sampled_from([Availability.ADMITTING, Availability.REFUSING]),
        in_flight=st.sampled_from([0, 4, 64]),
        known=st.booleans(),
        poor=st.sampled_from([(), (), ("auto",)]),
    ),
)


@given(calls, policies, readings, knowns)
def test_whatever_was_learnt_only_those_serve_who_may_and_the_same_is_decided_again(
    call: Ask, rules: Policy, found: dict[str, Reading], known: Odds
) -> None:
    situation = Situation(id=repr(found), readings=found)
    decision = decide(call, situation, rules, NEVER, known)
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(known), type=Odds)
    assert decide(call, situation, rules, NEVER, stored) == decision
    plain = decide(call, situation, rules, NEVER)
    soft = {Reason.UNLIKELY, Reason.TOO_WEAK, Reason.TOO_DEAR, Reason.TOO_SLOW}
    for judged, before in zip(decision.verdicts, plain.verdicts, strict=True):
        hard_now, hard_then = (each.cost is None for each in (judged, before))
        assert hard_now == hard_then or {judged.reason, before.reason} & {*soft, Reason.POOR}
    if call.held in decision.plan:
        assert decision.sticky or call.first


@given(calls, policies, readings, st.sampled_from([0, 10**9]))
def test_odds_of_nothing_change_nothing(
    call: Ask, rules: Policy, found: dict[str, Reading], purse: int
) -> None:
    situation = Situation(id=repr(found), readings=found)
    empty = Odds(version="m", purse=NanoUsd(purse))
    assert decide(call, situation, rules, NEVER, empty) == decide(call, situation, rules, NEVER)


@pytest.mark.parametrize("strategy", Strategy)
def test_every_strategy_takes_chances(strategy: Strategy) -> None:
    rules = policy(strategy=strategy, success_floor=0.9, value=NanoUsd(10**8))
    known = odds({"small": 0.95, "mid": 0.2, "large": 0.95}, purse=10**9, rate=0.1)
    assert decide(hard(draw=0.5), CALM, rules, NEVER, known).winner in {"small", "large"}

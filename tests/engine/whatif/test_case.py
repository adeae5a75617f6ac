"""One call in the figures of the cast: small costs 0.1 and 0.4 $ a million tokens, large 5, 20."""

import msgspec
import pytest

from support.cast import NEVER, ask
from support.pastime import POLICY, STRICT, USAGE, label, observed, past, target
from switchgear.domain.ask import Step
from switchgear.domain.entry import End, Entry
from switchgear.domain.odds import Chance, Odds
from switchgear.domain.outcome import Source
from switchgear.domain.target import Kind, Tier
from switchgear.domain.units import Tokens
from switchgear.engine.outcome import Label
from switchgear.engine.policy import Policy
from switchgear.engine.whatif.again import Replayer
from switchgear.engine.whatif.case import Case, Comparing, case_of, fresh_draw
from switchgear.engine.whatif.outlook import GUESSED, Forecast, repriced, row_of

SMALL_COST = 0.0001 + 0.00004
"""1,000 tokens in, 100 out."""
LARGE_COST = 0.005 + 0.002


def case(entry: Entry, under: Policy = STRICT, said: Label | None = None) -> Case:
    by = Replayer(under, NEVER, lambda each: each.odds)
    again = by.again(entry)
    assert again is not None
    return case_of(entry, again, said, Comparing(by, Forecast(under), {}))


def test_what_stays_is_what_was_measured() -> None:
    found = case(past(), POLICY, label(0.7))
    assert not found.changed
    assert [(each.before, each.after) for each in found.figures] == [
        pytest.approx((SMALL_COST, SMALL_COST)),
        (2.0, 2.0),
        (0.7, 0.7),
    ]


def test_what_changes_is_repriced_and_timed_as_the_new_target_is() -> None:
    found = case(past())
    assert (found.before, found.after, found.tiers) == (
        "small",
        "large",
        (Tier.SMALL, Tier.FRONTIER),
    )
    cost, seconds, quality = found.figures
    assert (cost.before, cost.after) == pytest.approx((SMALL_COST, LARGE_COST))
    # 0.1 s before it was sent, 0.5 s to the first content, 100 tokens at 0.03 s
    assert seconds.after == pytest.approx(0.1 + 0.5 + 3.0)
    assert (quality.before, quality.after) == (0.5, 0.95)  # the owner's figures
    assert quality.doubt == pytest.approx(2 * GUESSED)
    assert not found.learnt


def test_chances_that_were_learnt_are_taken_before_the_owner_s_figure() -> None:
    odds = Odds(version="v1", chances=(Chance("large", 0.8, 0.02, sure=True),))
    found = case(past(odds=odds))
    assert (found.figures[2].after, found.learnt) == (0.8, True)
    assert found.figures[2].doubt == pytest.approx(0.02 + GUESSED)


def test_who_says_which_tier_was_needed_is_believed() -> None:
    assert case(past(), said=label(0.0, Tier.FRONTIER)).figures[2].after == 1.0
    assert case(observed(), POLICY, label(1.0, Tier.MID)).figures[2].after == 0.0


def test_a_switch_in_a_tool_loop_reads_all_of_it_anew() -> None:
    cached = msgspec.structs.replace(USAGE, cached=Tokens(900))
    call = past(asked=ask(step=Step.TOOL_RESULT, held="small"))
    tried = msgspec.structs.replace(call.attempts[0], usage=cached)
    call = msgspec.structs.replace(call, attempts=(tried,))
    assert call.ask is not None
    cold = row_of(call, call.ask, call.odds, None)
    warm = row_of(call, msgspec.structs.replace(call.ask, held="large"), call.odds, None)
    assert repriced(cold, target("large")) == LARGE_COST * 1e9
    left = row_of(call, msgspec.structs.replace(call.ask, held="", warm="small"), call.odds, None)
    assert repriced(left, target("large")) == LARGE_COST * 1e9
    assert repriced(warm, target("large")) == pytest.approx((0.0005 + 0.00045 + 0.002) * 1e9)


def test_without_counted_tokens_the_usual_ones_are_expected() -> None:
    call = past(attempts=())
    assert call.ask is not None
    row = row_of(call, call.ask, call.odds, None)
    assert repriced(row, target("small")) == 110 * 100 + 400 * 400
    assert repriced(row, target("calc")) == 0.0
    assert target("calc").kind is Kind.TOOL


def test_a_call_without_a_whole_answer_is_counted_and_not_compared() -> None:
    assert case(past(end=End.LEFT)).figures == ()
    assert case(past(end=End.LEFT)).changed


def test_whom_nobody_serves_any_more_costs_nothing_and_saves_nothing() -> None:
    nobody = msgspec.structs.replace(POLICY, version="v3", aliases={})
    found = case(past(), nobody)
    assert (found.after, found.figures) == ("", ())


def test_what_was_drawn_is_weighed_and_an_observed_call_never() -> None:
    call = past()
    assert call.decision is not None
    drawn = msgspec.structs.replace(call.decision, propensity=0.25)
    found = case(past(decision=drawn), POLICY, label())
    assert [each.drawn.weight for each in found.figures if each.drawn] == [4.0, 4.0, 4.0]
    watched = msgspec.structs.replace(observed(), decision=drawn)
    assert [each.drawn for each in case(watched).figures] == [None] * 3
    away = case(past(decision=drawn), STRICT, label())
    assert [each.drawn.weight for each in away.figures if each.drawn] == [0.0, 0.0, 0.0]


def test_what_only_we_have_seen_is_no_sample_of_all() -> None:
    call = past()
    assert call.decision is not None
    drawn = msgspec.structs.replace(call.decision, propensity=0.25)
    found = case(past(decision=drawn), POLICY, label(0.0, source=Source.VALIDATOR))
    assert found.figures[2].drawn is None
    assert found.figures[2].before == 0.0


def test_an_older_policy_s_target_is_known_by_it() -> None:
    without = msgspec.structs.replace(
        POLICY, version="v4", targets=tuple(it for it in POLICY.targets if it.id != "small")
    )
    by = Replayer(without, NEVER, lambda each: each.odds)
    again = by.again(past())
    assert again is not None
    older = {"small": target("small")}
    found = case_of(past(), again, None, Comparing(by, Forecast(without), older))
    assert found.tiers == (Tier.SMALL, Tier.MID)
    assert len(found.figures) == 3
    assert case_of(past(), again, None, Comparing(by, Forecast(without), {})).figures == ()


def test_fresh_draws_are_spread_evenly_and_always_the_same() -> None:
    draws = [fresh_draw(f"sg_{number}") for number in range(4000)]
    assert all(0 <= each < 1 for each in draws)
    assert sum(draws) / 4000 == pytest.approx(0.5, abs=0.02)
    assert fresh_draw("sg_1") == draws[1]

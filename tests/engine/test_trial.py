"""Which of two models is better, on calls that neither had learnt from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import Fixed, ask, policy
from switchgear.domain.odds import NO_ODDS, Chance, Odds
from switchgear.domain.situation import Situation
from switchgear.domain.units import NanoUsd
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.model import UNTAUGHT
from switchgear.engine.success.trait import Traits
from switchgear.engine.tail import learnt_since
from switchgear.engine.trial import (
    Case,
    Choice,
    Figures,
    again,
    base_of,
    figures_of,
    foreseen,
    losses,
    ruling,
)

CALM = Situation(id="s", readings={})


def lesson(good: float, weight: float = 1.0) -> Lesson:
    return Lesson(Traits(("",), (1,), b""), "small", good, weight)


MIXED = [lesson(1.0), lesson(0.0), lesson(1.0), lesson(1.0)] * 10
chances = st.lists(st.floats(0, 1), min_size=40, max_size=40)


def figures(loss: float = 0.5, **more: float) -> Figures:
    fields = {"brier": 0.2, "ece": 0.02, "success": 0.8, **more}
    return Figures(labels=40, log_loss=loss, **fields)  # type: ignore[arg-type]  # a test's shorthand


def ruled(old: float, new: float, *, first: bool = False) -> bool:
    """What is ruled where each call's chance is off by so much."""
    lost = [losses([abs(each.good - off) for each in MIXED], MIXED) for off in (old, new)]
    return ruling((lost[0], lost[1]), [1.0] * 40, (figures(), figures()), first=first).switched


def test_a_model_is_tried_before_it_learns_from_what_it_is_tried_on() -> None:
    said, model = foreseen(UNTAUGHT, [lesson(0.0)] * 40, 0.5)
    assert said[:16] == [0.5] * 16
    assert said[-1] < 0.2
    after = learnt_since(UNTAUGHT, [lesson(0.0)] * 40)
    assert (model.table, model.labels) == (after.table, after.labels)


@given(chances)
def test_to_know_it_all_is_never_worse_than_to_guess(said: list[float]) -> None:
    perfect = figures_of([each.good for each in MIXED], MIXED, [])
    guessed = figures_of(said, MIXED, [])
    assert perfect.log_loss <= guessed.log_loss + 1e-9
    assert perfect.brier == 0
    assert perfect.ece == 0
    assert (guessed.success, guessed.cost) == (None, None)


def test_calibration_is_how_far_what_is_said_is_from_what_comes() -> None:
    assert figures_of([0.75] * 40, MIXED, []).ece == pytest.approx(0.0)
    assert figures_of([0.95] * 40, MIXED, []).ece == pytest.approx(0.2)


def test_labels_count_by_their_weight() -> None:
    some = [lesson(1.0, 3.0), lesson(0.0, 1.0)]
    assert figures_of([0.75, 0.75], some, []).ece == pytest.approx(0.0)
    assert base_of(some) == pytest.approx(4 / 6)


def test_the_better_is_switched_on_and_no_other() -> None:
    assert ruled(0.3, 0.1)
    assert not ruled(0.1, 0.3)
    assert not ruled(0.2, 0.2)


def test_the_first_need_only_not_be_worse() -> None:
    assert not ruled(0.1, 0.3, first=True)
    lost, noisy = [0.5] * 40, [0.6, 0.39] * 20  # better by less than one standard error
    both = figures(), figures()
    assert ruling((lost, noisy), [1.0] * 40, both, first=True).switched
    assert not ruling((lost, noisy), [1.0] * 40, both).switched


def test_what_loses_less_is_not_switched_on_where_it_is_off_or_chooses_worse() -> None:
    ones = [1.0] * 40
    gained = losses([0.5] * 40, MIXED), losses([abs(each.good - 0.1) for each in MIXED], MIXED)
    assert ruling(gained, ones, (figures(), figures())).switched
    off = ruling(gained, ones, (figures(), figures(ece=0.16)))
    worse = ruling(gained, ones, (figures(), figures(success=0.7)))
    assert (off.switched, worse.switched) == (False, False)
    assert "ECE 0.020 -> 0.160" in off.why
    assert "success 0.800 -> 0.700" in worse.why


def odds(p: float) -> Odds:
    return Odds(
        version="t",
        chances=(Chance("small", p, 0.01, sure=True), Chance("mid", 0.9, 0.01, sure=True)),
    )


def case(good: float, target: str = "small", propensity: float = 1.0) -> Case:
    return Case(ask=ask(), situation=CALM, target=target, good=good, propensity=propensity)


def test_a_choice_that_was_taken_is_judged_by_what_came_of_it() -> None:
    both = again(
        [case(0.0), case(1.0)], policy(), Fixed(), (lambda _: odds(0.6), lambda _: NO_ODDS)
    )
    assert [each.success for each in both[0]] == [0.0, 1.0]
    assert all(each.target == "small" and each.cost > 0 for each in both[0])


def test_a_choice_that_was_not_taken_is_judged_by_both_models_together() -> None:
    says = (lambda _: odds(0.6), lambda _: odds(0.8))
    both = again([case(0.0, target="mid")], policy(), Fixed(), says)
    assert [each.success for each in (*both[0], *both[1])] == [pytest.approx(0.7)] * 2


def test_a_choice_that_was_rare_weighs_more_but_not_without_bound() -> None:
    says = (lambda _: odds(0.5), lambda _: odds(0.5))
    often, seldom, never = (
        again([case(1.0, propensity=p)], policy(), Fixed(), says)[0][0].success
        for p in (0.5, 0.1, 1e-9)
    )
    assert (often, seldom, never) == (1.5, 5.5, 10.5)


def test_choices_are_summed_up() -> None:
    found = figures_of([], [], [Choice("a", NanoUsd(10), 1.0), Choice("b", NanoUsd(30), 0.5)])
    assert (found.success, found.cost, found.labels) == (0.75, 20, 0)

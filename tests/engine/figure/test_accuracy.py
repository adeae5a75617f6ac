"""Routing accuracy: counted by hand, and true on the average of experiments."""

from random import Random  # noqa: TID251  (seeded: the same draws each time)

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.figured import MODELS, need
from switchgear.domain.target import Tier
from switchgear.engine.figure.accuracy import ENOUGH, Accuracy, Evidence, Judging, spread
from switchgear.engine.figure.need import Need

S, M, F = MODELS


def settled(*needs: Need, route: str = "auto") -> Accuracy:
    judging, evidence = Judging(), Evidence()
    for each in needs:
        judging.add(route, each)
        if each.explored:
            evidence.add(route, each)
    return judging.settled(evidence)


def share(accuracy: Accuracy) -> float:
    assert accuracy.share is not None
    return accuracy.share.value


def plain(accuracy: Accuracy) -> float:
    assert accuracy.plain is not None
    return accuracy.plain.value


def test_ten_decisions_counted_by_hand() -> None:
    # Six needed small, of which five got it; three mid, one; one the frontier, and got it.
    found = settled(*[need(S, S)] * 5, need(F, S), need(M, M), need(S, M), need(F, M), need(F, F))
    assert found.labelled == 10
    assert share(found) == pytest.approx((5 / 6 + 1 / 3 + 1) / 3)
    assert plain(found) == pytest.approx(7 / 10)
    assert found.cheapest == pytest.approx(1 / 3)
    assert found.cheapest_plain == pytest.approx(6 / 10)
    assert found.strongest_plain == pytest.approx(1 / 10)
    assert [name for name, _ in found.tiers] == ["small", "mid", "frontier"]
    assert [it.value for _, it in found.tiers] == pytest.approx([5 / 6, 1 / 3, 1.0])


def test_nobody_scores_well_by_always_sending_calls_one_way() -> None:
    found = settled(*[need(S, S)] * 95, *[need(S, F)] * 5)
    assert plain(found) == pytest.approx(0.95)
    assert share(found) == pytest.approx(0.5)
    assert found.cheapest == pytest.approx(0.5)


def test_a_decision_weighs_one_over_the_probability_with_which_it_was_taken() -> None:
    found = settled(need(S, S, weight=1.0), need(S, M, weight=3.0), need(M, M, weight=1.0))
    assert plain(found) == pytest.approx(2 / 5)
    assert share(found) == pytest.approx((1 + 1 / 4) / 2)


def test_a_good_answer_of_a_dearer_tier_is_right_until_something_tells() -> None:
    found = settled(need(M, None), need(M, None))
    assert (found.open, found.trusted) == (2, 2)
    assert share(found) == 1.0


def test_where_the_model_has_a_word_it_is_shared_out_by_that() -> None:
    found = settled(*[need(F, None, chances=((S, 0.2), (M, 0.5)))] * 10, *[need(S, S)] * 10)
    # Of the first ten, 2 needed small, 3 mid, and 5 what they got.
    assert (found.open, found.trusted) == (10, 0)
    assert plain(found) == pytest.approx(15 / 20)
    assert share(found) == pytest.approx((10 / 12 + 0 + 1) / 3)


def test_a_tier_that_was_needed_less_than_once_has_no_part_in_the_balance() -> None:
    found = settled(*[need(F, None, chances=((S, 0.01),))] * 10)
    assert plain(found) == pytest.approx(0.99)
    assert share(found) == 1.0
    assert [name for name, _ in found.tiers] == ["frontier"]
    assert share(settled(need(F, None, chances=((S, 5e-324),)))) == 1.0
    assert plain(settled(need(F, None, weight=1.0, chances=((S, 0.5),)))) == pytest.approx(0.5)


def experiment(tier: Tier, *, passed: bool, weight: float = 10.0) -> Need:
    return need(
        tier, tier if passed else None, seemed=F, explored=True, passed=passed, weight=weight
    )


def test_experiments_tell_and_are_not_judged_themselves() -> None:
    tried = [experiment(S, passed=number < 3) for number in range(ENOUGH)]
    found = settled(*[need(F, None)] * 4, *tried)
    assert (found.labelled, found.experiments, found.trusted) == (4, ENOUGH, 0)
    assert plain(found) == pytest.approx(1 - 3 / ENOUGH)


def test_fewer_experiments_tell_nothing_nor_do_those_of_another_route() -> None:
    tried = [experiment(S, passed=True) for _ in range(ENOUGH - 1)]
    assert settled(*[need(F, None)] * 4, *tried).trusted == 4
    judging, evidence = Judging(), Evidence()
    judging.add("one", need(F, None))
    for _ in range(ENOUGH):
        evidence.add("other", experiment(S, passed=True))
    assert judging.settled(evidence).trusted == 1


def test_experiments_outweigh_the_model_by_their_probabilities() -> None:
    often = [experiment(S, passed=True, weight=2.0)] * 10
    seldom = [experiment(S, passed=False, weight=20.0)] * 10
    found = settled(need(F, None, chances=((S, 0.9),)), *often, *seldom)
    assert plain(found) == pytest.approx(1 - 20 / 220)


def test_chances_that_do_not_rise_with_the_tier_take_nothing_away() -> None:
    assert spread([(S, 0.6), (M, 0.4)], F) == {S: 0.6, F: 0.4}
    assert spread([], F) == {F: 1.0}


def test_nothing_is_said_where_nothing_is_known() -> None:
    found = settled()
    assert (found.share, found.plain, found.cheapest, found.labelled) == (None, None, None, 0)


tiers = st.sampled_from(MODELS)
needs = st.builds(
    need,
    tiers,
    st.none() | tiers,
    weight=st.floats(1, 20),
    explored=st.booleans(),
    seemed=tiers,
    passed=st.booleans(),
    chances=st.lists(st.tuples(st.just(S), st.floats(0, 1)), max_size=1).map(tuple),
)


@settings(max_examples=50)
@given(st.lists(needs, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_decisions_changes_nothing(found: list[Need], draw: Random) -> None:
    other = found.copy()
    draw.shuffle(other)
    one, two = settled(*found), settled(*other)
    assert (one.labelled, one.trusted) == (two.labelled, two.trusted)
    if one.share is None or two.share is None:
        assert one.share is two.share
        return
    assert one.share.value == pytest.approx(two.share.value)
    assert one.share.low == pytest.approx(two.share.low)
    assert one.cheapest == pytest.approx(two.cheapest)
    assert 0 <= one.share.low <= one.share.value <= one.share.high <= 1


def world(draw: Random, count: int) -> tuple[list[Need], float]:
    """Return what is known of so many decisions of a router that explores, and the truth.

    Half of the calls are hard to tell: it sends those to the frontier, though 40 % of the shorter
    ones, and 10 % of the longer, would have done with the small tier; the shorter are explored
    more rarely, so that without weights the experiments would mislead.
    """
    found, right = [], 0
    for _ in range(count):
        if draw.random() < 0.5:
            found.append(need(S, S))
            right += 1
            continue
        shorter = draw.random() < 0.5
        enough = draw.random() < (0.4 if shorter else 0.1)
        right += not enough
        chance = 0.06 if shorter else 0.3
        if draw.random() < chance:
            found.append(experiment(S, passed=enough, weight=1 / chance))
        else:
            found.append(need(F, None, weight=1 / (1 - chance)))
    return found, right / count


def test_on_the_average_it_is_the_truth_though_experiments_are_taken_unevenly() -> None:
    draw = Random(5)  # noqa: S311  (seeded)
    gaps = []
    for _ in range(40):
        found, truth = world(draw, 1500)
        gaps.append(plain(settled(*found)) - truth)
    assert abs(sum(gaps) / len(gaps)) < 0.012


def test_without_the_weights_it_would_not_be() -> None:
    draw = Random(5)  # noqa: S311  (seeded)
    found, truth = world(draw, 20_000)
    bare = [
        need(it.chosen, it.needed, explored=it.explored, seemed=it.seemed, passed=it.passed)
        for it in found
    ]
    assert abs(plain(settled(*bare)) - truth) > 0.02
    assert abs(plain(settled(*found)) - truth) < 0.02


def test_its_interval_holds_the_truth_about_as_often_as_promised() -> None:
    draw, held = Random(8), 0  # noqa: S311  (seeded)
    for _ in range(300):
        rows = [
            need(tier if draw.random() < 0.9 else (F if tier is S else S), tier)
            for tier in draw.choices(MODELS, [6, 3, 1], k=120)
        ]
        found = settled(*rows).share
        assert found is not None
        held += found.low <= 0.9 <= found.high
    assert held / 300 >= 0.9

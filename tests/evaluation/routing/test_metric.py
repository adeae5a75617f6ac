from itertools import pairwise

import pytest
from evaluation.routing.metric import (
    aiq,
    apgr,
    at,
    bins,
    brier,
    cost_at,
    cpt,
    ece,
    hull,
    path,
    right_at,
    skill,
)
from hypothesis import assume, given
from hypothesis import strategies as st

bits = st.sampled_from((0.0, 1.0))
rows = st.lists(st.tuples(st.floats(-5, 5), bits, bits), min_size=2, max_size=60)
points = st.lists(
    st.tuples(st.integers(1, 1000).map(float), st.integers(0, 1000).map(lambda n: n / 1000)),
    min_size=1,
    max_size=12,
)


def columns(
    rows: list[tuple[float, float, float]],
) -> tuple[list[float], list[float], list[float]]:
    scores, weak, strong = zip(*rows, strict=True)
    assume(sum(weak) != sum(strong))
    return list(scores), list(weak), list(strong)


@given(rows)
def test_all_to_the_weak_and_all_to_the_strong_are_the_ends_of_the_path(
    rows: list[tuple[float, float, float]],
) -> None:
    scores, weak, strong = columns(rows)
    line = path(scores, weak, strong)
    assert line[0] == pytest.approx(sum(weak) / len(weak))
    assert line[-1] == pytest.approx(sum(strong) / len(strong))
    assert at(line, 0.0) == line[0]
    assert at(line, 1.0) == pytest.approx(line[-1])


@given(rows.flatmap(lambda it: st.tuples(st.just(it), st.permutations(it))))
def test_apgr_does_not_depend_on_the_order_of_prompts_nor_on_the_scale_of_scores(
    both: tuple[list[tuple[float, float, float]], list[tuple[float, float, float]]],
) -> None:
    value = apgr(*columns(both[0]))
    scores, weak, strong = columns(both[1])
    assert apgr(scores, weak, strong) == pytest.approx(value)
    ranks = {score: float(rank) for rank, score in enumerate(sorted(set(scores)))}
    assert apgr([ranks[it] for it in scores], weak, strong) == pytest.approx(value)


@given(rows)
def test_a_score_that_knows_nothing_has_an_apgr_of_a_half(
    rows: list[tuple[float, float, float]],
) -> None:
    _, weak, strong = columns(rows)
    assert apgr([1.0] * len(weak), weak, strong) == pytest.approx(0.5)


@given(rows)
def test_no_score_does_better_than_the_true_gain_and_its_reverse_is_the_other_half(
    rows: list[tuple[float, float, float]],
) -> None:
    scores, weak, strong = columns(rows)
    assume(sum(strong) > sum(weak))
    true = [b - a for a, b in zip(weak, strong, strict=True)]
    assert apgr(true, weak, strong) >= apgr(scores, weak, strong) - 1e-9
    turned = apgr([-it for it in scores], weak, strong)
    assert apgr(scores, weak, strong) + turned == pytest.approx(1.0)


@given(rows, st.floats(0.05, 0.95))
def test_cpt_is_the_first_share_at_which_the_part_is_reached(
    rows: list[tuple[float, float, float]], part: float
) -> None:
    scores, weak, strong = columns(rows)
    assume(sum(strong) > sum(weak))
    share = cpt(scores, weak, strong, part)
    line = path(scores, weak, strong)
    wanted = line[0] + part * (line[-1] - line[0])
    assert at(line, share) == pytest.approx(wanted)
    assert all(at(line, share * step / 10) <= wanted + 1e-9 for step in range(10))


@given(points)
def test_the_hull_is_above_all_points_rises_and_bends_down(
    points: list[tuple[float, float]],
) -> None:
    best = hull(points)
    assert set(best) <= set(points)
    assert all(right_at(points, cost) >= right - 1e-9 for cost, right in points)
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(best)]
    assert all(slope > 0 for slope in slopes)
    assert all(a >= b - 1e-12 for a, b in pairwise(slopes))


@given(points, st.floats(0, 1))
def test_what_is_paid_for_an_accuracy_buys_it_and_more_points_never_make_it_dearer(
    points: list[tuple[float, float]], right: float
) -> None:
    cost = cost_at(points, right)
    if cost is None:
        assert right > max(it for _, it in points)
        return
    assert right_at(points, cost) >= right - 1e-9
    assert min(it for it, _ in points) <= cost <= max(it for it, _ in points)
    more = cost_at([*points, (1.0, 0.5)], right)
    assert more is not None
    assert more <= cost + 1e-9


@given(points)
def test_aiq_is_at_most_the_best_accuracy_and_a_dominated_point_adds_nothing(
    points: list[tuple[float, float]],
) -> None:
    value = aiq(points, 1000.0)
    assert 0 <= value <= max(right for _, right in points)
    worst = (max(cost for cost, _ in points), min(right for _, right in points))
    assert aiq([*points, worst], 1000.0) == pytest.approx(value)


def test_aiq_of_one_point_is_its_accuracy_over_what_is_left_of_the_budget() -> None:
    assert aiq([(2.0, 0.8)], 10.0) == pytest.approx(0.64)
    assert aiq([(2.0, 0.8)], 1.0) == 0.0


@given(st.lists(st.tuples(st.floats(0, 1), bits), min_size=1, max_size=80))
def test_the_calibration_error_is_between_the_mean_error_and_one(
    said: list[tuple[float, float]],
) -> None:
    chances, rights = [list(it) for it in zip(*said, strict=True)]
    count = len(said)
    found = ece(chances, rights)
    assert abs(sum(chances) - sum(rights)) / count - 1e-9 <= found <= 1
    assert sum(n for n, _, _ in bins(chances, rights)) == count


@given(st.lists(bits, min_size=2, max_size=50))
def test_who_foresees_all_has_no_error_and_all_skill_and_the_base_rate_has_none(
    rights: list[float],
) -> None:
    assume(0 < sum(rights) < len(rights))
    base = [sum(rights) / len(rights)] * len(rights)
    assert ece(rights, rights) == 0
    assert brier(rights, rights) == 0
    assert skill(rights, rights, base) == 1
    assert skill(base, rights, base) == pytest.approx(0)
    assert ece(base, rights) == pytest.approx(0)

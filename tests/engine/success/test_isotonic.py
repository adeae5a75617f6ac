from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.success.isotonic import Curve, isotonic

unit = st.floats(0, 1)
rows = st.lists(st.tuples(unit, st.sampled_from([0.0, 1.0]), st.floats(0.1, 9)), min_size=1)


@given(rows, unit, unit, st.floats(0, 20))
def test_a_curve_never_falls_and_stays_between_nought_and_one(
    seen: list[tuple[float, float, float]], one: float, other: float, least: float
) -> None:
    scores, labels, weights = zip(*seen, strict=True)
    curve = isotonic(scores, labels, weights, least)
    assert list(curve.scores) == sorted(set(curve.scores))
    low, high = curve.at(min(one, other)), curve.at(max(one, other))
    assert 0.0 <= low <= high + 1e-12 <= 1.0 + 1e-9


def test_neighbours_in_the_wrong_order_are_pooled() -> None:
    curve = isotonic([0.1, 0.2, 0.3, 0.4], [0.0, 1.0, 0.0, 1.0], [1.0] * 4)
    assert curve.values == (0.0, 0.5, 1.0)
    assert curve.at(0.0) == 0.0
    assert curve.at(0.25) == 0.5
    assert curve.at(0.9) == 1.0


def test_a_few_labels_at_an_end_make_no_step_of_their_own() -> None:
    scores = [place / 100 for place in range(100)]
    labels = [1.0 if place % 2 or place == 98 else 0.0 for place in range(100)]
    assert isotonic(scores, labels, [1.0] * 100, 10.0).at(1.0) < 0.7


def test_without_knots_a_curve_gives_back_what_it_is_given() -> None:
    assert Curve().at(0.3) == 0.3

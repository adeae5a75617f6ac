"""Percentiles that forget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import SMALL, policy
from switchgear.domain.situation import Availability, Latency, Percentile, Reading, Situation
from switchgear.domain.units import Seconds
from switchgear.engine.latency import (
    ENOUGH,
    HALF_LIFE,
    RESCALE_AT,
    Sketch,
    observe,
    pace_of,
    paces_of,
    percentiles,
)

spans = st.floats(0.0002, 900, allow_nan=False).map(Seconds)


def sketch_of(values: list[Seconds], at: float = 0.0) -> Sketch:
    sketch = Sketch()
    for value in values:
        sketch = observe(sketch, value, now=Seconds(at))
    return sketch


@given(st.lists(spans, min_size=5, max_size=80))
def test_a_percentile_is_right_within_a_bin(values: list[Seconds]) -> None:
    found = percentiles(sketch_of(values), now=Seconds(0.0))
    assert found is not None
    ranked = sorted(values)
    true = ranked[max(0, -(-len(ranked) // 2) - 1)]
    assert found.p50 == pytest.approx(true, rel=0.13)
    assert found.p50 <= found.p95 <= found.p99


def test_too_little_is_not_a_measurement() -> None:
    few = [Seconds(1.0)] * (int(ENOUGH) - 1)
    assert percentiles(sketch_of(few), now=Seconds(0.0)) is None


def test_what_was_measured_long_ago_is_forgotten() -> None:
    sketch = sketch_of([Seconds(1.0)] * 40)
    assert percentiles(sketch, now=HALF_LIFE) is not None
    assert percentiles(sketch, now=Seconds(4 * HALF_LIFE)) is None


def test_the_new_outweighs_the_old() -> None:
    sketch = sketch_of([Seconds(0.1)] * 50)
    for _ in range(20):
        sketch = observe(sketch, Seconds(10.0), now=Seconds(4 * HALF_LIFE))
    found = percentiles(sketch, now=Seconds(4 * HALF_LIFE))
    assert found is not None
    assert found.p50 > 9


def test_weights_are_brought_back_before_they_grow_too_large() -> None:
    sketch, now = sketch_of([Seconds(1.0)] * 50), 0.0
    for _ in range(400):
        now += HALF_LIFE / 2
        sketch = observe(sketch, Seconds(2.0), now=Seconds(now))
    assert sketch.total < 4 * RESCALE_AT
    assert percentiles(sketch, now=Seconds(1e9)) is None


def test_a_cold_target_is_taken_at_its_assumed_figures_with_a_tail() -> None:
    cold = pace_of(SMALL, Reading(), Percentile.P50)
    assert (cold.first_content, cold.token) == pytest.approx((0.5, 0.01))
    tail = pace_of(SMALL, Reading(), Percentile.P99)
    assert (tail.first_content, tail.token) == pytest.approx((1.5, 0.03))
    half = Reading(first_content=Latency(Seconds(2.0), Seconds(3.0), Seconds(4.0)))
    warm = pace_of(SMALL, half, Percentile.P50)
    assert (warm.first_content, warm.token) == pytest.approx((2.0, 0.01))


def test_paces_follow_the_policys_order_and_the_snapshot() -> None:
    sick = Reading(availability=Availability.REFUSING)
    before = paces_of(policy(), Situation(), Percentile.P95)
    after = paces_of(policy(), Situation(id="s", readings={"mid": sick}), Percentile.P95)
    assert [each.availability is Availability.REFUSING for each in before] == [False] * 4
    assert [each.availability is Availability.REFUSING for each in after] == [
        False,
        True,
        False,
        False,
    ]

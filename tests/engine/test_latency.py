"""Percentiles that forget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import SMALL, policy
from switchgear.domain.attempt import Attempt
from switchgear.domain.event import Usage
from switchgear.domain.situation import Availability, Latency, Percentile, Reading, Situation
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.latency import (
    ENOUGH,
    HALF_LIFE,
    RESCALE_AT,
    Sketch,
    Timing,
    observe,
    pace_of,
    paces_of,
    percentiles,
    timing_of,
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


def answer(took: float, tokens: int, first: float | None = None) -> Attempt:
    return Attempt(
        target="small",
        model="m",
        began=Seconds(0.0),
        first_content=None if first is None else Seconds(first),
        took=Seconds(took),
        usage=Usage(output=Tokens(tokens)),
    )


def test_a_stream_says_both_figures_and_a_short_one_only_the_first() -> None:
    unknown = (None, None)
    assert timing_of(answer(2.5, 100, 0.5), unknown, SMALL, stream=True) == Timing(
        Seconds(0.5), Seconds(0.02)
    )
    assert timing_of(answer(0.6, 2, 0.5), unknown, SMALL, stream=True) == Timing(Seconds(0.5), None)
    assert timing_of(answer(2.5, 100), unknown, SMALL, stream=True) is None


def test_a_whole_answer_is_taken_to_be_slower_in_both_its_parts() -> None:
    whole = answer(3.0, 100, first=3.0)  # 0.5 s and 100 times 0.01 s are assumed
    timing = timing_of(whole, (None, None), SMALL, stream=False)
    assert timing is not None
    assert (timing.first_content, timing.token) == pytest.approx((1.0, 0.02))
    usual = Latency(*[Seconds(2.0)] * 3), Latency(*[Seconds(0.01)] * 3)
    timing = timing_of(whole, usual, None, stream=False)
    assert timing is not None
    assert (timing.first_content, timing.token) == pytest.approx((2.0, 0.01))
    assert timing_of(whole, (None, None), None, stream=False) == Timing(Seconds(3.0), None)

"""How long a target takes: percentiles that forget, and what to expect of a call."""

from functools import lru_cache
from math import exp, log

import msgspec

from switchgear.domain.attempt import Attempt
from switchgear.domain.situation import (
    Availability,
    Fault,
    Latency,
    Percentile,
    Reading,
    Situation,
)
from switchgear.domain.target import Target
from switchgear.domain.units import Seconds
from switchgear.engine.policy import Policy

BINS_PER_DOUBLING = 6
"""Bins grow by 12 %, so a percentile is right within 6 %."""
LEAST, MOST = 0.0001, 1000.0
"""Seconds; what is outside counts at the edge."""
BINS = int(log(MOST / LEAST) / log(2) * BINS_PER_DOUBLING) + 1
HALF_LIFE = Seconds(300.0)
"""After which a measurement counts half. Long enough for a quiet target to keep its figures, short
enough for a bad quarter of an hour to show."""
ENOUGH = 5.0
"""Weight of measurements below which the assumed figures are used."""
RESCALE_AT = 1e12
"""Weights grow with time instead of all others shrinking; this is when they are brought back."""
FEW_TOKENS = 8
"""Answers shorter than this say nothing about the time for a token."""
UNMEASURED = Reading()
TAIL = {Percentile.P50: 1.0, Percentile.P95: 2.0, Percentile.P99: 3.0}
"""How far above the assumed figure the tail is taken to be, until it has been measured."""


class Sketch(msgspec.Struct, frozen=True, kw_only=True):
    """A histogram on a logarithmic scale whose old counts fade."""

    weights: tuple[float, ...] = (0.0,) * BINS
    total: float = 0.0
    landmark: Seconds = Seconds(0.0)
    """When a measurement weighs exactly one."""


def observe(sketch: Sketch, value: Seconds, *, now: Seconds) -> Sketch:
    """Return the sketch after one more measurement."""
    weight = exp((now - sketch.landmark) * log(2) / HALF_LIFE)
    if weight > RESCALE_AT:
        sketch = _rescaled(sketch, weight, now)
        weight = 1.0
    weights = list(sketch.weights)
    weights[_bin(value)] += weight
    total = sketch.total + weight
    return Sketch(weights=tuple(weights), total=total, landmark=sketch.landmark)


def percentiles(sketch: Sketch, *, now: Seconds) -> Latency | None:
    """Return the percentiles, rounded to two digits; None while too little is known."""
    faded = sketch.total / exp(min(700.0, (now - sketch.landmark) * log(2) / HALF_LIFE))
    if faded < ENOUGH:
        return None
    shares = (0.50, 0.95, 0.99)
    return Latency(*(_round(_at(sketch, share)) for share in shares))


class Timing(msgspec.Struct, frozen=True, gc=False):
    """What one answer says about how long its target takes."""

    first_content: Seconds
    token: Seconds | None
    """For one output token after that; None where it cannot be told."""


Usual = tuple[Latency | None, Latency | None]
"""How long a target usually takes for its first content, and for a token after that."""


def timing_of(
    attempt: Attempt, usual: Usual, target: Target | None, *, stream: bool
) -> Timing | None:
    """Return what an answer says about its target; None when nothing.

    A whole answer comes at once, so it says only the sum. It is taken to be as much longer or
    shorter than usual in both its parts.
    """
    if attempt.first_content is None:
        return None
    tokens = attempt.usage.output if attempt.usage else 0
    if stream:
        rest = attempt.took - attempt.first_content
        known = tokens >= FEW_TOKENS and rest > 0
        return Timing(attempt.first_content, Seconds(rest / tokens) if known else None)
    first, token = _usual(usual, target)
    expected = first + tokens * token
    if expected <= 0:
        return Timing(attempt.took, None)
    factor = attempt.took / expected
    return Timing(Seconds(first * factor), Seconds(token * factor) if token and tokens else None)


def _usual(usual: Usual, target: Target | None) -> tuple[Seconds, Seconds]:
    first = usual[0].p50 if usual[0] else target.first_content_s if target else Seconds(0.0)
    token = usual[1].p50 if usual[1] else target.token_s if target else Seconds(0.0)
    return first, token


class Pace(msgspec.Struct, frozen=True):
    """How fast a target is taken to be now, and how much is known of that."""

    availability: Availability
    first_content: Seconds
    token: Seconds
    """For one output token after the first content."""
    load: int = 0
    """Calls under way, as the snapshot has them."""
    known: bool = False
    fault: Fault | None = None


@lru_cache(maxsize=8)
def paces_of(policy: Policy, situation: Situation, percentile: Percentile) -> tuple[Pace, ...]:
    """Return the pace of every target, in the policy's order; once a snapshot, not once a call."""
    return tuple(
        pace_of(target, situation.readings.get(target.id, UNMEASURED), percentile)
        for target in policy.targets
    )


def pace_of(target: Target, reading: Reading, percentile: Percentile) -> Pace:
    """Return the pace of one target.

    Measured percentiles are used where there are any; a cold target is taken at its assumed
    figures with a tail, so that it is neither shunned nor flooded.
    """
    tail = TAIL[percentile]
    first, token = Seconds(target.first_content_s * tail), Seconds(target.token_s * tail)
    if reading.first_content is not None:
        first = reading.first_content.at(percentile)
    if reading.token is not None:
        token = reading.token.at(percentile)
    return Pace(reading.availability, first, token, reading.in_flight, reading.known, reading.fault)


def _bin(value: Seconds) -> int:
    bounded = min(MOST, max(LEAST, value))
    return min(BINS - 1, int(log(bounded / LEAST) / log(2) * BINS_PER_DOUBLING))


def _at(sketch: Sketch, share: float) -> float:
    wanted, seen = share * sketch.total, 0.0
    for index, weight in enumerate(sketch.weights):
        seen += weight
        if seen >= wanted and weight:
            return LEAST * exp(log(2) * (index + 0.5) / BINS_PER_DOUBLING)
    return MOST


def _rescaled(sketch: Sketch, factor: float, now: Seconds) -> Sketch:
    weights = tuple(weight / factor for weight in sketch.weights)
    return Sketch(weights=weights, total=sketch.total / factor, landmark=now)


def _round(value: float) -> Seconds:
    return Seconds(float(f"{value:.2g}"))

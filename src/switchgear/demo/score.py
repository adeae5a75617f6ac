"""What the demo's traffic comes to: accuracy, cost and time, beside always-small and the like."""

import re
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from switchgear.demo.sample import Model, Sample, tokens
from switchgear.demo.traffic import OK, Served

MILLION = 1_000_000
WHOLE_NUMBER = re.compile(r"-?\d[\d,]*")

Draw = Sequence[int]
"""Places of prompts, drawn with replacement: one round of a bootstrap."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A way of serving all the prompts, by what it costs and how often it is right."""

    name: str
    usd: float
    accuracy: float


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """What one target served."""

    target: str
    calls: int
    right: int
    usd: float


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of the prompts."""

    routed: Point
    margin: tuple[float, float]
    """Of the routed accuracy: 95 % by bootstrap over the prompts."""
    always: tuple[Point, ...]
    """Each model alone, weakest first."""
    mix: float
    """Accuracy of the best random mixture of two models at the routed cost."""
    tiers: tuple[Tier, ...]
    took_ms: tuple[float, float]
    """p50 and p99 that the caller saw."""
    overhead_ms: tuple[float, float]
    """p50 and p99 of the gateway's own part."""
    told_usd: float
    """What the gateway says that it cost, in all."""


def is_right(words: str, answer: str) -> bool:
    """Whether the last whole number in the words is the right answer."""
    found = WHOLE_NUMBER.findall(words)
    return bool(found) and int(found[-1].replace(",", "")) == int(answer)


def score(
    served: Sequence[Served], sample: Sample, targets: Sequence[str], draws: Sequence[Draw]
) -> Score:
    """Return the figures of these answers; ``targets`` are ids in the sample's order of models."""
    models = dict(zip(targets, sample.models, strict=True))
    rights = [one.status == OK and is_right(one.words, one.prompt.answer) for one in served]
    costs = [_usd(models, one) for one in served]
    routed = Point(name="switchgear", usd=sum(costs), accuracy=_mean(rights))
    always = tuple(alone(sample, rank, f"always {target}") for rank, target in enumerate(targets))
    times = [one.took_ms for one in served if one.status == OK]
    own = [one.overhead_ms for one in served if one.overhead_ms is not None]
    return Score(
        routed=routed,
        margin=margin(rights, draws),
        always=always,
        mix=static_mix(always, routed.usd),
        tiers=tuple(_tier(target, served, rights, costs) for target in targets),
        took_ms=(quantile(times, 0.5), quantile(times, 0.99)),
        overhead_ms=(quantile(own, 0.5), quantile(own, 0.99)),
        told_usd=sum(one.cost_usd or 0.0 for one in served),
    )


def alone(sample: Sample, rank: int, name: str) -> Point:
    """Return what the sample's model number ``rank`` alone comes to: its recorded answers."""
    model = sample.models[rank]
    usd = sum(
        price(model, tokens(len(prompt.text)), tokens(prompt.outcomes[rank].chars))
        for prompt in sample.prompts
    )
    accuracy = _mean([prompt.outcomes[rank].correct for prompt in sample.prompts])
    return Point(name=name, usd=usd, accuracy=accuracy)


def price(model: Model, heard: int, said: int) -> float:
    """Return what so many tokens cost, in US dollars."""
    return (heard * model.input_usd + said * model.output_usd) / MILLION


def static_mix(points: Sequence[Point], usd: float) -> float:
    """Return the best accuracy that mixing two of the points at random has for this cost.

    It needs no router at all: a router that does not beat it has earned nothing.
    """
    ordered = sorted(points, key=lambda point: point.usd)
    best = max((point.accuracy for point in ordered if point.usd <= usd), default=0.0)
    for low in ordered:
        for high in ordered:
            if low.usd <= usd <= high.usd and low.usd < high.usd:
                share = (usd - low.usd) / (high.usd - low.usd)
                best = max(best, low.accuracy + share * (high.accuracy - low.accuracy))
    return best


def margin(rights: Sequence[bool], draws: Sequence[Draw]) -> tuple[float, float]:
    """Return the range in which 95 % of the redrawn accuracies lie."""
    redrawn = [_mean([rights[place] for place in draw]) for draw in draws]
    return quantile(redrawn, 0.025), quantile(redrawn, 0.975)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies; 0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def rises(points: Sequence[Point]) -> bool:
    """Whether cost and accuracy both rise from each point to the next."""
    return all(
        low.usd < high.usd and low.accuracy < high.accuracy for low, high in pairwise(points)
    )


def _usd(models: dict[str, Model], one: Served) -> float:
    model = models.get(one.target)
    return 0.0 if model is None else price(model, one.heard_tokens, one.said_tokens)


def _tier(
    target: str, served: Sequence[Served], rights: Sequence[bool], costs: Sequence[float]
) -> Tier:
    mine = [place for place, one in enumerate(served) if one.target == target]
    right = sum(rights[place] for place in mine)
    return Tier(
        target=target, calls=len(mine), right=right, usd=sum(costs[place] for place in mine)
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0

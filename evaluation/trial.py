"""What an estimate is worth after some calls: learnt from some texts, tried on others."""

import random
from collections.abc import Mapping, Sequence
from statistics import mean, stdev

import msgspec
from evaluation.text import KINDS, Sample

from switchgear.domain.ask import Shape
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.domain.units import Tokens
from switchgear.engine.features import survey
from switchgear.pipeline.estimates import Estimates

CALLS = 50
FRAME = 11
"""Tokens that a chat format adds to one message; ours does not know it."""
WITHIN = 0.10
"""The bar: a share of the usage."""
TRIED, NEVER_MET = "tried", "never met"


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One call: what we count of it, and what each tokenizer does."""

    kind: str
    held: bool
    shape: Shape
    counts: Mapping[str, int]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """How far estimates of one kind of text were from the usage of one tokenizer."""

    tokenizer: str
    kind: str
    before: float
    """Mean distance with nothing learnt, as a share of the usage."""
    mean: float
    """After CALLS calls."""
    spread: float
    """Standard deviation of that mean among the orders in which calls came."""
    most: float
    """Greatest of those means."""
    p90: float
    within: float
    """Share of estimates inside the bar."""
    unmet: float
    """Mean distance for a model never met, after as many calls to each of the others."""


def seen(samples: Sequence[Sample], counts: Mapping[str, Sequence[int]]) -> list[Seen]:
    """Return each text as a call to every model."""
    return [
        Seen(
            kind=sample.kind,
            held=sample.held,
            shape=shape_of(sample.text),
            counts={name: each[place] + FRAME for name, each in counts.items()},
        )
        for place, sample in enumerate(samples)
    ]


def shape_of(text: str) -> Shape:
    """Return what is counted of a call with one message."""
    turn = Turn(Role.USER, (Text(text),))
    return survey(Conversation(model="m", turns=(turn,)))


def figures(calls: Sequence[Seen], orders: int) -> list[Figure]:
    """Return how good the estimates are, for each tokenizer and kind of text."""
    names = list(calls[0].counts)
    return [figure for name in names for figure in _of_one(name, names, calls, orders)]


def _of_one(name: str, names: list[str], calls: Sequence[Seen], orders: int) -> list[Figure]:
    blank = Estimates()
    tried = [_after(calls, [name], order) for order in range(orders)]
    others = [_after(calls, [each for each in names if each != name], n) for n in range(orders)]
    found = []
    for kind in KINDS:
        held = [each for each in calls if each.held and each.kind == kind]
        errors = [[_error(it, each, name) for each in held] for it in tried]
        means = [mean(each) for each in errors]
        every = sorted(error for each in errors for error in each)
        found.append(
            Figure(
                tokenizer=name,
                kind=kind,
                before=mean(_error(blank, each, name) for each in held),
                mean=mean(means),
                spread=stdev(means),
                most=max(means),
                p90=every[int(len(every) * 0.9)],
                within=sum(error <= WITHIN for error in every) / len(every),
                unmet=mean(_error(it, each, name) for it in others for each in held),
            )
        )
    return found


def _after(calls: Sequence[Seen], names: list[str], order: int) -> Estimates:
    """Return what is known after CALLS calls, as many of each kind, to each of some models."""
    chance = random.Random(order)
    estimates = Estimates()
    drawn: list[tuple[Seen, str]] = []
    for kind in KINDS:
        known = [each for each in calls if each.kind == kind and not each.held]
        for name in names:
            drawn += [(each, name) for each in chance.sample(known, CALLS // len(KINDS))]
    chance.shuffle(drawn)
    for each, name in drawn:
        estimates.learn(each.shape, name, Tokens(each.counts[name]))
    return estimates


def _error(estimates: Estimates, call: Seen, name: str) -> float:
    counted = call.counts[name]
    return abs(estimates.input_tokens(call.shape, name) - counted) / counted

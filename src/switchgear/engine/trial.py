"""Try two models on calls that neither had learnt from, and say whether the new one is better."""

from collections.abc import Callable, Sequence
from math import log, sqrt

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.decision import Decision
from switchgear.domain.odds import Odds
from switchgear.domain.situation import Situation
from switchgear.domain.units import NanoUsd
from switchgear.engine.decide import decide
from switchgear.engine.policy import Conditions, Policy
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.model import SuccessModel, predict
from switchgear.engine.tail import learnt_since

AT_ONCE = 16
"""Lessons between two looks at a model that learns while it is tried."""
NEVER_CERTAIN = 0.001
BINS = 10
LEAST_PROPENSITY = 0.05
"""Choices that were less likely weigh no more than this."""
HALF = 0.5
NEAR = 0.01
"""Losses this near to each other are alike, for a first version."""
MOST_WORSE = 0.02
"""By which the choices' success may fall at most, in share of calls."""
MOST_OFF = 0.03
"""By which the calibration error may grow at most,"""
CHANCE = 0.5
"""and beyond that by so much over the root of the labels, which is chance."""

Pair = tuple[float, float]
"""Of one thing under both models: the one in force, and the new one."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How a model did on calls that it had not learnt from."""

    labels: int
    log_loss: float
    brier: float
    ece: float
    """How far its chances are from what came, in the mean over ten bins of equal width."""
    success: float | None = None
    """Of the choices it would make, doubly robust; None where none could be made again."""
    cost: NanoUsd | None = None
    """Of these choices, expected, in the mean."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One decision that can be made again, and what became of it."""

    ask: Ask
    situation: Situation
    target: str
    good: float
    propensity: float = 1.0


class Choice(msgspec.Struct, frozen=True):
    """What one model would have chosen, and what was to be expected of that."""

    target: str
    cost: NanoUsd
    success: float


class Ruling(msgspec.Struct, frozen=True):
    """Whether a new model takes the place of the one in force, and why."""

    why: str
    switched: bool = False


def foreseen(
    model: SuccessModel, lessons: Sequence[Lesson], base: float
) -> tuple[list[float], SuccessModel]:
    """Return the chance said of each lesson before it is learnt, and the model after all of them.

    ``base`` is said of targets of which nothing is known.
    """
    found: list[float] = []
    for start in range(0, len(lessons), AT_ONCE):
        some = lessons[start : start + AT_ONCE]
        found += [chance_of(model, each, base) for each in some]
        model = learnt_since(model, some)
    return found, model


def chance_of(model: SuccessModel, lesson: Lesson, base: float) -> float:
    """Return what a model says of the target of a lesson."""
    chances = predict(model, lesson.traits, (lesson.target,))
    return chances[0].p if chances else base


def base_of(lessons: Sequence[Lesson]) -> float:
    """Return how often answers do well, as far as lessons tell; a half where there are none."""
    total = sum([each.weight for each in lessons])
    return (sum([each.weight * each.good for each in lessons]) + 1.0) / (total + 2.0)


def figures_of(
    chances: Sequence[float], lessons: Sequence[Lesson], choices: Sequence[Choice]
) -> Figures:
    """Return how chances did against what came."""
    weights = [each.weight for each in lessons]
    total = sum(weights) or 1.0
    squares = [(p - it.good) ** 2 * it.weight for p, it in zip(chances, lessons, strict=True)]
    lost = [one * weight for one, weight in zip(losses(chances, lessons), weights, strict=True)]
    count = len(choices)
    return Figures(
        labels=len(lessons),
        log_loss=round(sum(lost) / total, 5),
        brier=round(sum(squares) / total, 5),
        ece=round(_ece(chances, lessons) / total, 5),
        success=round(sum([each.success for each in choices]) / count, 5) if count else None,
        cost=NanoUsd(sum([each.cost for each in choices]) // count) if count else None,
    )


def losses(chances: Sequence[float], lessons: Sequence[Lesson]) -> list[float]:
    """Return the logarithmic loss of each."""
    return [_loss(p, each.good) for p, each in zip(chances, lessons, strict=True)]


def again(
    cases: Sequence[Case],
    policy: Policy,
    conditions: Conditions,
    says: tuple[Callable[[Ask], Odds], Callable[[Ask], Odds]],
) -> tuple[list[Choice], list[Choice]]:
    """Return the choices under each of two models.

    What a choice would have come to is what both models expect of it together, so that neither
    judges itself, put right by what came where it is the one that was taken.
    """
    both: tuple[list[Choice], list[Choice]] = ([], [])
    for case in cases:
        said = [model(case.ask) for model in says]
        for odds, into in zip(said, both, strict=True):
            made = decide(case.ask, case.situation, policy, conditions, odds)
            if made.plan:
                into.append(_choice(made, case, said))
    return both


def ruling(
    lost: tuple[Sequence[float], Sequence[float]],
    weights: Sequence[float],
    figures: tuple[Figures, Figures],
    *,
    first: bool = False,
) -> Ruling:
    """Return whether the new model is better: the rule by which versions are switched on.

    Its loss must be lower by more than one standard error of the difference, its calibration not
    worse by more than MOST_OFF, and its choices not by more than MOST_WORSE. The first version need
    only not be worse, by more than that or NEAR: what it replaces was learnt from the same.
    """
    old, new = figures
    gain, error = _gain(lost, weights)
    told = f"log loss {old.log_loss:.4f} -> {new.log_loss:.4f} (gain {gain:.4f} ± {error:.4f})"
    if gain < -max(error, NEAR) if first else gain <= error:
        return Ruling(f"not better: {told}")
    if new.ece > old.ece + MOST_OFF + CHANCE / sqrt(max(1, new.labels)):
        return Ruling(f"calibration worse: ECE {old.ece:.3f} -> {new.ece:.3f}; {told}")
    if _less(new.success, old.success):
        return Ruling(
            f"its choices do worse: success {old.success:.3f} -> {new.success:.3f}; {told}"
        )
    return Ruling(f"{'first version' if first else 'better'}: {told}", switched=True)


def _less(new: float | None, old: float | None) -> bool:
    return new is not None and old is not None and new < old - MOST_WORSE


def _gain(
    lost: tuple[Sequence[float], Sequence[float]], weights: Sequence[float]
) -> tuple[float, float]:
    """Return by how much the new model's loss is lower, in the mean, and its standard error."""
    gains = [old - new for old, new in zip(*lost, strict=True)]
    total = sum(weights) or 1.0
    mean = sum([gain * weight for gain, weight in zip(gains, weights, strict=True)]) / total
    spread = sum(
        [(weight * (gain - mean)) ** 2 for gain, weight in zip(gains, weights, strict=True)]
    )
    return mean, sqrt(spread) / total


def _loss(chance: float, good: float) -> float:
    p = min(1.0 - NEVER_CERTAIN, max(NEVER_CERTAIN, chance))
    return -(good * log(p) + (1.0 - good) * log(1.0 - p))


def _ece(chances: Sequence[float], lessons: Sequence[Lesson]) -> float:
    """Return the sum over bins of how far chances and what came are apart, by weight."""
    off = [0.0] * BINS
    for p, each in zip(chances, lessons, strict=True):
        off[min(BINS - 1, int(p * BINS))] += each.weight * (p - each.good)
    return sum([abs(each) for each in off])


def _choice(made: Decision, case: Case, said: Sequence[Odds]) -> Choice:
    winner = made.winner
    known = [each.p for odds in said for each in odds.chances if each.target == winner]
    expected = sum(known) / len(known) if known else HALF
    if winner == case.target:
        expected += (case.good - expected) / max(LEAST_PROPENSITY, case.propensity)
    cost = next((each.cost for each in made.verdicts if each.target == winner), None)
    return Choice(winner, cost or NanoUsd(0), expected)

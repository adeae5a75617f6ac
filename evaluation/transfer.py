"""What a prior is worth where it knows nothing of the set: few labels, with it and without.

Each pair of models is tried with a prior that was fitted to the other sets only. One label for a
prompt, of either model by chance, as from calls; the rest of the prompts is foreseen.
"""

import sys
from collections.abc import Iterator, Sequence
from math import sqrt
from random import Random
from statistics import stdev

import msgspec
from evaluation.fit import PAIR, Sets, prior_of, sets_of
from evaluation.routing.fold import Task, task_of
from evaluation.routing.item import Item, gsm8k_pair, mmlu_pro
from evaluation.routing.metric import apgr
from evaluation.routing.roster import MMLU_PAIR

from switchgear.domain.target import Tier
from switchgear.domain.units import UnixMs
from switchgear.engine.ground import NOTHING, Ground, better
from switchgear.engine.refit import HELD
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.model import SuccessModel, predict
from switchgear.engine.trial import base_of, losses

GSM8K = "gsm8k"
LABELS = (50, 100, 300)
DRAWS = 20
TESTED = 500
"""Prompts that are foreseen in each draw."""
KEYS = ("log_loss", "apgr")
STRONG = (Tier.SMALL, Tier.FRONTIER)


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one way to begin, in the mean over draws."""

    log_loss: float
    apgr: float


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One pair with so many labels."""

    labels: int
    without: Worth
    begun: Worth
    """From the prior each time."""
    chosen: Worth
    """As a refit does it: from the prior where the newest labels speak for it."""
    kept: float
    """Share of the draws in which they did."""
    errors: tuple[float, float]
    """Standard errors of what choosing gains over being without, of log loss and of APGR."""


def curve(left_out: str, draws: int = DRAWS) -> Iterator[Row]:
    """Say what it is worth on the pair of one set, which the prior has not seen."""
    items, models = _pair(left_out)
    task = task_of(items, models, labelled=False)
    ground = Ground(prior_of(_others(left_out)), dict(zip(models, STRONG, strict=True)))
    for labels in LABELS:
        if labels + TESTED < len(items):
            yield _row(task, ground, labels, draws)


def _others(left_out: str) -> Sets:
    """Return the sets that know nothing of one: ZeroEval asks the questions of GSM8K, too."""
    found = {name: items for name, items in sets_of().items() if name != left_out}
    if left_out == GSM8K:
        asked = {item.prompt.strip() for item in gsm8k_pair()}
        rest = [it for it in found["zeroeval"] if "gsm" not in it.group.lower()]
        found["zeroeval"] = [item for item in rest if item.prompt.strip() not in asked]
    return found


def _pair(name: str) -> tuple[list[Item], tuple[str, ...]]:
    return (gsm8k_pair(), tuple(PAIR)) if name == GSM8K else (mmlu_pro(MMLU_PAIR), MMLU_PAIR)


def _row(task: Task, ground: Ground, labels: int, draws: int) -> Row:
    without, begun, chosen = list[Worth](), list[Worth](), list[Worth]()
    kept = 0
    for seed in range(draws):
        chance = Random(seed)
        places = chance.sample(range(len(task.items)), labels + TESTED)
        lessons = _lessons(task, places[:labels], chance)
        tested = places[labels:]
        cut = round(labels * (1.0 - HELD))
        older = lessons[:cut]
        best, _, _ = better(ground, older, lessons[cut:], base_of(older))
        without.append(_worth(NOTHING.fitted(lessons), task, tested))
        begun.append(_worth(ground.fitted(lessons), task, tested))
        chosen.append(begun[-1] if best.prior is not None else without[-1])
        kept += best.prior is not None
    return Row(
        labels=labels,
        without=_mean(without),
        begun=_mean(begun),
        chosen=_mean(chosen),
        kept=kept / draws,
        errors=(
            _error([one.log_loss - it.log_loss for one, it in zip(without, chosen, strict=True)]),
            _error([one.apgr - it.apgr for one, it in zip(without, chosen, strict=True)]),
        ),
    )


def _lessons(task: Task, places: Sequence[int], chance: Random) -> list[Lesson]:
    found = []
    for number, place in enumerate(places):
        name = chance.choice(task.models)
        right = task.items[place].answers[name].right
        found.append(Lesson(task.traits[place], name, right, 1.0, UnixMs(number)))
    return found


def _worth(model: SuccessModel, task: Task, places: Sequence[int]) -> Worth:
    said = [predict(model, task.traits[place], task.models) for place in places]
    weak, strong = ([row[side].p for row in said] for side in range(2))
    came = [[task.items[place].answers[name].right for place in places] for name in task.models]
    tests = [
        Lesson(task.traits[place], name, task.items[place].answers[name].right)
        for name in task.models
        for place in places
    ]
    lost = losses([*weak, *strong], tests)
    gains = [one - other for one, other in zip(strong, weak, strict=True)]
    return Worth(log_loss=sum(lost) / len(lost), apgr=apgr(gains, came[0], came[1]))


def _mean(found: Sequence[Worth]) -> Worth:
    count = len(found)
    return Worth(
        log_loss=sum([each.log_loss for each in found]) / count,
        apgr=sum([each.apgr for each in found]) / count,
    )


def _error(gains: Sequence[float]) -> float:
    return stdev(gains) / sqrt(len(gains))


def main() -> None:
    """Print the curves of both pairs, or of one that is named, as Markdown."""
    print("| pair | labels | loss 0 | with | chosen | ± | APGR 0 | with | chosen | ± | kept |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name in sys.argv[1:] or (GSM8K, "mmlu"):
        for it in curve(name):
            lost, gaps = (_told(it, key, error) for key, error in zip(KEYS, it.errors, strict=True))
            print(f"| {name} | {it.labels:,} | {lost} | {gaps} | {it.kept:.0%} |", flush=True)


def _told(row: Row, key: str, error: float) -> str:
    ways = [getattr(each, key) for each in (row.without, row.begun, row.chosen)]
    return " | ".join(f"{each:.3f}" for each in (*ways, error))


if __name__ == "__main__":
    main()

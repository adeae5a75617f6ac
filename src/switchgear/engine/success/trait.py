"""What of a call the success model looks at: its groups, its counts, and hashes of its words."""

from math import log

import msgspec

from switchgear.domain.ask import Ask, Shape, Step

UNIT = 128
"""Counts are whole numbers of so many parts, so that sums of them are exact everywhere."""
MOST = 2 * UNIT
"""No count is further from nought than that, however odd the call."""
COUNTS = 13
"""How many there are."""
EVENNESS = 0.277
"""One over the root of their number: together they are about as long as the words are."""


class Traits(msgspec.Struct, frozen=True, gc=False):
    """One call, as the model sees it."""

    cells: tuple[str, ...]
    """Keys of the groups that it belongs to, from the most general to the most special."""
    dense: tuple[int, ...]
    """Its counts, in 128ths, about nought."""
    grams: bytes
    """Hashes of its words and pairs of words, two bytes each."""
    step: Step = Step.USER_TURN


def traits_of(ask: Ask) -> Traits:
    """Return what the model looks at; arithmetic on what the ask holds already."""
    step = ask.step.value
    name, agent = ask.model, ask.agent
    chain = [step, f"{step}|{name!r}"]
    if agent or ask.tools_digest or ask.system_digest:
        chain.append(f"{step}|{name!r}|{agent!r}")
    if ask.tools_digest or ask.system_digest:
        chain.append(f"{step}|{name!r}|{agent!r}|{ask.tools_digest}|{ask.system_digest}")
    return Traits(("", *chain), _dense(ask.shape), ask.grams, ask.step)


def _dense(shape: Shape) -> tuple[int, ...]:
    counts = shape.counts
    gaps, numerals, marks, upper = counts.gaps, counts.numerals, counts.marks, counts.upper
    total = counts.lower + upper + numerals + gaps + marks + counts.accented + counts.ideographs + 1
    size = log(1 + shape.last_chars) - 5.8
    signs = (
        size,
        size * size - 0.5,
        log(1 + shape.chars) - 6.0,
        log(1 + shape.digits) - 1.8,
        log(1 + marks) - 3.0,
        20.0 * numerals / total - 0.6,
        10.0 * marks / total - 0.6,
        10.0 * upper / total - 0.3,
        1.0 if shape.code else -0.2,
        1.0 if shape.maths else -0.2,
        log(1 + shape.constraints) - 0.4,
        log(1 + shape.questions) - 0.6,
        0.5 * log(1 + shape.tools + shape.turns) - 0.3,
    )
    scale = UNIT * EVENNESS
    return tuple([max(-MOST, min(MOST, round(each * scale))) for each in signs])

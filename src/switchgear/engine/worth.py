"""Whether a stage of our own is worth its time: what it saves, against what waiting for it costs.

Only stages that save money are judged so. What protects, obeys the owner or keeps money is never
left out.
"""

import msgspec

from switchgear.domain.decision import Decision
from switchgear.domain.odds import Odds
from switchgear.domain.units import NanoUsd, Seconds

SPANS = 32
"""Measured times that are kept; of these the middle half counts, so that a pause of the machine
does not look like a slow stage."""
REMEMBERED = 128
"""Samples after which a saving counts a third of what it did: samples of one call in 16 remember
about the last 2,000 calls."""
LEAST = 48
"""Samples before a stage is judged."""
AGAIN = 1.25
"""A stage that was left out comes back when it saves so many times its cost: else it would come and
go."""


class Worth(msgspec.Struct, frozen=True, gc=False):
    """What is known of one stage."""

    spans: tuple[float, ...] = ()
    """Seconds that it took, the newest last."""
    saved: float = 0.0
    """Nano-dollars that it saves in a call, on average."""
    samples: int = 0
    paused: bool = False
    """It is left out."""


NEW = Worth()


def typical(worth: Worth) -> Seconds:
    """Return how long the stage takes: the mean of the middle half of its times."""
    if not worth.spans:
        return Seconds(0.0)
    spans = sorted(worth.spans)
    cut = len(spans) // 4
    middle = spans[cut : len(spans) - cut]
    return Seconds(sum(middle) / len(middle))


def weighed(worth: Worth, span: Seconds, saved: float, price: float) -> Worth:
    """Return the worth after one more sample, judged anew.

    Units: ``span`` in seconds, ``saved`` in nano-dollars, ``price`` in nano-dollars for a second.
    """
    samples = worth.samples + 1
    share = 1 / min(samples, REMEMBERED)
    found = Worth(
        (*worth.spans[1 - SPANS :], span),
        worth.saved + share * (saved - worth.saved),
        samples,
        worth.paused,
    )
    cost = typical(found) * price
    needed = AGAIN * cost if found.paused else cost
    paused = samples >= LEAST and found.saved < needed
    return found if paused == found.paused else msgspec.structs.replace(found, paused=paused)


def saving_of(one: Decision, other: Decision, odds: Odds, price: float) -> float:
    """Return what it saves that a call is decided as in ``one`` and not as in ``other``.

    It is the difference in expected cost and time, and in the chance that the answer does: one that
    does not has to be given again, by the dearest that could serve.

    Units: nano-dollars; ``price`` in nano-dollars for a second.
    """
    if one.winner == other.winner or not (one.winner and other.winner):
        return 0.0
    judged = {each.target: each for each in one.verdicts}
    mine, theirs = judged.get(one.winner), judged.get(other.winner)
    if mine is None or theirs is None:
        return 0.0
    chances = {each.target: each.p for each in odds.chances}
    again = max((each.cost or NanoUsd(0) for each in one.verdicts), default=NanoUsd(0))
    gained = 0.0
    if one.winner in chances and other.winner in chances:
        gained = chances[one.winner] - chances[other.winner]
    cheaper = (theirs.cost or 0) - (mine.cost or 0)
    sooner = (theirs.latency or 0.0) - (mine.latency or 0.0)
    return cheaper + gained * again + sooner * price

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


def saving_of(one: Decision, other: Decision, odds: Odds) -> float:
    """Return what it is worth that a call is decided as in ``one`` and not as in ``other``.

    Of a cheaper choice it is the money that it saves, less what a lower chance costs: an answer
    that does not do has to be given again, by the dearest that could serve. A dearer choice is made
    because the owner wants a better chance: it is worth that chance, and its price is not held
    against it.

    Units: nano-dollars.
    """
    if one.winner == other.winner or not (one.winner and other.winner):
        return 0.0
    costs = {each.target: each.cost or NanoUsd(0) for each in one.verdicts}
    if one.winner not in costs or other.winner not in costs:
        return 0.0
    chances = {each.target: each.p for each in odds.chances}
    known = one.winner in chances and other.winner in chances
    gained = chances[one.winner] - chances[other.winner] if known else 0.0
    better = gained * max(costs.values())
    cheaper = costs[other.winner] - costs[one.winner]
    return cheaper + min(0.0, better) if cheaper > 0 else max(0.0, better)

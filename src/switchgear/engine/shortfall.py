"""What becomes of a target that does not keep every soft limit."""

from functools import lru_cache

import msgspec

from switchgear.domain.decision import Limit

ENOUGH = frozenset({Limit.QUALITY, Limit.SUCCESS})
"""Limits on how good a target is, whichever way that is known."""
WAYS = ((), (Limit.QUALITY,), (Limit.SUCCESS,), (Limit.QUALITY, Limit.SUCCESS))
"""All there are of not being good enough: bit 1 is too weak, bit 2 is too unlikely."""
WEAK, UNLIKELY = 1, 2
KEPT = 64
"""Each of an order in which limits are given up, and of a combination of them."""


class Shortfall(msgspec.Struct, frozen=True, gc=False):
    """One combination of limits that are not kept, and what follows from it."""

    over: tuple[Limit, ...]
    hard: Limit | None
    """The first of them that is never given up; None where all may be."""
    rank: int
    """How late the last of them is given up; 0 where none is broken."""
    leads: bool
    """Among those that are alike in this, the likelier goes before the strategy."""
    free: bool
    """Nothing but how good it is stands against it."""


@lru_cache(maxsize=KEPT)
def shortfall_of(over: tuple[Limit, ...], relax: tuple[Limit, ...], *, floored: bool) -> Shortfall:
    """Return what follows from these limits not being kept, where chances choose.

    ``floored`` says that the owner set a floor. Then quality and success are one question and stand
    in one place. Where none is set, who is unlikely to do stands behind all others, those among
    them as without it; and since nobody asked for more, it is no reason to refuse a call.
    """
    lacks = not ENOUGH.isdisjoint(over)
    wanted = [each for each in over if floored or each is not Limit.SUCCESS]
    hard = next((each for each in wanted if each not in relax), None)
    together = (*wanted, *(ENOUGH if floored and lacks else ()))
    rank = max((relax.index(each) + 1 for each in together if each in relax), default=0)
    if len(wanted) < len(over):
        rank += len(relax) + 1
    return Shortfall(over, hard, rank, floored and lacks, ENOUGH.issuperset(over))


@lru_cache(maxsize=KEPT)
def shortfalls(relax: tuple[Limit, ...], *, floored: bool) -> tuple[Shortfall, ...]:
    """Return every way of not being good enough, by its bits."""
    return tuple(shortfall_of(over, relax, floored=floored) for over in WAYS)

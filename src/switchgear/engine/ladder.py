"""What is done about a task that goes in circles: one rung after the other."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.looping import RUNGS, Looping, Stance
from switchgear.domain.mandate import Rung
from switchgear.engine.loop.signal import Signal

OBSERVE, NUDGE, ESCALATE, RESTRICT, PAUSE, STOP = range(len(RUNGS))
"""Rungs as numbers: places in ``RUNGS``."""
LOOP = "loop"
"""Why a task is paused or stopped, as a code."""
MOST_SEEN = 256
"""Occurrences that are remembered; a ring of 64 moves shows far fewer at once."""
MOST_EVIDENCE = 400
"""Characters of what is said to have been seen."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far up the ladder a task is."""

    level: int = OBSERVE
    """Its rung; the lowest is where every task begins."""
    ignored: int = 0
    """New occurrences since it came there."""
    human: int = 0
    """Messages of its human when it was last looked at."""
    seen: tuple[str, ...] = ()
    """Occurrences that have been dealt with, the latest last."""


BOTTOM = Standing()


def climb(
    standing: Standing, signals: Sequence[Signal], human: int, *, sure: bool, looping: Looping
) -> tuple[Standing, Rung | None]:
    """Return where a task stands now, and what is done; None where nothing new was seen.

    At most one rung is climbed at once. The first thing seen that is to be acted on leads to the
    first rung; one that was ignored often enough leads to the next. A new message of the human
    begins anew, but what was seen before it is not new again.

    Shapes: ``human`` counts the messages of its human so far.
    """
    if human > standing.human:
        standing = Standing(human=human, seen=standing.seen)
    new = [each for each in signals if each.occurrence not in standing.seen]
    if not new:
        return standing, None
    acting = [each for each in new if each.act]
    highest = highest_of(looping, sure=sure)
    level, ignored = _next(standing, highest, looping) if acting else standing_of(standing)
    seen = (*standing.seen, *dict.fromkeys(each.occurrence for each in new))[-MOST_SEEN:]
    moved = msgspec.structs.replace(standing, level=level, ignored=ignored, seen=seen)
    what = min(level, highest) if acting else OBSERVE
    return moved, Rung(RUNGS[what], tuple(dict.fromkeys(each.code for each in acting or new)))


def highest_of(looping: Looping, *, sure: bool) -> int:
    """Return the highest rung for a task; one that is not surely the call's is never stopped."""
    if looping.stance is not Stance.ACT:
        return OBSERVE
    highest = RUNGS.index(looping.highest)
    return highest if sure else min(highest, RESTRICT)


def rested(standing: Standing) -> Standing:
    """Return a fresh standing, for a task that somebody lets go on."""
    return Standing(human=standing.human, seen=standing.seen)


def evidence_of(signals: Sequence[Signal], rung: Rung) -> str:
    """Return what was seen that led to a rung, in words for people; never content."""
    found = dict.fromkeys(each.evidence for each in signals if each.code in rung.signals)
    return "; ".join(found)[:MOST_EVIDENCE]


def standing_of(standing: Standing) -> tuple[int, int]:
    """Return the rung, and how often it was ignored."""
    return standing.level, standing.ignored


def _next(standing: Standing, highest: int, looping: Looping) -> tuple[int, int]:
    if standing.level == OBSERVE:
        return min(NUDGE, highest), 0
    ignored = standing.ignored + 1
    if ignored >= looping.patience and standing.level < highest:
        return standing.level + 1, 0
    return standing.level, ignored

"""Count the answers of a target over a rolling window, and the faults among them by class."""

import msgspec

from switchgear.domain.situation import Fault
from switchgear.domain.units import Seconds

COUNTED = (Fault.LOST, Fault.FAILED, Fault.SILENT, Fault.GARBLED, Fault.SLOW)
"""What a share is reckoned of; the other faults the target tells us itself."""
NONE = (0,) * len(COUNTED)


class Tally(msgspec.Struct, frozen=True, gc=False):
    """Two halves of a window: one fills while the other ages, and then takes its place."""

    began: Seconds = Seconds(0.0)
    """When the half that fills began."""
    answers: int = 0
    faults: tuple[int, ...] = NONE
    """One for each of COUNTED."""
    answers_before: int = 0
    faults_before: tuple[int, ...] = NONE


EMPTY = Tally()


def add(tally: Tally, fault: Fault | None, *, now: Seconds, window: Seconds) -> Tally:
    """Return the tally after one more answer; without a fault it was well.

    A slow answer is counted as an answer where it ended well, so here it only adds its fault.
    """
    if now - tally.began >= window / 2:
        tally = rolled(tally, now=now, window=window)
    faults = tally.faults
    if fault is not None:
        place = COUNTED.index(fault)
        faults = (*faults[:place], faults[place] + 1, *faults[place + 1 :])
    answers = tally.answers + (fault is not Fault.SLOW)
    return Tally(tally.began, answers, faults, tally.answers_before, tally.faults_before)


def rolled(tally: Tally, *, now: Seconds, window: Seconds) -> Tally:
    """Return the tally after the passing of time alone."""
    half, age = window / 2, now - tally.began
    if age < half:
        return tally
    if age < window:
        return Tally(Seconds(tally.began + half), 0, NONE, tally.answers, tally.faults)
    return Tally(now)


def share_of(tally: Tally, *, slow: bool, least: int) -> float:
    """Return the share of faults, or of slow answers, in the window; 0 below ``least`` answers."""
    answers = tally.answers + tally.answers_before
    if answers < max(1, least):
        return 0.0
    both = [a + b for a, b in zip(tally.faults, tally.faults_before, strict=True)]
    slowness = both[COUNTED.index(Fault.SLOW)]
    return (slowness if slow else sum(both) - slowness) / answers

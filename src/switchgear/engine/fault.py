"""What the end of an answer teaches about the health of its target, as a table."""

from enum import Enum

from switchgear.domain.errors import (
    ContextTooLong,
    HedgeLost,
    OutOfTime,
    UpstreamBusy,
    UpstreamDenied,
    UpstreamError,
    UpstreamFailed,
    UpstreamForgot,
    UpstreamGarbled,
    UpstreamLost,
    UpstreamRejected,
    UpstreamSilent,
    UpstreamUnreachable,
)
from switchgear.domain.situation import Fault


class Lesson(Enum):
    """How an answer ended, as far as the health of its target goes."""

    WELL = "well"
    NOTHING = "nothing"
    """Not by the target's doing: the caller left, or was itself wrong, or we were late."""
    LOST = "lost"
    FAILED = "failed"
    SILENT = "silent"
    GARBLED = "garbled"
    BUSY = "busy"
    DENIED = "denied"

    @property
    def fault(self) -> Fault | None:
        """What is wrong with the target; None where nothing is."""
        return FAULTS.get(self)


FAULTS = {
    Lesson.LOST: Fault.LOST,
    Lesson.FAILED: Fault.FAILED,
    Lesson.SILENT: Fault.SILENT,
    Lesson.GARBLED: Fault.GARBLED,
    Lesson.BUSY: Fault.BUSY,
    Lesson.DENIED: Fault.DENIED,
}

LESSONS: dict[type[UpstreamError], Lesson] = {
    UpstreamUnreachable: Lesson.LOST,
    UpstreamLost: Lesson.LOST,
    UpstreamFailed: Lesson.FAILED,
    UpstreamSilent: Lesson.SILENT,
    UpstreamGarbled: Lesson.GARBLED,
    UpstreamBusy: Lesson.BUSY,
    UpstreamDenied: Lesson.DENIED,
    ContextTooLong: Lesson.NOTHING,
    UpstreamForgot: Lesson.NOTHING,
    UpstreamRejected: Lesson.NOTHING,
    OutOfTime: Lesson.NOTHING,
    HedgeLost: Lesson.NOTHING,
    UpstreamError: Lesson.NOTHING,
}
"""By the error's class, or the nearest class above it that is here."""


def lesson_of(error: BaseException | None, *, lagging: bool = False) -> Lesson:
    """Return what an ending teaches about the target: only what the target itself did.

    None is an answer that was closed before its end. While our own loop lags, ``lagging``, a
    timeout says more about us than about the target.
    """
    if not isinstance(error, UpstreamError) or error.blameless or (lagging and error.late):
        return Lesson.NOTHING
    return next(LESSONS[each] for each in type(error).__mro__ if each in LESSONS)

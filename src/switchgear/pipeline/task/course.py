"""How the calls of one task have gone so far, as this process has seen them."""

from collections import OrderedDict, deque

import msgspec

from switchgear.domain.mandate import Rung
from switchgear.domain.target import Tier
from switchgear.domain.units import Seconds
from switchgear.engine.ladder import BOTTOM, Standing
from switchgear.engine.loop.ring import EMPTY, Ring

MOST_CHILDREN = 64
"""Children that are remembered; more than that is far too many already."""


class Climb(msgspec.Struct, frozen=True, gc=False):
    """A rung that was climbed, and what was seen that led there."""

    rung: Rung
    evidence: str
    again: bool = False
    """It was climbed before, and what was asked then was ignored."""


def newest() -> deque[Seconds]:
    """Return room for the births of the children that are remembered."""
    return deque(maxlen=MOST_CHILDREN)


class Course(msgspec.Struct, kw_only=True):
    """What is learnt of one task while it goes on; it is lost with the process."""

    run: int = 1
    """Which life of the task this is."""
    ring: Ring = EMPTY
    standing: Standing = BOTTOM
    human: int = 0
    """Messages of its human so far, of which none is like one before."""
    tier: Tier | None = None
    """Of the target that answered last; None while none has."""
    away: bool = False
    """Another target than its home serves it now."""
    due: Climb | None = None
    """What its children led to, for its own next call."""
    children: OrderedDict[str, None] = msgspec.field(default_factory=OrderedDict)
    """Ids of the tasks that it opened last."""
    births: deque[Seconds] = msgspec.field(default_factory=newest)
    """When."""

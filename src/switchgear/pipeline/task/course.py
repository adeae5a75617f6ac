"""How the calls of one task have gone so far, as this process has seen them."""

from collections import OrderedDict, deque

import msgspec

from switchgear.domain.mandate import Rung
from switchgear.domain.target import Tier
from switchgear.domain.task import Task
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


class Brood:
    """The tasks that one task opened of late."""

    __slots__ = ("births", "names", "opened")

    def __init__(self) -> None:
        """Begin with none."""
        self.names: OrderedDict[str, None] = OrderedDict()
        """Their ids."""
        self.births: deque[float] = deque(maxlen=MOST_CHILDREN)
        """When they were opened, in seconds."""
        self.opened = 0
        """How many there ever were."""

    def add(self, name: str, born: float) -> None:
        """Take note of one more."""
        self.opened += 1
        self.births.append(born)
        self.names[name] = None
        if len(self.names) > MOST_CHILDREN:
            self.names.popitem(last=False)


class Course(msgspec.Struct, kw_only=True):
    """What is learnt of one task while it goes on; it is lost with the process."""

    run: int = 1
    """Which life of the task this is."""
    ring: Ring = EMPTY
    standing: Standing = BOTTOM
    tier: Tier | None = None
    """Of the target that answered last; None while none has."""
    away: bool = False
    """Another target than its home serves it now."""
    refused: int = 0
    """Calls that were refused for good; those beside each other are counted once."""
    closing: Task | None = None
    """It is being paused or stopped: how it will be then."""
    due: Climb | None = None
    """What its children led to, for its own next call."""
    brood: Brood | None = None
    """Its children; None where it has none."""

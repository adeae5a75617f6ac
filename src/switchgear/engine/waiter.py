"""One call that wants a place, as a queue sees it."""

from enum import Enum

from switchgear.domain.priority import Priority
from switchgear.domain.units import Seconds, Tokens

EVER = Seconds(float("inf"))


class Standing(Enum):
    """How far a call has come with its place; a queue alone changes it."""

    NEW = "new"
    WAITING = "waiting"
    HOLDING = "holding"
    """It has its place, and gives it back by leaving."""
    REFUSED = "refused"
    """There was no room to wait in, or no hope to be served in time."""
    SHED = "shed"
    """It had to make room for a higher lane."""
    EXPIRED = "expired"
    """Its time was up before its turn came."""
    GONE = "gone"
    """It left."""


class Waiter:
    """What a queue must know of a call, and where the call stands."""

    __slots__ = (
        "cost",
        "flow",
        "granted",
        "heavy",
        "priority",
        "since",
        "standing",
        "until",
        "weight",
    )

    def __init__(
        self,
        flow: str,
        cost: Tokens,
        priority: Priority = Priority.INTERACTIVE,
        *,
        weight: float = 1.0,
        heavy: bool = False,
    ) -> None:
        """Belong to a flow, such as a tenant, whose share is its ``weight``."""
        self.flow = flow
        self.cost = cost
        self.priority = priority
        self.weight = weight
        self.heavy = heavy
        self.until = EVER
        """From when on there is no use in being served."""
        self.since = Seconds(0.0)
        """When it came."""
        self.granted = Seconds(0.0)
        """When it got its place."""
        self.standing = Standing.NEW

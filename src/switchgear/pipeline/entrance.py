"""What an attempt must have before it is sent: its breaker's permit, and every toll paid."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from switchgear.domain.account import Budget, Charge
from switchgear.domain.attempt import Attempt, Role
from switchgear.domain.call import Call
from switchgear.domain.denial import TargetStopped
from switchgear.domain.edit import Edit
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.fact import Decided
from switchgear.domain.rate import Quota
from switchgear.domain.target import Target
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.breaker import Permit
from switchgear.pipeline.health import Health
from switchgear.pipeline.interruption import Interruption
from switchgear.ports.handler import Trail

Act = Callable[[], None]
Cut = Callable[[SwitchgearError], None]
Settle = Callable[[Attempt], Charge | None]
Hear = Callable[[Quota], None]
Edits = tuple[Edit, ...]
Leave = Permit | None


def nothing_to_cut(error: SwitchgearError) -> None:
    """Do nothing: there is no answer yet."""


class Bid(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt that wants to be made."""

    id: str
    """Of the attempt: the call's decision id and a number."""
    call: Call
    trail: Trail
    decided: Decided
    target: Target
    role: Role = Role.FIRST
    number: int = 0
    """How many attempts at this call came before it."""
    until: Seconds
    """When the caller's time for the first content is up."""
    expected_input: Tokens | None = None
    """Our estimate of its input as this target counts; None where only the call's is known."""
    budgets: tuple[Budget, ...] = ()
    """That pay for it beside the caller's."""
    most_output: Tokens | None = None
    """Tokens that each choice may have; None for what the call allows."""


class Taken:
    """What one attempt has taken. Made before anything is, and closed once, whatever happens."""

    __slots__ = ("_acts", "_closed", "cut", "edits", "hear", "most_output", "permit", "settle")

    def __init__(self) -> None:
        """Begin with nothing."""
        self._acts: list[Act] = []
        self._closed = False
        self.cut: Cut = nothing_to_cut
        """Ends at once with an error what the attempt waits for: the tolls, and then its answer."""
        self.edits: Edits = ()
        """What a toll asks of the request, such as a cap on the output."""
        self.hear: Hear | None = None
        """Told what the target says that it still takes from us; None where nobody listens."""
        self.most_output: Tokens | None = None
        """The most output that was paid for, all choices together; None where nobody asked."""
        self.permit: Leave = None
        self.settle: Settle | None = None
        """Says what is to be paid for the attempt, once it has ended; None where nobody asks."""

    def end(self, error: SwitchgearError) -> None:
        """End now what the attempt is at, whatever that is."""
        self.cut(error)

    def at_close(self, act: Act) -> None:
        """Do ``act`` when the attempt ends, the last first; at once if it has ended already."""
        if self._closed:
            act()
        else:
            self._acts.append(act)

    def close(self) -> None:
        """Give everything back; the permit is not in here, it goes back with what was learnt."""
        self._closed = True
        self.cut = nothing_to_cut  # the attempt's own method: a circle otherwise
        while self._acts:
            self._acts.pop()()


class Toll(Protocol):
    """Something that an attempt needs, and may have to wait for."""

    async def pay(self, bid: Bid, taken: Taken) -> SwitchgearError | None:
        """Take what the attempt needs, and note in ``taken`` how it is given back.

        An error that is returned means: not at this target, not now; the next one is tried. One
        that is raised ends the call.
        """
        ...


class Entrance:
    """The way in to every target."""

    def __init__(self, health: Health, tolls: Sequence[Toll] = ()) -> None:
        """Take the breakers, and the tolls in the order in which they are paid."""
        self._health = health
        self._tolls = tuple(tolls)

    async def enter(self, bid: Bid, taken: Taken) -> SwitchgearError | None:
        """Take all that the attempt needs; without a permit in ``taken`` it cannot be made.

        An error says why, where it was not the breaker. Whoever made ``taken`` closes it in every
        case. The permit comes last: nothing is waited for after it, so it cannot be lost.
        """
        try:
            with Interruption() as wait:
                taken.cut = wait.cut
                for toll in self._tolls:
                    error = await toll.pay(bid, taken)
                    if error is not None:
                        return error
        except TargetStopped as error:
            return error
        taken.permit = self._health.admit(bid.target.id)
        return None

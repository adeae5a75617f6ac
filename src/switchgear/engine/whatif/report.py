"""What a replay comes to."""

import msgspec

from switchgear.engine.whatif.interval import Interval
from switchgear.engine.whatif.offpolicy import OffPolicy
from switchgear.engine.whatif.pair import Pairs


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """One measure, a call's mean: as it was and as it would be."""

    before: Interval
    after: Interval
    change: Interval
    relative: Interval | None
    """The change as a share of before; None where before is nothing."""


def estimate_of(pairs: Pairs) -> Estimate:
    """Return what pairs come to."""
    return Estimate(
        before=pairs.before, after=pairs.after, change=pairs.change, relative=pairs.relative
    )


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One measure, by each way of estimating it."""

    name: str
    calls: int
    """Compared."""
    recount: Estimate
    """What was measured where the target stays, what is expected where it changes."""
    drawn: OffPolicy | None = None
    """From the calls that were left to a draw; None where there were none."""
    robust: Estimate | None = None
    """All calls, doubly robust where they were drawn."""

    @property
    def best(self) -> Estimate:
        """The one to go by: what was drawn corrects what is expected, where there is enough."""
        if self.drawn is not None and self.drawn.enough and self.robust is not None:
            return self.robust
        return self.recount


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """Calls that go from one target to another."""

    before: str
    after: str
    calls: int
    cost: float
    """What they would cost more, all together, in US dollars."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of one route, agent and step."""

    route: str
    agent: str
    step: str
    calls: int
    changed: int
    up: int
    down: int
    unserved: int
    cost: float
    """What they would cost more, all together, in US dollars."""
    relative: Interval | None
    """The same as a share of what they cost."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows were."""

    rows: int = 0
    """Read, or tried to."""
    decided: int = 0
    """Decided again."""
    unread: int = 0
    """Rows that could not be read."""
    undecided: int = 0
    """Rows without a decision: refused before, or passed through."""
    observed: int = 0
    compared: int = 0
    """With a whole answer, and somebody to serve them now."""
    labelled: int = 0
    guessed: int = 0
    """Changed, with nothing but the owner's figure to say how well the new target does."""
    changed: int = 0
    up: int = 0
    """To a higher tier."""
    down: int = 0
    unserved: int = 0
    """Nobody would serve them now, though somebody was to then."""
    newly: int = 0
    """Somebody would serve them now, though nobody was to then."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    counts: Counts
    measures: tuple[Measure, ...]
    moves: tuple[Move, ...]
    """The most frequent first."""
    shares: tuple[Share, ...]
    """Those with the most changes first."""
    unserved: tuple[tuple[str, int], ...]
    """Names that were asked for by calls that nobody would serve now, and how often."""

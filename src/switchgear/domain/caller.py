"""Who is calling, and what the call says of itself."""

from enum import Enum

import msgspec

from switchgear.domain.account import Budget
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.priority import Priority
from switchgear.domain.rate import NO_BOUNDS, Rates
from switchgear.domain.target import Sensitivity, Tier
from switchgear.domain.units import Seconds, UnixMs


class Mode(Enum):
    """What the gateway does with its decision."""

    ROUTE = "route"
    """Sends the call where the decision says."""
    OBSERVE = "observe"
    """Sends the call where the caller asked, and only writes the decision down."""


class Right(Enum):
    """What a key may do beside sending calls. The value is what the config file says."""

    ADMIN = "admin"
    """Manage keys and set kill switches, within its own tenant if it has one."""
    METRICS = "metrics"
    """Read ``/metrics``."""
    DECIDE = "decide"
    """Answer tickets, and say how decisions did, within its own tenant if it has one."""


class Maker(msgspec.Struct, frozen=True, gc=False):
    """One of the keys that a key comes from."""

    id: str
    rates: Rates = NO_BOUNDS
    """Its own."""


class Key(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A credential's rights. The credential itself is not here."""

    id: str = ""
    """Empty for the anonymous caller of an open server."""
    tenant: str = ""
    models: frozenset[str] = frozenset()
    """Aliases and target ids that may be asked for; empty means all."""
    targets: frozenset[str] = frozenset()
    """Target ids that a call may be sent to; empty means all."""
    tiers: frozenset[Tier] = frozenset()
    """Tiers whose targets its calls may be sent to; empty means all."""
    endpoints: frozenset[Endpoint] = frozenset()
    """What its calls may want; empty means all."""
    rights: frozenset[Right] = frozenset()
    """What it may do beside sending calls."""
    regions: frozenset[str] = frozenset()
    """Where its data may be handled; empty means anywhere."""
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    metadata: tuple[tuple[str, str], ...] = ()
    """Sorted pairs that conditions read; they win over the caller's own."""
    mode: Mode = Mode.ROUTE
    debug: bool = False
    """May ask for verdicts in the answer's headers, and read any decision."""
    parent: str = ""
    """Id of the key that made it, which it may never do more than; empty for an owner's own."""
    makers: tuple[Maker, ...] = ()
    """That key, the one that made that one, and so on: its calls count in their rates too, and
    are stopped with theirs. Known once it is admitted."""
    until: UnixMs | None = None
    """When it ends to be good; None for never."""
    priority: Priority = Priority.INTERACTIVE
    """The highest that its calls may ask for, and what they have when they ask for none."""
    budgets: tuple[Budget, ...] = ()
    """Its own and, once it is admitted, its makers'; those of its tenant are in the setup."""
    rates: Rates = NO_BOUNDS


ANONYMOUS = Key(debug=True)


class Wishes(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the request headers ask of us."""

    task: str = ""
    parent_task: str = ""
    agent: str = ""
    floor: Tier | None = None
    debug: bool = False
    priority: Priority | None = None
    """None when it did not say; it never raises what the key has."""
    marks: tuple[tuple[str, str], ...] = ()
    """Lower-case names and values of the headers that may tell which task it is, as they came."""
    patience: Seconds | None = None
    """How long the caller waits for the first content; None when it did not say."""


class Caller(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Whose call it is and what they wish."""

    key: Key = ANONYMOUS
    wishes: Wishes = Wishes()

    @property
    def priority(self) -> Priority:
        """The lane of its calls: what it asks for, and never above what its key has."""
        most, wish = self.key.priority, self.wishes.priority
        return most if wish is None or wish > most else wish

"""Who is calling, and what the call says of itself."""

from enum import Enum

import msgspec

from switchgear.domain.target import Sensitivity, Tier
from switchgear.domain.units import Seconds


class Mode(Enum):
    """What the gateway does with its decision."""

    ROUTE = "route"
    """Sends the call where the decision says."""
    OBSERVE = "observe"
    """Sends the call where the caller asked, and only writes the decision down."""


class Key(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A credential's rights. The credential itself is not here."""

    id: str = ""
    """Empty for the anonymous caller of an open server."""
    tenant: str = ""
    models: frozenset[str] = frozenset()
    """Aliases and target ids that may be asked for; empty means all."""
    targets: frozenset[str] = frozenset()
    """Target ids that a call may be sent to; empty means all."""
    regions: frozenset[str] = frozenset()
    """Where its data may be handled; empty means anywhere."""
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    metadata: tuple[tuple[str, str], ...] = ()
    """Sorted pairs that conditions read; they win over the caller's own."""
    mode: Mode = Mode.ROUTE
    debug: bool = False
    """May ask for verdicts in the answer's headers, and read any decision."""


ANONYMOUS = Key(debug=True)


class Wishes(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the request headers ask of us."""

    task: str = ""
    parent_task: str = ""
    agent: str = ""
    floor: Tier | None = None
    debug: bool = False
    patience: Seconds | None = None
    """How long the caller waits for the first content; None when it did not say."""


class Caller(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Whose call it is and what they wish."""

    key: Key = ANONYMOUS
    wishes: Wishes = Wishes()

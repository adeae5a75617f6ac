"""How much may come in a minute, and how much at once."""

import msgspec

from switchgear.domain.units import Seconds, Tokens


class Rates(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What one key, tenant or target takes; None is any number, and 0 is none at all."""

    requests: int | None = None
    """In a minute."""
    tokens: Tokens | None = None
    """In a minute, input and output together."""
    concurrent: int | None = None
    """Under way at once."""


NO_BOUNDS = Rates()


class Level(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How much is left of one rate, after a call was let in; what callers are told."""

    limit: int
    left: int
    reset: Seconds
    """Until all of it is there again."""


class Quota(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How much more a target takes from us, as it says itself; None where it does not say."""

    requests: Level | None = None
    tokens: Level | None = None
    """Input and output together."""
    input: Level | None = None
    output: Level | None = None

"""Where rates and places are counted: it may be lost, and nodes may share it."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from switchgear.domain.rate import Level, Rates
from switchgear.domain.units import Seconds, Tokens

LEASE = Seconds(30.0)
"""How long a place stays taken of which nobody says any more that it is."""


class Metered(msgspec.Struct, frozen=True, gc=False):
    """One thing whose rates are counted."""

    name: str
    """Such as ``key/k1``, ``tenant/acme``, ``target/small``."""
    rates: Rates


class LetIn(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """There was room everywhere, and it is taken; the tightest levels are told."""

    requests: Level | None = None
    tokens: Level | None = None


class NoRoom(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """There was no room at one, so nothing is taken anywhere."""

    name: str
    """Where."""
    what: str
    """``requests``, ``tokens`` or ``concurrent``."""
    wait: Seconds | None = None
    """Until there may be room; None where that depends on others, or where there never is."""
    ever: bool = True
    """Whether there ever may be: it is not more than the whole limit."""


class Meters(Protocol):
    """Takes from several at once, all or nothing; every verb may be said again with the same id."""

    async def take(self, take: str, of: Sequence[Metered], tokens: Tokens) -> LetIn | NoRoom:
        """Take one request, so many tokens and one place of each.

        The places stay taken until it is settled, or this process is gone for LEASE.
        """
        ...

    def settle(self, take: str, used: Tokens | None) -> None:
        """Give the places back, and put the tokens right; the request stays taken.

        With None for what was used, the tokens stay as they were taken. It takes no time: what must
        be waited for is done in the background.
        """
        ...

    async def aclose(self) -> None:
        """Settle what is left to settle, and count no more."""
        ...

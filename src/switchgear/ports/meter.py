"""Where rates and places are counted: it may be lost, and nodes may share it."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from switchgear.domain.rate import Level, Rates
from switchgear.domain.units import Seconds, Tokens


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


class Meters(Protocol):
    """Takes from several at once, all or nothing; every verb may be said again with the same id."""

    async def take(self, take: str, of: Sequence[Metered], tokens: Tokens) -> LetIn | NoRoom:
        """Take one request, so many tokens and one place of each.

        A place that is not kept up is free again after a while: see ``keep_up``.
        """
        ...

    async def correct(self, take: str, of: Sequence[Metered], tokens: Tokens) -> None:
        """Give back what was taken too much, or, negative, take what was too little."""
        ...

    async def leave(self, take: str, of: Sequence[Metered]) -> None:
        """Give the places back; requests and tokens stay taken."""
        ...

    async def keep_up(self, takes: Sequence[str], of: Sequence[Sequence[Metered]]) -> None:
        """Say that these places are still taken."""
        ...

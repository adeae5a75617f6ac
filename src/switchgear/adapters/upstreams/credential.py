"""Credentials that are worked out anew for each request, or from time to time."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Unsigned(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A request as it will be sent, but for its credential."""

    tls: bool
    authority: str
    """Host, and port where it is not the usual one."""
    path: str
    """With the query, as it goes on the request line."""
    headers: tuple[tuple[str, str], ...]
    """Lower-case names, in the order of sending; without the content length."""
    body: bytes


class Credential(Protocol):
    """Proves to one provider who calls."""

    async def prove(self, request: Unsigned) -> Sequence[tuple[str, str]]:
        """Return the headers that do so, with lower-case names.

        Raises:
            UpstreamDenied: there is no credential to be had.
            UpstreamUnreachable: who gives it out could not be reached.
        """
        ...

    def close(self) -> None:
        """Give back what it holds open."""
        ...

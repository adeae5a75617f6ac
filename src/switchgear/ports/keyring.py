"""Where the keys are kept that were made while the gateway runs."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from switchgear.domain.caller import Key
from switchgear.domain.units import UnixMs
from switchgear.engine.chain import Standing


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is kept: its rights, and the digests of its secrets, never these."""

    key: Key
    digests: tuple[str, ...]
    """SHA-256 of each secret that is good, hexadecimal; the first is the one in use, a second one
    is to take its place."""
    hint: tuple[str, ...] = ()
    """The last letters of each secret, for people to tell them apart."""
    made: UnixMs = UnixMs(0)
    revoked: UnixMs | None = None
    """When it was revoked; None while it is good."""
    revision: int = 1
    """Counts its changes."""
    changed: UnixMs = UnixMs(0)
    """When this revision was made."""
    by: str = ""
    """Id of the key that made this revision; empty for somebody at the machine itself."""
    deed: str = "made"
    """What was done, in one word."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One key, as those see it who manage keys."""

    key: Key
    """With the rights that were written for it."""
    standing: Standing
    """What it may do in the end, or why nothing."""
    kept: Kept | None = None
    """None for a key of the config, which is changed there."""

    @property
    def effective(self) -> Key | None:
        """What it may do in the end; None for nothing."""
        return self.standing if isinstance(self.standing, Key) else None

    @property
    def why(self) -> str:
        """Why it may do nothing; empty where it may do something."""
        return "" if isinstance(self.standing, Key) else self.standing.value


class Keyring(Protocol):
    """Keys, by their ids, and all their revisions: what was done to a key is never forgotten.

    A change is seen by every process that shares the store, soon.
    """

    async def add(self, new: Kept) -> bool:
        """Keep a key; False if its id, or one of its digests, is there already.

        Raises:
            LedgerDown: it is not kept.
        """
        ...

    async def change(self, changed: Kept) -> bool:
        """Put a key in the place of its last revision, which must be one less; False if it is not.

        Raises:
            LedgerDown: nothing was changed.
        """
        ...

    async def find(self, name: str) -> Kept | None:
        """Return one key.

        Raises:
            LedgerDown: it is not known.
        """
        ...

    async def history(self, name: str) -> Sequence[Kept]:
        """Return all revisions of one key, oldest first; none where there is no such key.

        Raises:
            LedgerDown: they are not known.
        """
        ...

    async def all(self) -> Sequence[Kept]:
        """Return every key, the revoked ones too, oldest first.

        Raises:
            LedgerDown: they are not known.
        """
        ...

    async def state(self) -> int:
        """Return a number that differs after each change: cheap, to be asked every second.

        Raises:
            LedgerDown: it is not known.
        """
        ...

    async def aclose(self) -> None:
        """Let go of the store."""
        ...

"""Where the record of each call is kept."""

from typing import Protocol

import msgspec

from switchgear.domain.entry import End, Entry
from switchgear.domain.units import UnixMs
from switchgear.engine.task import looks_minted

MOST_ROWS = 1000
"""The most entries that one query returns."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries to return; what is None or empty does not filter."""

    key: str | None = None
    tenant: str | None = None
    task: str = ""
    """Its id, or what the caller calls it."""
    target: str = ""
    model: str = ""
    code: str = ""
    end: End | None = None
    since: UnixMs | None = None
    until: UnixMs | None = None
    """What arrived at this very moment is not in."""
    before: str = ""
    """A decision id: only older ones; pages go on from the last id seen."""
    limit: int = 50

    def fits(self, entry: Entry) -> bool:
        """Whether an entry passes all filters; ``before`` and ``limit`` are none."""
        wanted = (
            (self.key, entry.key),
            (self.tenant, entry.tenant),
            (self.target or None, entry.target),
            (self.model or None, entry.model),
            (self.code or None, entry.code),
            (self.end, entry.end),
        )
        in_time = entry.at >= (self.since or 0) and (self.until is None or entry.at < self.until)
        return (
            in_time
            and self._in_task(entry)
            and all(value is None or value == there for value, there in wanted)
        )

    def _in_task(self, entry: Entry) -> bool:
        if looks_minted(self.task):
            return self.task == entry.task
        return self.task in {"", entry.task, entry.task_name}


class Ledger(Protocol):
    """An append-only book of calls."""

    async def write(self, entry: Entry) -> None:
        """Keep one call: its decision row and its attempts, or neither.

        It returns when the entry is committed. A second entry with the same id is an error.

        Raises:
            LedgerDown: the entry is not kept.
        """
        ...

    async def find(self, entry_id: str) -> Entry | None:
        """Return one entry."""
        ...

    async def list(self, query: Query) -> tuple[Entry, ...]:
        """Return the entries that fit, newest first, without their request bodies."""
        ...

    async def keep_policy(self, version: str, document: bytes) -> None:
        """Keep a policy under its version, so that its decisions can be replayed."""
        ...

    async def find_policy(self, version: str) -> bytes | None:
        """Return a policy that was kept."""
        ...

    async def aclose(self) -> None:
        """Write all that waits, and close."""
        ...

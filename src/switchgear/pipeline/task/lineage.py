"""Follow what a call was given back to where it came from, through the ledger and the logs."""

from collections.abc import Awaitable, Callable, Sequence

from switchgear.domain.context import Line
from switchgear.domain.entry import Entry
from switchgear.domain.target import Sensitivity
from switchgear.engine.lineage import MOST_DEPTH, Books, Reading, trace

MOST_ROUNDS = 2 * MOST_DEPTH + 2
"""Each finds the log that the one before asked for, or the call."""


async def followed(
    entry: Entry,
    known: Callable[[str], Awaitable[Entry | None]],
    log: Callable[[str], Awaitable[Sequence[Line]]],
    sensitivity: Sensitivity,
) -> Reading:
    """Return what a call was given, and so back, as far as may be seen.

    Raises:
        LedgerDown: it is not known.
    """
    entries: dict[str, Entry | None] = {}
    logs: dict[str, Sequence[Line]] = {}
    found = trace(entry, Books(entries, logs), sensitivity)
    for _ in range(MOST_ROUNDS):
        if not found.decisions and not found.tasks:
            break
        for name in sorted(found.decisions):
            entries[name] = await known(name)
        for name in sorted(found.tasks):
            logs[name] = await log(name)
        found = trace(entry, Books(entries, logs), sensitivity)
    return found.reading

"""Streams that break off, and who goes on with them: well, badly, or not at all."""

import asyncio
import time

import msgspec
from faults.cell import Cell, cell
from faults.config import ALIAS, Place, setup
from faults.matrix import AT_ONCE, OTHER, SHOWN, served

from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.client import Wish, call
from switchgear.rehearsal.faultd import Faultd
from switchgear.rehearsal.judge import is_good
from switchgear.rehearsal.seen import OK, Seen
from switchgear.rehearsal.stand import standing
from switchgear.rehearsal.voice import TEXT

BREAKS = ("reset-mid-stream", "close-mid-stream", "truncated-sse", "error-mid-stream", "bad-chunk")
LOST = {"upstream_lost", "upstream_failed", "upstream_garbled"}
"""What the first failure of these is called."""
ABLE = {"capabilities": ["tools", "streaming", "prefill"]}
HELPERS: dict[str, tuple[tuple[str, ...], bool]] = {
    "goes on": (("healthy",), True),
    "repeats three words": (("healthy-overlap",), True),
    "begins anew": (("healthy-anew",), False),
    "begins anew, another goes on": (("healthy-anew", "healthy"), True),
    "breaks off too, another goes on": (("reset-mid-stream", "healthy"), True),
    "is down, another goes on": (("503", "healthy"), True),
    "rejects a prefill, another goes on": (("prefill-rejected", "healthy"), True),
    "rejects a prefill": (("prefill-rejected",), False),
}
"""Who is there to go on, and whether that is to come to a whole answer."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One cell to be."""

    fault: str
    helper: str
    endpoint: Dialect
    first: Dialect
    then: Dialect
    prefill: bool

    @property
    def name(self) -> str:
        """What is tried."""
        speak = [SHOWN[each] for each in (self.endpoint, self.first, self.then)]
        how = "prefill" if self.prefill else "prompt"
        return " · ".join([f"{self.fault}, then one that {self.helper}", *speak, how])


async def rescues() -> list[Cell]:
    """Break streams off in every way, and let every sort of helper go on."""
    gate = asyncio.Semaphore(AT_ONCE)
    async with served() as daemon, asyncio.TaskGroup() as group:

        async def one(number: int, way: Way) -> Cell:
            async with gate:
                return await _mended(daemon, way, f"@r{number}")

        ways = [
            Way(fault=fault, helper=helper, endpoint=endpoint, first=first, then=then, prefill=able)
            for fault in BREAKS
            for helper in HELPERS
            for endpoint in SHOWN
            for first in (endpoint, OTHER[endpoint])
            for then in (endpoint, OTHER[endpoint])
            for able in (True, False)
            if able or "prefill" not in helper
        ]
        tasks = [group.create_task(one(number, way)) for number, way in enumerate(ways)]
    return [task.result() for task in tasks]


async def _mended(daemon: Faultd, way: Way, scope: str) -> Cell:
    helpers, whole = HELPERS[way.helper]
    url, more = daemon.base_url(), ABLE if way.prefill else {}
    places = [Place(model=way.fault + scope, dialect=way.first, url=url, more=more)]
    places += [
        Place(model=f"{name}{scope}-{place}", dialect=way.then, url=url, more=more)
        for place, name in enumerate(helpers)
    ]
    wish = Wish(dialect=way.endpoint, model=ALIAS, stream=True)
    async with standing(setup(places)) as stand:
        seen = await call(stand.port, wish, time.monotonic)
    attempts = sum(
        count.requests
        for name, count in daemon.tally
        if name.endswith(scope) or f"{scope}-" in name
    )
    flaws = seen.flaws + (_whole(seen) if whole else _told(seen))
    return cell("rescue", way.name, flaws, attempts=attempts, seconds=seen.seconds)


def _whole(seen: Seen) -> list[str]:
    return [] if is_good(seen) else [f"not whole: {seen.text[:90]!r} {seen.code}"]


def _told(seen: Seen) -> list[str]:
    """Return what is wrong where nobody could go on: the first failure must be told."""
    if is_good(seen):
        return []
    if seen.ended or seen.status != OK or len(seen.errors) != 1 or not TEXT.startswith(seen.text):
        return [f"neither whole nor one error: {seen.status} {seen.text[:90]!r} {seen.code}"]
    return [] if seen.code in LOST else [f"{seen.code} hides the first failure"]

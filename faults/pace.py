"""Targets that are out of room are not hammered; what nobody asked for reaches nobody."""

import asyncio
import time

from faults.cell import Cell, cell
from faults.config import ALIAS, Place, setup
from faults.matrix import OTHER, SHOWN, served

from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.act.framing import SMUGGLED
from switchgear.rehearsal.act.status import LIMITED
from switchgear.rehearsal.client import Wish, call
from switchgear.rehearsal.fault import Rhythm
from switchgear.rehearsal.faultd import Faultd
from switchgear.rehearsal.judge import is_good
from switchgear.rehearsal.seen import OK, Seen
from switchgear.rehearsal.stand import standing

SPAN_S, EVERY_S = 2.8, 0.2
MOST_TRIES = 2
"""In three seconds, at a target that is out of room."""
TURNS = 12
PAUSES_S = {
    "stray-bytes": (0.055, 0.06, 0.09, 0.3),
    "smuggled-response": (0.0, 0.02, 0.06, 0.3),
}
"""Between calls on one connection. Stray bytes come 0.05 s after an answer, when the connection is
idle: what comes after the next request has left is its answer to any HTTP/1.1 client."""


async def pace() -> list[Cell]:
    """Make a call every fifth of a second to a target that is out of room, in each form."""
    forms = [each.name for each in LIMITED if each.rhythm is Rhythm.ALWAYS]
    async with served() as daemon, asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_paced(daemon, name, endpoint, fallback=fallback))
            for name in forms
            for endpoint in SHOWN
            for fallback in (True, False)
        ]
    return [task.result() for task in tasks]


async def _paced(daemon: Faultd, name: str, endpoint: Dialect, *, fallback: bool) -> Cell:
    scope = f"@pace-{endpoint.value}-{fallback}"
    url = daemon.base_url()
    places = [Place(model=name + scope, dialect=endpoint, url=url)]
    if fallback:
        places.append(Place(model=f"healthy{scope}-{name}", dialect=endpoint, url=url))
    seen: list[Seen] = []
    began = time.monotonic()
    async with standing(setup(places)) as stand, asyncio.TaskGroup() as group:

        async def one(number: int) -> None:
            await asyncio.sleep(number * EVERY_S)
            wish = Wish(dialect=endpoint, model=ALIAS, stream=bool(number % 2), patience=6.0)
            seen.append(await call(stand.port, wish, time.monotonic))

        calls = [group.create_task(one(number)) for number in range(int(SPAN_S / EVERY_S))]
        await asyncio.sleep(SPAN_S)
        tries = daemon.tally.of(name + scope).requests
        await asyncio.gather(*calls)
    flaws = [] if tries <= MOST_TRIES else [f"{tries} tries within {SPAN_S:g} s"]
    bad = [each for each in seen if not is_good(each)]
    if fallback and bad:
        told = {f"{each.status} {each.code} {each.flaws} {each.text[:20]!r}" for each in bad}
        flaws.append(f"{len(bad)} calls were not answered: {'; '.join(sorted(told))}")
    if not fallback:
        flaws += _unworthy(seen)
    with_ = "fallback" if fallback else "alone"
    called = f"{name} · a call every {EVERY_S:g} s · {SHOWN[endpoint]} · {with_}"
    return cell("status", called, flaws, attempts=tries, seconds=time.monotonic() - began)


def _unworthy(seen: list[Seen]) -> list[str]:
    """Return what is wrong with refusals where nobody can answer."""
    refused = [each for each in seen if each.status != OK]
    unclean = [each for each in refused if len(each.errors) != 1 or each.flaws]
    silent = [each for each in refused if "retry-after" not in each.headers]
    found = [f"{len(unclean)} refusals were not clean: {unclean[0].flaws}"] if unclean else []
    return found + ([f"{len(silent)} refusals without Retry-After"] if silent else [])


async def stray() -> list[Cell]:
    """Use a target again and again that sends what nobody asked for, at different moments."""
    async with served() as daemon, asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(strayed(daemon, name, endpoint, speaks, pause))
            for name, pauses in PAUSES_S.items()
            for endpoint in SHOWN
            for speaks in (endpoint, OTHER[endpoint])
            for pause in pauses
        ]
    return [task.result() for task in tasks]


async def strayed(  # the columns of a table
    daemon: Faultd, name: str, endpoint: Dialect, speaks: Dialect, pause: float
) -> Cell:
    """Make calls, one after the other, with a pause between them."""
    model = f"{name}@stray-{endpoint.value}-{speaks.value}-{pause}"
    began = time.monotonic()
    seen = []
    async with standing(
        setup([Place(model=model, dialect=speaks, url=daemon.base_url())])
    ) as stand:
        for number in range(TURNS):
            wish = Wish(dialect=endpoint, model=ALIAS, stream=bool(number % 2))
            seen.append(await call(stand.port, wish, time.monotonic))
            await asyncio.sleep(pause)
    shown = [each for each in seen if SMUGGLED in each.text or SMUGGLED.encode() in each.raw]
    flaws = [f"{len(shown)} callers got an answer that nobody asked for"] if shown else []
    count = daemon.tally.of(model)
    if name == "smuggled-response" or pause > 0.1:
        flaws += (
            [f"{count.after_spoil} requests on spoilt connections"] if count.after_spoil else []
        )
    dialects = "same" if endpoint is speaks else "cross"
    called = f"{name} · {SHOWN[endpoint]} · {dialects} · {pause * 1000:g} ms between calls"
    seconds = time.monotonic() - began
    return cell("stray", called, flaws, attempts=count.requests, seconds=seconds)

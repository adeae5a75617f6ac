"""A provider that is down for a minute, and one that is slow for a minute; in real time."""

import asyncio
import os
import time

import msgspec
from faults.cell import Cell, cell
from faults.config import ALIAS, Place, setup
from faults.matrix import SHOWN, served

from switchgear.domain.dialect import Dialect
from switchgear.domain.units import Seconds
from switchgear.rehearsal.client import Wish, call
from switchgear.rehearsal.faultd import Faultd
from switchgear.rehearsal.judge import is_good
from switchgear.rehearsal.seen import Seen
from switchgear.rehearsal.stand import Stand, standing
from switchgear.rehearsal.weather import Spell

DOWN_S = float(os.environ.get("FAULTS_DOWN_S", "60"))
EVERY_S = 4.0
BACK_S = 30.0
"""After recovery, until the first target has its traffic back."""
USUAL = 30
"""Calls before, so that it is known how fast the target usually is."""
MOST_PROBES = 14
"""Requests at a target that is down: five until it is left alone, with a retry each, and probes."""
PATIENT = {"connect_s": 1, "first_s": 3, "between_s": 3, "whole_s": 6, "call_s": 30}


class Storm(msgspec.Struct, frozen=True, kw_only=True):
    """One cell to be."""

    name: str
    fault: str
    usually: str
    """What the target is before and after."""
    endpoint: Dialect
    slow: bool = False


STORMS = tuple(
    Storm(name=name, fault=fault, usually=usually, endpoint=endpoint, slow=fault == "slow-10")
    for endpoint in SHOWN
    for name, fault, usually in (
        ("answers 503", "503", "fair"),
        ("resets every connection", "reset-before-headers", "fair"),
        ("hangs", "hang-before-headers", "fair"),
        ("cuts its streams", "reset-mid-stream", "fair"),
        ("is out of room", "429", "fair"),
        ("is ten times slower", "slow-10", "slow-1"),
    )
)


async def minute() -> list[Cell]:
    """Let every storm pass over a gateway of its own, all at the same time."""
    async with served() as daemon, asyncio.TaskGroup() as group:
        tasks = [group.create_task(_pass(daemon, storm)) for storm in STORMS]
    return [task.result() for task in tasks]


async def _pass(daemon: Faultd, storm: Storm) -> Cell:
    scope = f"@{storm.endpoint.value}{storm.fault}"
    first = storm.usually + scope
    places = [
        Place(model=first, dialect=storm.endpoint, url=daemon.base_url()),
        Place(model="healthy" + scope, dialect=storm.endpoint, url=daemon.base_url()),
    ]
    async with standing(setup(places, patience=PATIENT)) as stand:
        for _ in range(USUAL):
            await _ask(stand, storm, f"before-{_}")
        before = daemon.tally.of(first).requests
        daemon.weather.change(
            Spell(model=first, fault=storm.fault, for_s=DOWN_S), Seconds(time.monotonic())
        )
        during = await _calls(stand, storm, DOWN_S)
        probes = daemon.tally.of(first).requests - before
        after = await _calls(stand, storm, BACK_S + EVERY_S)
        homes = await _ask(stand, storm, "home")
    return _judged(storm, during, after, (probes, homes))


async def _calls(stand: Stand, storm: Storm, span: float) -> list[Seen]:
    """Make a call every so often for so long; each is a user turn of one task."""
    end, found = time.monotonic() + span, []
    while time.monotonic() < end:
        due = time.monotonic() + EVERY_S
        found.append(await _ask(stand, storm, "task"))
        await asyncio.sleep(max(0.0, min(due, end) - time.monotonic()))
    return found


async def _ask(stand: Stand, storm: Storm, task: str) -> Seen:
    headers = {"x-switchgear-task": task}
    wish = Wish(dialect=storm.endpoint, model=ALIAS, stream=True, headers=headers)
    return await call(stand.port, wish, time.monotonic)


def _judged(storm: Storm, during: list[Seen], after: list[Seen], seen: tuple[int, Seen]) -> Cell:
    probes, home = seen
    flaws = []
    bad = [each for each in (*during, *after, home) if not is_good(each)]
    if bad:
        flaws.append(f"{len(bad)} of {len(during) + len(after)} calls were not answered")
    targets = [each.headers.get("x-switchgear-target", "") for each in after]
    back = next((place for place, name in enumerate(targets) if name == "t0"), None)
    if back is None:
        flaws.append(f"not back on the first target within {BACK_S:g} s")
    elif "t1" in targets[back:]:
        flaws.append("it went back to the second target after the recovery")
    if home.headers.get("x-switchgear-target") != "t0":
        flaws.append("a user turn after the recovery did not go home")
    if not storm.slow and probes > MOST_PROBES:
        flaws.append(f"{probes} requests at a target that was down, not {MOST_PROBES} at most")
    moved = sum(each.headers.get("x-switchgear-target") == "t1" for each in during)
    if storm.slow and not moved:
        flaws.append("the calls stayed with the slow target")
    slowest = max((each.seconds for each in during), default=0.0)
    back_s = "never" if back is None else f"{back * EVERY_S:g} to {(back + 1) * EVERY_S:g} s"
    note = (
        f"{len(during)} calls during, {moved} answered elsewhere from the start, {probes} requests"
        f" at the sick target, slowest {slowest:.1f} s; back after {back_s}"
    )
    found = cell(
        "outage",
        f"{storm.name} for {DOWN_S:g} s · {SHOWN[storm.endpoint]}",
        flaws,
        attempts=probes,
        seconds=slowest,
    )
    return found if flaws else msgspec.structs.replace(found, note=note)

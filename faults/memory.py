"""Answers made to fill the memory, against a gateway in a process of its own."""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from faults.cell import Cell, cell
from faults.config import ALIAS, Place, config
from faults.machine import peak_mb, peak_reset, rss_mb
from faults.matrix import OTHER, SHOWN, served
from faults.served import Served, serving

from switchgear.domain.decision import Rescue
from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.catalogue import find
from switchgear.rehearsal.client import Wish, call
from switchgear.rehearsal.fault import Form
from switchgear.rehearsal.faultd import Faultd
from switchgear.rehearsal.judge import Case, judge
from switchgear.rehearsal.seen import Seen

MOST_MB = 16.0
WARM = 20
"""Calls before, so that what a process takes once is not counted."""
TINY = f"tiny-events-{os.environ.get('FAULTS_TINY', '1000000')}"
LONGEST_S = 120.0
ENDLESS_S = 4.0
"""After which the caller leaves an answer that never ends."""
PATIENT = {"connect_s": 1, "first_s": 5, "between_s": 5, "whole_s": 20}


class Flood(msgspec.Struct, frozen=True, kw_only=True):
    """One cell to be."""

    fault: str
    endpoint: Dialect
    form: Form
    cross: bool
    rescue: Rescue = Rescue.CONTINUE

    @property
    def name(self) -> str:
        """What is tried."""
        dialects = "cross" if self.cross else "same"
        words = [self.fault, SHOWN[self.endpoint], self.form.value, dialects]
        return " · ".join([*words, *([self.rescue.value] if self.rescue is Rescue.HOLD else [])])


async def memory() -> list[Cell]:
    """Flood a gateway in every way, each with a process of its own."""
    async with served() as daemon:
        return [await _flooded(daemon, each) for each in floods()]


def floods() -> Iterator[Flood]:
    """Yield every flood."""
    for endpoint in SHOWN:
        for cross in (False, True):
            for fault in ("long-line-10", TINY):
                for rescue in (Rescue.CONTINUE, Rescue.HOLD):
                    yield Flood(
                        fault=fault, endpoint=endpoint, form=Form.STREAM, cross=cross, rescue=rescue
                    )
            yield Flood(fault="endless", endpoint=endpoint, form=Form.STREAM, cross=cross)
            for form in Form:
                for fault in ("bomb-1000", "big-head-100"):
                    yield Flood(fault=fault, endpoint=endpoint, form=form, cross=cross)


async def _flooded(daemon: Faultd, what: Flood) -> Cell:
    speaks = OTHER[what.endpoint] if what.cross else what.endpoint
    url, scope = daemon.base_url(), f"@{what.name.replace(' ', '')}"
    places = [
        Place(model=what.fault + scope, dialect=speaks, url=url),
        Place(model="healthy" + scope, dialect=speaks, url=url),
    ]
    content = config(places, rescue=what.rescue.value, patience=PATIENT)
    content["aliases"]["warm"] = {"targets": ["t1"]}
    with tempfile.TemporaryDirectory(prefix="switchgear-memory-") as folder:
        async with serving(Path(folder), content | {"ledger": {"durable": False}}) as gateway:
            for _ in range(WARM):
                await _ask(gateway, what, "warm", LONGEST_S)
            await asyncio.sleep(0.2)
            before = rss_mb(gateway.pid)
            peak_reset(gateway.pid)
            endless = what.fault == "endless"
            seen = await _ask(gateway, what, ALIAS, ENDLESS_S if endless else LONGEST_S)
            grown = peak_mb(gateway.pid) - before
    fault = find(what.fault)
    assert fault is not None, what.fault
    case = Case(fault=fault, form=what.form, fallback=True, most_s=LONGEST_S)
    flaws = [] if endless else judge(case, seen, daemon.tally.of(what.fault + scope).requests)
    if grown > MOST_MB:
        flaws.append(f"memory +{grown:.1f} MB")
    found = cell("memory", what.name, flaws, attempts=1, seconds=seen.seconds)
    said = f"memory +{grown:.1f} MB" + ("" if seen.ended else f"; ended with {seen.code or 'none'}")
    return found if flaws else msgspec.structs.replace(found, note=said)


async def _ask(gateway: Served, what: Flood, model: str, patience: float) -> Seen:
    wish = Wish(
        dialect=what.endpoint, model=model, stream=what.form is Form.STREAM, patience=patience
    )
    return await call(gateway.port, wish, time.monotonic)

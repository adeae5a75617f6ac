"""Every fault, on both endpoints, streaming and whole, in either dialect, with and without help."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import msgspec
from faults.cell import Cell, cell
from faults.config import ALIAS, Place, setup

from switchgear.adapters.clock import SystemClock
from switchgear.domain.decision import Rescue
from switchgear.domain.dialect import Dialect
from switchgear.ports.ledger import Query
from switchgear.rehearsal.act import answer, framing, line, nonsense, status
from switchgear.rehearsal.client import Wish, call
from switchgear.rehearsal.fault import Expect, Fault, Form
from switchgear.rehearsal.faultd import Faultd
from switchgear.rehearsal.judge import Case, judge
from switchgear.rehearsal.stand import Stand, standing

AT_ONCE = 12
"""Cells under way at the same time."""
STRAYED_S = 0.15
"""Until what nobody asked for has arrived."""
OTHER = {
    Dialect.OPENAI_CHAT: Dialect.ANTHROPIC_MESSAGES,
    Dialect.ANTHROPIC_MESSAGES: Dialect.OPENAI_CHAT,
}
SHOWN = {Dialect.OPENAI_CHAT: "chat", Dialect.ANTHROPIC_MESSAGES: "messages"}
LIMITED_TRIES = 2
"""At a target that is out of room, for one call."""


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One cell to be."""

    row: str
    fault: Fault
    endpoint: Dialect
    form: Form
    dialects: str
    """``same``: all targets speak the caller's; ``cross``: none does; ``mixed``: only the first."""
    fallback: bool
    rescue: Rescue

    @property
    def name(self) -> str:
        """What is tried, the fault first."""
        help_ = "fallback" if self.fallback else "alone"
        words = [self.fault.name, SHOWN[self.endpoint], self.form.value, self.dialects, help_]
        if self.rescue is not Rescue.CONTINUE:
            words.append(self.rescue.value)
        return " · ".join(words)

    @property
    def speaks(self) -> tuple[Dialect, Dialect]:
        """The dialects of the first target and of the second."""
        mine, other = self.endpoint, OTHER[self.endpoint]
        return {"same": (mine, mine), "cross": (other, other), "mixed": (mine, other)}[
            self.dialects
        ]


async def connection() -> list[Cell]:
    """Try connections that break, hang or trickle."""
    return await matrix("connection", (*answer.ROWS, *line.ROWS))


async def refusals() -> list[Cell]:
    """Try providers that say no."""
    return await matrix("status", status.ROWS)


async def rubbish() -> list[Cell]:
    """Try answers that are none."""
    return await matrix("nonsense", (*nonsense.ROWS, *framing.ROWS))


async def matrix(row: str, faults: Sequence[Fault], at_once: int = AT_ONCE) -> list[Cell]:
    """Try these faults in every way there is."""
    tries = [each for fault in faults for each in ways(row, fault)]
    gate = asyncio.Semaphore(at_once)
    async with served() as daemon, asyncio.TaskGroup() as group:

        async def one(number: int, what: Try) -> Cell:
            async with gate:
                return await attempt(daemon, what, f"c{number}")

        tasks = [group.create_task(one(number, what)) for number, what in enumerate(tries)]
    return [task.result() for task in tasks]


def ways(row: str, fault: Fault) -> Iterator[Try]:
    """Yield every way to try a fault."""
    for endpoint in SHOWN:
        for form in Form:
            if form not in fault.forms:
                continue
            rescued = form is Form.STREAM and fault.expect is Expect.RESCUE
            for dialects, fallback in (
                ("same", True),
                ("same", False),
                ("cross", True),
                ("cross", False),
                ("mixed", True),
            ):
                for rescue in Rescue if rescued else (Rescue.CONTINUE,):
                    yield Try(
                        row=row,
                        fault=fault,
                        endpoint=endpoint,
                        form=form,
                        dialects=dialects,
                        fallback=fallback,
                        rescue=rescue,
                    )


@asynccontextmanager
async def served() -> AsyncIterator[Faultd]:
    """Yield a scripted upstream that is being served."""
    daemon = Faultd(SystemClock().now)
    await daemon.start()
    try:
        yield daemon
    finally:
        await daemon.stop()


async def attempt(daemon: Faultd, what: Try, scope: str) -> Cell:
    """Try one way, with a gateway of its own."""
    first = f"{what.fault.name}@{scope}"
    mine, other = what.speaks
    places = [Place(model=first, dialect=mine, url=daemon.base_url(first))]
    if what.fallback:
        places.append(Place(model=f"healthy@{scope}", dialect=other, url=daemon.base_url()))
    wish = Wish(dialect=what.endpoint, model=ALIAS, stream=what.form is Form.STREAM)
    async with standing(setup(places, rescue=what.rescue.value)) as stand:
        before = 0
        if what.fault.warm:
            await call(stand.port, wish, time.monotonic)
            before = daemon.tally.total(f"@{scope}").requests
        seen = await call(stand.port, wish, time.monotonic)
        attempts = daemon.tally.total(f"@{scope}").requests - before
        flaws = judge(_case(what), seen, attempts)
        flaws += await _booked(stand, 2 if what.fault.warm else 1)
        if what.fault.spoils:
            await asyncio.sleep(STRAYED_S)
            after = await call(stand.port, wish, time.monotonic)
            flaws += [each for each in judge(_case(what), after, 0) if "nobody asked" in each]
            if daemon.tally.of(first).after_spoil:
                flaws.append("the connection was used again")
    return cell(what.row, what.name, flaws, attempts=attempts, seconds=seen.seconds)


def _case(what: Try) -> Case:
    limited = what.fault.argument == "429" or what.fault.name.startswith("429")
    alone = LIMITED_TRIES if limited or what.fault.expect is not Expect.RESCUE else 3
    return Case(
        fault=what.fault,
        form=what.form,
        fallback=what.fallback,
        rescue=what.rescue,
        most_attempts=alone + 2 * what.fallback,
        most_s=8.0,
    )


async def _booked(stand: Stand, calls: int) -> list[str]:
    """Return what is wrong with the ledger: each call has one row."""
    rows = len(await stand.running.house.outside.ledger.list(Query()))
    return [] if rows == calls else [f"{rows} rows on the ledger for {calls} calls"]

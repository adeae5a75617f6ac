"""A simulation: one call in thirty is many times slower than usual; with hedges and without.

The real pipeline runs on virtual time, with two like targets whose latencies are drawn. Nothing is
measured of this machine. Prints one JSON object; its argument is the number of rounds.
"""

import asyncio
import json
import random
import sys
from collections.abc import Iterator

import msgspec
from typing_extensions import override

from support.cast import AUTO, SMALL, policy
from support.stage import Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import Act, Says, ScriptedUpstream
from switchgear.domain.attempt import Role
from switchgear.domain.units import Seconds
from switchgear.engine.temper import Temper
from switchgear.ports.handler import Trail
from switchgear.ports.upstream import Order

CALLS, WARM = 4000, 400
"""Counted, and before them, so that the p95 is known."""
PER_SECOND = 20.0
MEDIAN_S, SPREAD = 0.5, 0.3
"""Of the usual time to the first content, log-normal."""
TAIL, TAIL_FACTOR = 1 / 30, (8.0, 40.0)
"""Share of calls that take so many times as long."""


def latencies(seed: int) -> Iterator[Seconds]:
    """Yield times to the first content."""
    draw = random.Random(seed)  # noqa: S311  (a simulation)
    while True:
        usual = draw.lognormvariate(0.0, SPREAD) * MEDIAN_S
        slow = draw.random() < TAIL
        yield Seconds(usual * draw.uniform(*TAIL_FACTOR) if slow else usual)


class Drawn(ScriptedUpstream):
    """Answers after a time that is drawn."""

    def __init__(self, seed: int) -> None:
        """Draw from the row of this seed."""
        super().__init__({"one": Says("hi"), "two": Says("hi")})
        self._latencies = latencies(seed)

    @override
    def enter(self, order: Order) -> Act:
        super().enter(order)
        return Says("hi", after=next(self._latencies))


def simulate(seed: int, *, hedge: bool) -> tuple[list[float], float]:
    """Return the time of each call to its first content, and the share of attempts that are more.

    Both runs of a seed draw from the same row of latencies.
    """
    targets = [msgspec.structs.replace(SMALL, id=name) for name in ("one", "two")]
    alias = msgspec.structs.replace(AUTO, targets=("one", "two"), stands_for="", hedge=hedge)
    rules = policy(targets, aliases={"auto": alias})
    stage = Stage({}, rules, Scenery(slots=10_000, upstream=Drawn(seed)))
    stage.health.expect(targets, Temper())
    return run(_life(stage, seed))


async def _life(stage: Stage, seed: int) -> tuple[list[float], float]:
    draw = random.Random(seed)  # noqa: S311  (a simulation)
    loop = asyncio.get_running_loop()
    took: dict[int, float] = {}

    async def one(number: int) -> None:
        began = loop.time()
        call = msgspec.structs.replace(a_call(f"c{number}"), began=Seconds(began))
        reply = await stage.handler(call, Trail())
        took[number] = loop.time() - began
        async for _ in reply.pieces:
            pass
        reply.close()

    async with asyncio.TaskGroup() as group:
        for number in range(WARM + CALLS):
            group.create_task(one(number))
            await asyncio.sleep(draw.expovariate(PER_SECOND))
    await stage.nursery.aclose()
    rows = [stage.memory.entries[f"c{number}"] for number in range(WARM, WARM + CALLS)]
    hedges = sum(each.role is Role.HEDGE for row in rows for each in row.attempts)
    return [took[number] for number in range(WARM, WARM + CALLS)], hedges / CALLS


def quantile(values: list[float], share: float) -> float:
    """Return the value below which this share lies."""
    return sorted(values)[int(share * len(values))]


def main() -> None:
    """Print the figures, a round for each seed."""
    found: dict[str, list[float]] = {
        "hedge_p99_cut_percent": [],
        "hedge_more_calls_percent": [],
        "hedge_p99_with_s": [],
        "hedge_p99_without_s": [],
    }
    for seed in range(int(sys.argv[1])):
        plain, _ = simulate(seed, hedge=False)
        hedged, more = simulate(seed, hedge=True)
        without, with_it = quantile(plain, 0.99), quantile(hedged, 0.99)
        found["hedge_p99_without_s"].append(without)
        found["hedge_p99_with_s"].append(with_it)
        found["hedge_p99_cut_percent"].append(100 * (1 - with_it / without))
        found["hedge_more_calls_percent"].append(100 * more)
    print(json.dumps(found))


if __name__ == "__main__":
    main()

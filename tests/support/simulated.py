"""A simulated provider for one test, on a port of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx

from switchgear.demo.mind import Mind
from switchgear.demo.outage import Ambush, Outage
from switchgear.demo.provider import Seat, SimulatedProvider
from switchgear.demo.sample import read_packaged
from switchgear.domain.dialect import Dialect
from switchgear.domain.units import Seconds

Value = TypeVar("Value")
SAMPLE = read_packaged()


def on_stage(
    scene: Callable[[SimulatedProvider], Awaitable[Value]],
    *,
    dialect: Dialect = Dialect.OPENAI_CHAT,
    outage: Outage | None = None,
    ambush: Ambush | None = None,
) -> Value:
    """Run a scene with a provider that replays the small model."""

    async def life() -> Value:
        seat = Seat(
            name="sim",
            dialect=dialect,
            model="sim-small",
            first=Seconds(0.001),
            token=Seconds(0),
            outage=outage,
        )
        provider = SimulatedProvider(seat, Mind(SAMPLE, 0), ambush)
        await provider.start()
        try:
            return await scene(provider)
        finally:
            await provider.stop()

    return asyncio.run(life())


def port_of(provider: SimulatedProvider) -> int:
    return httpx.URL(provider.base_url).port or 0

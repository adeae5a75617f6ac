import asyncio

import pytest

from support.rehearsal import served
from switchgear.adapters.clock import SystemClock
from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.client import Wish, call
from switchgear.rehearsal.judge import is_good

NOW = SystemClock().now

CUT = ("reset-mid-stream", "close-mid-stream", "content-length-long", "reset-before-headers")


@pytest.mark.parametrize("model", [*CUT, "html", "malformed-json", "hang-before-headers"])
def test_whatever_comes_it_is_a_flaw_and_no_exception(model: str) -> None:
    async def life() -> None:
        async with served() as daemon:
            for stream in (True, False):
                wish = Wish(
                    dialect=Dialect.ANTHROPIC_MESSAGES, model=model, stream=stream, patience=0.3
                )
                seen = await call(daemon.port, wish, NOW)
                assert seen.flaws
                assert not is_good(seen)

    asyncio.run(life())


def test_nobody_there_is_a_flaw() -> None:
    async def life() -> None:
        async with served() as daemon:
            port = int(daemon.base_url("refused").rpartition(":")[2].partition("/")[0])
            wish = Wish(dialect=Dialect.OPENAI_CHAT, model="healthy", stream=True)
            assert (await call(port, wish, NOW)).flaws

    asyncio.run(life())

import asyncio

from faults.config import ALIAS, Place, setup

from support.rehearsal import served
from switchgear.adapters.clock import SystemClock
from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.client import Wish, call
from switchgear.rehearsal.judge import is_good
from switchgear.rehearsal.stand import standing

NOW = SystemClock().now


def test_a_gateway_stands_on_a_socket_and_leaves_nothing_behind() -> None:
    async def life() -> None:
        async with served() as daemon:
            before = asyncio.all_tasks()
            place = Place(model="healthy@s", url=daemon.base_url())
            async with standing(setup([place])) as stand:
                wish = Wish(dialect=Dialect.OPENAI_CHAT, model=ALIAS, stream=True)
                assert is_good(await call(stand.port, wish, NOW))
            after = {each for each in asyncio.all_tasks() if "_welcome" not in repr(each)}
            assert after <= before
            assert (await call(stand.port, wish, NOW)).flaws

    asyncio.run(life())

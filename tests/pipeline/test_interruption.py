"""An error that ends what a task waits for."""

import asyncio
from contextlib import suppress

import pytest

from switchgear.domain.denial import OverBudget, Stopped
from switchgear.pipeline.interruption import Interruption


async def wait_for_ever(*, hidden: bool = False) -> None:
    with Interruption() as wait:
        asyncio.get_running_loop().call_soon(wait.cut, Stopped())
        with suppress(asyncio.CancelledError if hidden else KeyError):
            await asyncio.Event().wait()


def test_a_wait_that_is_cut_ends_with_the_error_and_its_task_goes_on() -> None:
    async def life() -> str:
        with pytest.raises(Stopped):
            await wait_for_ever()
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
        await asyncio.sleep(0)
        return "went on"

    assert asyncio.run(life()) == "went on"


def test_a_wait_that_is_over_is_not_cut_any_more() -> None:
    async def life() -> None:
        with Interruption() as wait:
            await asyncio.sleep(0)
        wait.cut(Stopped())
        await asyncio.sleep(0)

    asyncio.run(life())


def test_the_cut_counts_also_where_the_wait_hides_it() -> None:
    async def life() -> None:
        with pytest.raises(Stopped):
            await wait_for_ever(hidden=True)

    asyncio.run(life())


@pytest.mark.parametrize("cancelled_first", [True, False])
def test_somebody_elses_cancellation_stays_one(*, cancelled_first: bool) -> None:
    async def waits(begun: asyncio.Future[Interruption]) -> None:
        with Interruption() as wait:
            begun.set_result(wait)
            await asyncio.Event().wait()

    async def life() -> None:
        begun: asyncio.Future[Interruption] = asyncio.get_running_loop().create_future()
        task = asyncio.get_running_loop().create_task(waits(begun))
        wait = await begun
        if cancelled_first:
            task.cancel()
            wait.cut(Stopped())
        else:
            wait.cut(Stopped())
            task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()

    asyncio.run(life())


def test_an_error_of_the_waits_own_is_not_hidden() -> None:
    async def fail() -> None:
        with Interruption() as wait:
            asyncio.get_running_loop().call_soon(wait.cut, Stopped())
            try:
                await asyncio.Event().wait()
            finally:
                raise OverBudget

    async def life() -> None:
        with pytest.raises(OverBudget):
            await fail()

    asyncio.run(life())

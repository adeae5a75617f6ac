import asyncio

from switchgear.domain.units import Seconds
from switchgear.ports.nursery import Nursery, called_off


def test_work_goes_on_when_the_task_that_began_it_is_cancelled() -> None:
    async def life() -> None:
        nursery, gate, done = Nursery(), asyncio.Event(), list[str]()

        async def work() -> None:
            await gate.wait()
            done.append("written")

        async def caller() -> None:
            nursery.spawn(work())
            await asyncio.Event().wait()

        async with asyncio.TaskGroup() as tasks:
            calling = tasks.create_task(caller())
            await asyncio.sleep(0)
            calling.cancel()
        gate.set()
        await nursery.aclose()
        assert done == ["written"]

    asyncio.run(life())


def test_closing_waits_also_for_what_the_work_spawns() -> None:
    async def life() -> None:
        nursery, done = Nursery(), list[str]()

        async def inner() -> None:
            await asyncio.sleep(0)
            done.append("inner")

        async def outer() -> None:
            await asyncio.sleep(0)
            nursery.spawn(inner())

        nursery.spawn(outer())
        await nursery.aclose()
        assert done == ["inner"]

    asyncio.run(life())


def test_what_outlasts_the_grace_is_cancelled_and_awaited() -> None:
    async def life() -> None:
        nursery, ended = Nursery(), list[str]()

        async def work() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("cleaned up")

        task = nursery.spawn(work())
        await asyncio.sleep(0)
        await nursery.aclose(Seconds(0.0))
        assert task.cancelled()
        assert ended == ["cleaned up"]

    asyncio.run(life())


def test_work_that_fails_is_reported_and_harms_nothing_else() -> None:
    async def life() -> None:
        nursery, reports = Nursery(), list[object]()
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: reports.append(context["exception"])
        )
        error = ValueError("broken")

        async def fails() -> None:
            raise error

        nursery.spawn(fails())
        await nursery.aclose()
        assert reports == [error]

    asyncio.run(life())


def test_work_that_is_called_off_is_over_when_that_returns() -> None:
    async def life() -> None:
        nursery, steps = Nursery(), list[str]()

        async def work() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                steps.append("let go")

        task = nursery.spawn(work())
        await asyncio.sleep(0)
        await called_off(task)
        assert (task.cancelled(), steps) == (True, ["let go"])
        await called_off(task)
        await called_off(None)
        await nursery.aclose()

    asyncio.run(life())

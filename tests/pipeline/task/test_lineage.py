"""The way back through the ledger and the logs."""

import asyncio
from collections.abc import Sequence

from support.ancestry import call, log_of
from switchgear.domain.context import Line
from switchgear.domain.entry import Entry
from switchgear.domain.target import Sensitivity
from switchgear.pipeline.task.lineage import MOST_ROUNDS, followed


def test_it_goes_from_task_to_task_and_looks_up_each_thing_once() -> None:
    logs = {
        "tk_1": log_of({"key": "b", "decision": "sg_child"}),
        "tk_2": log_of({"key": "a", "decision": "sg_first"}),
    }
    calls = {
        "sg_child": call("sg_child", ("a", 1), task="tk_2", step=2),
        "sg_first": call("sg_first", task="tk_2"),
    }
    asked: list[str] = []

    async def known(name: str) -> Entry | None:
        asked.append(name)
        return calls.get(name)

    async def log(name: str) -> Sequence[Line]:
        asked.append(name)
        return logs[name]

    async def life() -> None:
        last = call("sg_last", ("b", 1), step=3)
        found = await followed(last, known, log, Sensitivity.PUBLIC)
        assert asked == ["tk_1", "sg_child", "tk_2", "sg_first"]
        child = found.given[0].call
        assert child is not None
        assert (child.task, child.given[0].key) == ("tk_2", "a")
        first = child.given[0].call
        assert first is not None
        assert (first.decision, first.given) == ("sg_first", ())

    asyncio.run(life())


def test_it_comes_to_an_end_however_long_the_way_is() -> None:
    rounds = 0

    async def known(name: str) -> Entry:
        return call(name, ("a", 1), task=f"of-{name}")

    async def log(name: str) -> Sequence[Line]:
        nonlocal rounds
        rounds += 1
        return log_of({"key": "a", "decision": f"sg_{rounds}", "agent": name})

    asyncio.run(followed(call("sg_0", ("a", 1)), known, log, Sensitivity.PUBLIC))
    assert 5 < rounds <= MOST_ROUNDS

"""Where nobody hangs in, all is let by."""

import asyncio

from switchgear.domain.task import Task
from switchgear.domain.units import UnixMs
from switchgear.pipeline.task.hook import anybody, nobody
from switchgear.pipeline.task.live import Live


def test_where_nobody_asks_any_task_may_begin_and_nobody_is_told() -> None:
    task = Task(id="tk_a", opened=UnixMs(1))
    before = fields_of(task)
    asyncio.run(anybody(Live(task), "tk_b"))
    nobody(task)
    assert fields_of(task) == before


def fields_of(task: Task) -> tuple[object, ...]:
    return tuple(getattr(task, name) for name in Task.__struct_fields__)

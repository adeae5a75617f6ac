"""The final answer of a task that goes in circles."""

import asyncio

from support.stage import a_call
from switchgear.domain.event import Finished, Opened, TextDelta
from switchgear.domain.task import Status, Task
from switchgear.domain.units import UnixMs
from switchgear.pipeline.task.final import final_reply

STOPPED = Task(id="tk_1", opened=UnixMs(0), status=Status.STOPPED, why="look, 9 times")


def test_it_is_one_whole_answer_in_events_of_nobodys_dialect_that_costs_nothing() -> None:
    async def life() -> None:
        reply = final_reply(a_call("sg_1"), STOPPED)
        (piece,) = [piece async for piece in reply.pieces]
        assert (reply.head.dialect, reply.head.target, reply.head.cost) == (None, "", None)
        assert piece.raw is None
        opened, words, end = piece.seen
        assert isinstance(opened, Opened)
        assert isinstance(words, TextDelta)
        assert isinstance(end, Finished)
        assert "was stopped by the gateway" in words.text
        assert "look, 9 times" in words.text
        assert end.usage is not None
        assert (end.usage.input, end.usage.output) == (0, 0)
        reply.close()

    asyncio.run(life())

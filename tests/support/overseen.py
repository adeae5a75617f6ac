"""A pipeline under the layer of tasks, with scripted targets and time that leaps."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from support.stage import LoopClock, Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.chance import SystemChance
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.adapters.recollections.memory import MemoryRecollections
from switchgear.adapters.recollections.shelf import Bounds
from switchgear.adapters.upstreams.scripted import Script
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key, Wishes
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.entry import Entry
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.looping import Looping
from switchgear.domain.turn import Part, Role, Text, ToolResult, ToolUse, Turn
from switchgear.domain.units import Seconds
from switchgear.engine.policy import Policy
from switchgear.engine.task import task_id
from switchgear.pipeline.limit import limit
from switchgear.pipeline.record import record
from switchgear.pipeline.stack import stack
from switchgear.pipeline.task.halting import Halting
from switchgear.pipeline.task.identity import Finder
from switchgear.pipeline.task.layer import Oversight, known, supervise
from switchgear.pipeline.task.live import Live
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.ticket import Tickets
from switchgear.ports.handler import Handler, Reply, Trail
from switchgear.ports.papers import Papers

KEY = "k1"
JOB = task_id(KEY, "job")
GO = Turn(Role.USER, (Text("Go."),))


class Overseen:
    """One gateway's pipeline, whose tasks are watched."""

    def __init__(
        self,
        scripts: Mapping[str, Script],
        looping: Looping = Looping(),  # noqa: B008  (frozen)
        rules: Policy | None = None,
        papers: Papers | None = None,
    ) -> None:
        self.scripts = dict(scripts)
        self.stage = Stage(self.scripts, rules, Scenery(slots=9))
        self.papers = papers or MemoryPapers()
        clock = LoopClock()
        self.tasks = Tasks(self.papers, clock, self.stage.nursery)
        self.tickets = Tickets(self.papers, self.tasks, clock, SystemChance())
        self.finder = Finder(self.tasks)
        oversight = Oversight(
            tasks=self.tasks,
            finder=self.finder,
            halting=Halting(self.tasks, self.tickets, self.stage.nursery),
            kept=MemoryRecollections(Bounds(most_bytes=1_000_000, span=Seconds(60)), clock),
            looping=looping,
            targets=self.stage.setup.policy.targets,
        )
        outer, inner = record(self.stage.desk), limit(self.stage.slots)
        self.handler = stack([outer, supervise(oversight), inner], self.stage.router)
        self.aside = stack([outer, known(self.finder), inner], self.stage.router)
        self.count = 0

    @property
    def live(self) -> Live:
        found = self.tasks.known(JOB)
        assert found is not None
        return found

    async def ask(
        self, *turns: Turn, handler: Handler | None = None, **wishes: Any
    ) -> tuple[str, str]:
        """Send a call of the job; return who answered, or the code of the error; and its rung."""
        self.count += 1
        name = f"c{self.count}"
        try:
            await read(await (handler or self.handler)(a_step(name, *turns, **wishes), Trail()))
        except SwitchgearError as error:
            return error.code, self.row.rung
        return self.row.target, self.row.rung

    @property
    def row(self) -> Entry:
        """The last call's."""
        return self.stage.entry(f"c{self.count}")

    async def aclose(self) -> None:
        await self.tasks.aclose()
        await self.stage.nursery.aclose(Seconds(1.0))


async def read(reply: Reply) -> None:
    try:
        async for _ in reply.pieces:
            pass
    finally:
        reply.close()


def a_step(name: str, *turns: Turn, endpoint: Endpoint = Endpoint.ANSWER, **wishes: Any) -> Call:
    """A call of the job; without turns its first."""
    caller = Caller(key=Key(id=KEY), wishes=Wishes(**{"task": "job", **wishes}))
    plain = a_call(name, caller=caller)
    talk = msgspec.structs.replace(plain.body.conversation, turns=turns or (GO,))
    body = msgspec.structs.replace(plain.body, conversation=talk)  # type: ignore[type-var]  # a test's body
    return msgspec.structs.replace(plain, body=body, endpoint=endpoint)


def looks(times: int, *, result: str = "nothing here", human: str = "Go.") -> tuple[Turn, ...]:
    """A conversation in which the same was looked at so often, with the same result."""
    turns = [Turn(Role.USER, (Text(human),))]
    for number in range(times):
        asked: Part = ToolUse(id=f"call-{number}", name="look", arguments='{"at":"here"}')
        turns.append(Turn(Role.ASSISTANT, (asked,)))
        turns.append(Turn(Role.USER, (ToolResult(id=f"call-{number}", parts=(Text(result),)),)))
    return tuple(turns)


def lived(
    life: Callable[[Overseen], Awaitable[None]], scripts: Mapping[str, Script], **more: object
) -> None:
    async def whole() -> None:
        scene = Overseen(scripts, **more)  # type: ignore[arg-type]  # a test's shorthand
        await life(scene)
        await scene.aclose()

    run(whole())

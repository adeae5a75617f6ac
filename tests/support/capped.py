"""A stage where tasks have caps: each call says which task it is of, as the layer before would."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec
import pytest
from typing_extensions import override

from support.cast import SMALL, policy
from support.funded import NO_SETUP, Funded
from support.stage import LoopClock, Scenery, TestBody, a_call
from switchgear.adapters.chance import SeededChance
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.adapters.upstreams.scripted import Says, Script
from switchgear.config.setup import Setup, Supervision
from switchgear.domain.account import Account, Payer, Window
from switchgear.domain.call import Call
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.mandate import Mandate
from switchgear.domain.task import AtCap, Caps, Identity, Status, Task
from switchgear.domain.turn import Tool
from switchgear.domain.units import UnixMs
from switchgear.engine.policy import Policy
from switchgear.engine.task import account_name
from switchgear.pipeline.record import record
from switchgear.pipeline.stack import stack
from switchgear.pipeline.task.bursar import Bursar
from switchgear.pipeline.task.cap import Treasury, cap
from switchgear.pipeline.task.live import Live
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.ticket import Tickets
from switchgear.ports.handler import Reply, Trail
from switchgear.ports.papers import Write, Written

WORK = "tk_work"
TOOLS = (Tool(name="look"),)


def owners(**said: object) -> Caps:
    """Return what an owner lets each task use."""
    return Caps(**{"at_cap": AtCap.STOP, **said})  # type: ignore[arg-type]  # a test's shorthand


def a_step(name: str, task: str = WORK, *, tools: bool = False, output: int = 10) -> Call:
    """Return one call of a task; it allows so much output."""
    call = a_call(name)
    talk = msgspec.structs.replace(
        call.body.conversation, max_output=output, tools=TOOLS if tools else ()
    )
    mandate = Mandate(identity=Identity(task=task, confidence=1.0), step=1)
    return msgspec.structs.replace(call, body=TestBody(conversation=talk), mandate=mandate)


class SlowPapers(MemoryPapers):
    """Takes a moment to write, as a database does."""

    wait = 0.0

    @override
    async def write(self, writes: Sequence[Write]) -> Written:
        if self.wait:
            await asyncio.sleep(self.wait)
        return await super().write(writes)


class Capped(Funded):
    """One gateway that holds the caps of tasks."""

    def __init__(
        self,
        scripts: Mapping[str, Script],
        rules: Policy | None = None,
        around: Scenery = Scenery(slots=1000),  # noqa: B008  (frozen)
        setup: Setup = NO_SETUP,
        tasks: Supervision = Supervision(),  # noqa: B008  (frozen)
    ) -> None:
        super().__init__(scripts, rules, around, setup)
        clock = LoopClock()
        self.papers = SlowPapers()
        self.tasks = Tasks(self.papers, clock, self.clerks)
        self.tickets = Tickets(self.papers, self.tasks, clock, SeededChance())
        self.bursar = Bursar(self.tasks, self.budgets, clock)
        self.bursar.settings = tasks
        targets = self.setup.policy.targets
        treasury = Treasury(
            bursar=self.bursar,
            tasks=self.tasks,
            tickets=self.tickets,
            clock=clock,
            nursery=self.clerks,
            settings=tasks,
            tool=next((each for each in targets if each.id == tasks.tool), None),
        )
        self.handler = stack([record(self.desk), cap(treasury)], self.router)

    async def open(self, name: str = WORK, **said: object) -> Live:
        """Open a task, below another where that is said."""
        task = msgspec.structs.replace(
            Task(id=name, opened=UnixMs(0)),
            **said,
        )
        return await self.tasks.open(task)

    async def child(self, name: str, of: Live, caps: Caps) -> Live:
        """Open a task below another that is let in."""
        await self.bursar.admit(of, name, caps)
        above = (of.task.id, *of.task.ancestors)
        return await self.open(name, parent=of.task.id, ancestors=above, caps=caps)

    async def ask(self, call: Call) -> str:
        """Make a call to its end; return the code of its error, empty where it was answered."""
        try:
            reply = await self.handler(call, Trail())
        except SwitchgearError as error:
            return error.code
        return await read(reply)

    async def all(self, calls: Sequence[Call]) -> list[str]:
        """Make calls at the same time; return their codes."""
        return list(await asyncio.gather(*[self.ask(each) for each in calls]))

    def account(self, live: Live) -> Account:
        """Return a task's account."""
        return Account(Payer.TASK, account_name(live.task), Window.TOTAL)


def status(live: Live) -> Status:
    """Return how a task stands now, whatever it was before."""
    return live.task.status


async def read(reply: Reply) -> str:
    """Read a reply to its end; return the code of its error, empty for none."""
    try:
        async for _ in reply.pieces:
            pass
    except SwitchgearError as error:
        return error.code
    finally:
        reply.close()
    return ""


ONE = policy([SMALL])
FINE = Says("hi there")
STEPS = 37


def stage(caps: Caps, **said: object) -> Capped:
    """Return one with a target that answers."""
    tasks = Supervision(caps=caps, **said)  # type: ignore[arg-type]  # a test's shorthand
    return Capped({"small": FINE}, ONE, tasks=tasks)


async def refused(there: Capped, name: str, **said: object) -> SwitchgearError:
    """Return why a call is refused."""
    with pytest.raises(SwitchgearError) as caught:
        await there.handler(a_step(name, **said), Trail())  # type: ignore[arg-type]  # as above
    return caught.value


def names(count: int) -> list[str]:
    """Return ids of so many calls."""
    return [f"c{number}" for number in range(count)]

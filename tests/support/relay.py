"""Hand-offs with all that they stand on: one process over a store that others may share."""

from itertools import count
from typing import Any

import msgspec

from support.asked import HandClock
from support.commons import Commons
from support.stage import a_call
from switchgear.adapters.budgets.memory import MemoryBudgets
from switchgear.adapters.chance import SystemChance
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Append, Mend
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import UpstreamLost
from switchgear.domain.event import Finished, Stop, TextDelta, Usage
from switchgear.domain.handoff import Handoff, Wish
from switchgear.domain.mandate import Mandate
from switchgear.domain.piece import Piece
from switchgear.domain.task import Identity
from switchgear.domain.turn import Conversation, Role, Text, ToolResult, ToolUse, Turn
from switchgear.domain.units import Seconds, Tokens
from switchgear.pipeline.task.bursar import Bursar
from switchgear.pipeline.task.friction import Frictions
from switchgear.pipeline.task.handing import Giver, hand
from switchgear.pipeline.task.handoff import Handoffs, Stand
from switchgear.ports.handler import Head, Reply, Trail
from switchgear.ports.papers import Papers

HEAD = Head(target="t", model="m", dialect=None, stream=False, tier="mid", reason="", attempts=1)
KEY = Key(id="k")
TASK_ID = "tk_" + "1" * 26

HI = Turn(Role.USER, (Text("hi"),))
USAGE = Usage(input=Tokens(100), output=Tokens(5))
IDS = count(1)


def looked(*names: str, by: str = "c") -> tuple[Turn, ...]:
    """A conversation in which a tool was asked for each of these, and said something to it."""
    turns = [HI]
    for number, name in enumerate(names):
        use = ToolUse(id=f"{by}{number}", name="look", arguments=f'{{"q":"{name}"}}')
        result = ToolResult(id=use.id, parts=(Text(f"{name} it is"),))
        turns += [Turn(Role.ASSISTANT, (use,)), Turn(Role.USER, (result,))]
    return tuple(turns)


class Body:
    """A request that is only a conversation."""

    dialect = Dialect.OPENAI_CHAT
    raw = b"{}"
    model = "m"
    stream = False

    def __init__(self, turns: tuple[Turn, ...]) -> None:
        self.conversation = Conversation(model="m", turns=turns)

    def require_limit(self) -> None:
        pass


class Relay:
    """One process."""

    def __init__(self, papers: Papers, clock: HandClock | None = None) -> None:
        self.commons = Commons(papers, clock)
        self.clock, self.tasks = self.commons.clock, self.commons.tasks
        self.nursery, self.ledger = self.commons.nursery, self.commons.ledger
        budgets = MemoryBudgets(self.clock)
        self.handoffs = Handoffs(
            Stand(
                tasks=self.tasks,
                contexts=self.commons.contexts,
                bursar=Bursar(self.tasks, budgets, self.clock),
                papers=papers,
                ledger=self.ledger,
                clock=self.clock,
                chance=SystemChance(),
            )
        )
        self.witness = self.handoffs.witness
        self.frictions = Frictions(self.witness, papers, self.clock)
        self.breaks = False
        """The target breaks off instead of ending its answer."""
        self.calls: list[Call] = []
        giver = Giver(self.handoffs, self.tasks, self.clock, self.nursery)
        self._handler = hand(giver)(self._answer)

    async def open(self, name: str = TASK_ID, **more: Any) -> None:
        task = msgspec.structs.replace(self.commons.task, id=name, **more)
        await self.tasks.open(task)

    async def hand(self, to: str = "b", *, by: Key = KEY, **more: Any) -> Handoff:
        return await self.handoffs.make(TASK_ID, Wish(receiver=to, **more), by)

    async def call(
        self, agent: str, turns: tuple[Turn, ...] = (HI,), *, sure: bool = True, **more: Any
    ) -> Call:
        """Let an agent call, and read the answer to its end; return what the target was sent."""
        identity = Identity(task=TASK_ID, agent=agent, confidence=1.0 if sure else 0.5)
        fields = {"endpoint": Endpoint.ANSWER, "id": f"sg_{next(IDS)}", **more}
        call = msgspec.structs.replace(
            a_call(caller=Caller(key=KEY)),
            body=Body(turns),
            mandate=Mandate(identity=identity),
            **fields,
        )
        await self.tasks.find(TASK_ID)
        reply = await self._handler(call, Trail())
        try:
            async for _ in reply.pieces:
                pass
        except UpstreamLost:
            pass
        finally:
            reply.close()
        await self.settle()
        return next(each for each in self.calls if each.id == call.id)

    async def settle(self) -> None:
        """Wait until what was begun is done."""
        await self.nursery.aclose(Seconds(1.0))

    async def _answer(self, call: Call, trail: Trail) -> Reply:
        del trail
        self.calls.append(call)
        end = Finished(stop=Stop.END, usage=USAGE)
        pieces = [Piece(b"", (TextDelta("So it is."),)), Piece(b"", (end,)), None]

        async def read() -> Piece | None:
            piece = pieces.pop(0)
            if self.breaks and piece is not None and piece.finish:
                raise UpstreamLost("gone")
            return piece

        return Reply(HEAD, read)


def said(call: Call) -> str:
    """Return what was put into a call, in words."""
    turns = [it for edit in call.mandate.edits if isinstance(edit, Append) for it in edit.turns]
    return "".join(part.text for it in turns for part in it.parts if isinstance(part, Text))


def mends(call: Call) -> bool:
    """Whether what was left in a call is made good."""
    return any(isinstance(edit, Mend) for edit in call.mandate.edits)

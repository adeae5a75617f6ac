"""A finder of tasks, and the calls that come to it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from support.recollected import user
from support.stage import TestBody, a_call
from switchgear.adapters.clock import ManualClock
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key, Wishes
from switchgear.domain.denial import OverBudget
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import UpstreamLost
from switchgear.domain.event import Event, Finished, Stop, TextDelta
from switchgear.domain.piece import Piece
from switchgear.domain.task import Identity
from switchgear.domain.turn import Conversation, Turn
from switchgear.pipeline.task.hearing import hear
from switchgear.pipeline.task.identity import Finder
from switchgear.pipeline.task.registry import Tasks
from switchgear.ports.handler import Head, Reply, Trail
from switchgear.ports.nursery import Nursery

ONE, OTHER = Key(id="one"), Key(id="other")
END = Finished(stop=Stop.END)
HEAD = Head(target="t", model="m", dialect=None, stream=True, tier="small", reason="", attempts=1)


class Place:
    """A finder, and the calls that come to it."""

    def __init__(self, most: int = 1000) -> None:
        self.clock = ManualClock()
        self.tasks = Tasks(MemoryPapers(), self.clock, Nursery())
        self.finder = Finder(self.tasks, most)
        self._calls = 0

    def call(
        self, *turns: Turn, key: Key = ONE, wishes: Wishes | None = None, **said: object
    ) -> Call:
        self._calls += 1
        endpoint = said.pop("endpoint", Endpoint.ANSWER)
        talk = Conversation(
            **{"model": "auto", "turns": turns or (user("hi"),), **said}  # type: ignore[arg-type]  # a test's shorthand
        )
        name = f"sg_{self._calls:026d}"
        raw = msgspec.json.encode([turns, sorted(said)])
        return msgspec.structs.replace(
            a_call(name),
            id=name,
            body=TestBody(conversation=talk, raw=raw),
            caller=Caller(key=key, wishes=wishes or Wishes()),
            endpoint=endpoint,
        )

    def ask(
        self, call: Call, answer: Sequence[Event] = (), error: Exception | None = None
    ) -> Identity:
        """Let a call be answered; return which task it was found to belong to."""
        found: list[Identity] = []

        async def inner(call: Call, _: Trail) -> Reply:
            found.append(self.finder.identify(call))
            if error is not None:
                raise error
            pieces = iter([Piece(b"", (each,)) for each in [*answer, END]])

            async def read() -> Piece | None:
                return next(pieces, None)

            return Reply(HEAD, read)

        async def life() -> None:
            with suppress(OverBudget, UpstreamLost):
                reply = await hear(self.finder)(inner)(call, Trail())
                async for _ in reply.pieces:
                    pass

        asyncio.run(life())
        return found[0]

    def said(self, *turns: Turn, answer: Sequence[Event] | str = "ok", **more: object) -> Identity:
        events = [TextDelta(answer)] if isinstance(answer, str) else answer
        return self.ask(self.call(*turns, **more), events)  # type: ignore[arg-type]  # a test's shorthand

"""Put the context of a call's task into the call, at its end, where the task asks for it."""

from collections.abc import Awaitable

import msgspec

from switchgear.config.setup import Contexts as Wanted
from switchgear.domain.call import Call
from switchgear.domain.edit import Append
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.fact import Given
from switchgear.domain.turn import Role
from switchgear.pipeline.task.context import Contexts
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.shelf import Held
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Handler, Layer, Reply, Trail


class Inserter:
    """Knows which calls are told their task's context, and tells them."""

    __slots__ = ("_clock", "_contexts", "_tasks", "_wanted")

    def __init__(self, contexts: Contexts, tasks: Tasks, wanted: Wanted, clock: Clock) -> None:
        """Take what the owner wants."""
        self._contexts = contexts
        self._tasks = tasks
        self._wanted = wanted
        self._clock = clock

    def asks(self, call: Call) -> bool:
        """Whether a call is to be told the context of its task, should there be one."""
        task = call.mandate.identity.task
        if not task or call.endpoint is not Endpoint.ANSWER:
            return False
        if self._wanted.insert:
            return True
        live = self._tasks.known(task)
        return live is not None and live.task.insert

    def known(self, call: Call) -> Held | None:
        """Return the context of a call's task, if it is in mind."""
        return self._contexts.known(call.mandate.identity.task)

    async def fetch(self, call: Call) -> Held:
        """Return it from the store.

        Raises:
            LedgerDown: it is not known. The call is refused: who asked for its context is not
                answered as if there were none.
        """
        return await self._contexts.fetch(call.mandate.identity.task)

    def told(self, call: Call, trail: Trail, held: Held) -> Call:
        """Return a call with a context at its end."""
        sensitivity, now = call.caller.key.sensitivity, self._clock.date()
        said = held.said(sensitivity, self._wanted.tokens, now)
        if said is None or _begun(call):
            return call
        trail.add(Given(entries=said.given))
        mandate = call.mandate
        edits = (*mandate.edits, Append(said.turns))
        mandate = msgspec.structs.replace(mandate, edits=edits)
        return msgspec.structs.replace(call, mandate=mandate)


def context(inserter: Inserter) -> Layer:
    """Return the layer that says in each call what its task knows; it is the innermost.

    It is said at the tail, where no prompt cache is lost, and in each call anew: the client never
    sends it back. Where the context is in mind nothing is waited for.
    """

    def layer(inner: Handler) -> Handler:
        async def fetched(call: Call, trail: Trail) -> Reply:
            held = await inserter.fetch(call)
            return await inner(inserter.told(call, trail, held), trail)

        def handle(call: Call, trail: Trail) -> Awaitable[Reply]:
            if not inserter.asks(call):
                return inner(call, trail)
            held = inserter.known(call)
            if held is None:
                return fetched(call, trail)
            return inner(inserter.told(call, trail, held), trail)

        return handle

    return layer


def _begun(call: Call) -> bool:
    """Whether the caller has begun the answer: what goes on from that is not to be parted from it.

    A body that cannot be read is left to who says so.
    """
    turns = call.body.conversation.turns
    return bool(turns) and turns[-1].role is Role.ASSISTANT

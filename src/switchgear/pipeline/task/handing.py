"""Give the agent that goes on with a task its package, and mend what the other one left."""

from collections.abc import Awaitable

import msgspec

from switchgear.domain.body import Body, Recalled
from switchgear.domain.call import Call
from switchgear.domain.edit import Append, Edit, Mend
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import LedgerDown
from switchgear.domain.fact import Given
from switchgear.domain.handoff import Handoff, pending_for
from switchgear.domain.turn import Conversation, Role, Text, ToolUse, Turn
from switchgear.domain.units import Seconds
from switchgear.engine.handoff import render
from switchgear.pipeline.task.handoff import Handoffs
from switchgear.pipeline.task.live import Live
from switchgear.pipeline.task.registry import Tasks
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Handler, Layer, Reply, Trail
from switchgear.ports.nursery import Nursery

LOOK = Seconds(1.0)
"""Between two looks whether another process knows of a hand-off: it is heard of by then anyway."""


class Giver:
    """Knows which calls get a package, and gives it."""

    __slots__ = ("_clock", "_handoffs", "_nursery", "_tasks")

    def __init__(self, handoffs: Handoffs, tasks: Tasks, clock: Clock, nursery: Nursery) -> None:
        """Take what it works with."""
        self._handoffs = handoffs
        self._tasks = tasks
        self._clock = clock
        self._nursery = nursery

    def live(self, call: Call) -> Live | None:
        """Return the task of a call that has to do with hand-offs; None for any other."""
        identity = call.mandate.identity
        if not identity.task or call.endpoint is not Endpoint.ANSWER:
            return None
        live = self._tasks.known(identity.task)
        if live is None or not (identity.agent or identity.sure or live.task.handoffs):
            return None
        return live

    async def answer(self, inner: Handler, call: Call, trail: Trail, live: Live) -> Reply:
        """Answer a call of a task that may be handed over, and hear what it says."""
        witness = self._handoffs.witness
        heard = witness.hear(live, call)
        if heard.moved:
            await self._moved(live, call)
        handoff = await self._claimed(live, call)
        if handoff is None:
            reply = await inner(self._mended(call, live), trail)
            witness.listen(live, reply)
            return reply
        if handoff.call != call.id:
            reply = await inner(self._given(call, trail, handoff), trail)
            witness.listen(live, reply)
            return reply
        witness.begin(live, handoff.sender, handoff.receiver, handoff.id)
        try:
            reply = await inner(self._given(call, trail, handoff), trail)
        except BaseException:
            self._nursery.spawn(self._handoffs.took_back(live, handoff))
            raise

        def done(whole: bool) -> None:  # noqa: FBT001  (a callback's one word)
            after = self._handoffs.gave if whole else self._handoffs.took_back
            self._nursery.spawn(after(live, handoff))

        witness.listen(live, reply, done)
        return reply

    async def _moved(self, live: Live, call: Call) -> None:
        """Take note that another agent goes on, and learn whether somebody has said so."""
        agent = call.mandate.identity.agent
        if not pending_for(live.task, agent):
            heard = self._handoffs.witness.known(live.task.id)
            now = self._clock.now()
            if heard is not None and now - heard.looked > LOOK:
                heard.looked = now
                await self._handoffs.look(live)
        if live.task.agent != agent:
            count = live.task.handoffs + 1
            live.task = msgspec.structs.replace(live.task, agent=agent, handoffs=count)
            live.dirty = True

    async def _claimed(self, live: Live, call: Call) -> Handoff | None:
        name = pending_for(live.task, call.mandate.identity.agent) if live.task.pending else ""
        if not name or _begun(call.body.conversation):
            return None
        try:
            return await self._handoffs.claim(live, name, call.id)
        except LedgerDown:  # its next call may have it
            return None

    def _mended(self, call: Call, live: Live) -> Call:
        return _edited(call, (_mend(call.body),)) if live.task.handoffs else call

    def _given(self, call: Call, trail: Trail, handoff: Handoff) -> Call:
        text, entries = render(handoff, call.caller.key.sensitivity)
        trail.add(Given(entries=entries, handoff=handoff.id))
        said = Append((Turn(Role.USER, (Text(text),)),))
        return _edited(call, (_mend(call.body), said))


def hand(giver: Giver) -> Layer:
    """Return the layer that gives packages, and hears what is done in tasks; it is the innermost.

    A package is said at the tail, where no prompt cache is lost, and in each call of the receiver
    anew, unless it was handed over to be said once: the client never sends it back.
    """

    def layer(inner: Handler) -> Handler:
        def handle(call: Call, trail: Trail) -> Awaitable[Reply]:
            live = giver.live(call)
            if live is None:
                return inner(call, trail)
            return giver.answer(inner, call, trail, live)

        return handle

    return layer


def _edited(call: Call, edits: tuple[Edit, ...]) -> Call:
    mandate = msgspec.structs.replace(call.mandate, edits=(*call.mandate.edits, *edits))
    return msgspec.structs.replace(call, mandate=mandate)


def _mend(body: Body) -> Mend:
    """Return what is to be mended; of what a request only names, the calls that were left open."""
    if not isinstance(body, Recalled) or not body.turns:
        return Mend()
    return Mend(tuple([it.id for it in body.turns[-1].parts if isinstance(it, ToolUse)]))


def _begun(talk: Conversation) -> bool:
    """Whether the caller has begun the answer: what goes on from that is not to be parted from it.

    A call of a tool that nobody answered is no such beginning.
    """
    last = talk.turns[-1] if talk.turns else None
    if last is None or last.role is not Role.ASSISTANT:
        return False
    return not any(isinstance(part, ToolUse) for part in last.parts)

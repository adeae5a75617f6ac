"""Know which task each call belongs to, and see that it does not go in circles."""

import msgspec

from switchgear.domain.call import Call
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import Refusal
from switchgear.domain.fact import Identified
from switchgear.domain.mandate import Mandate
from switchgear.domain.supervision import TaskPaused, TaskStopped
from switchgear.domain.task import Status, Task
from switchgear.pipeline.task.identity import Finder
from switchgear.pipeline.task.registry import Live, Tasks
from switchgear.ports.handler import Handler, Layer, Reply, Trail

SEEN_MS = 60_000
"""After so long it is kept that a task was seen again: its lifetime is counted from there."""


def known(finder: Finder) -> Layer:
    """Return the layer for what is no step of a task: it says which it belongs to, and no more."""

    def layer(inner: Handler) -> Handler:
        async def handle(call: Call, trail: Trail) -> Reply:
            identity = finder.identify(call)
            if not identity.task:
                return await inner(call, trail)
            trail.add(Identified(identity))
            return await inner(_mandated(call, Mandate(identity=identity)), trail)

        return handle

    return layer


def supervise(tasks: Tasks, finder: Finder) -> Layer:
    """Return the layer that knows the task of each call, and counts its steps.

    It stands outside of rates and limits: a task that is stopped costs nobody anything.
    """

    def layer(inner: Handler) -> Handler:
        async def handle(call: Call, trail: Trail) -> Reply:
            identity = finder.identify(call)
            if not identity.task:
                return await inner(call, trail)
            live = await tasks.of(identity, call)
            step = _stepped(live, call)
            trail.add(Identified(identity, step))
            refusal = _refusal(live.task)
            if refusal is not None:
                raise refusal
            return await inner(_mandated(call, Mandate(identity=identity, step=step)), trail)

        return handle

    return layer


def _stepped(live: Live, call: Call) -> int:
    """Return which call of its task it is, from 1; vectors are no step."""
    if call.at - live.task.seen > SEEN_MS:
        live.task, live.dirty = msgspec.structs.replace(live.task, seen=call.at), True
    if call.endpoint is not Endpoint.ANSWER:
        return 0
    live.steps += 1
    return live.steps


def _mandated(call: Call, mandate: Mandate) -> Call:
    return msgspec.structs.replace(call, mandate=mandate)


def _refusal(task: Task) -> Refusal | None:
    """Return why no call of the task is served now; None while it runs."""
    if task.status is Status.PAUSED:
        waits = f" It waits for the ticket {task.ticket}." if task.ticket else ""
        return TaskPaused(f"The task is paused: {task.why or 'by hand'}.{waits}")
    if task.status is Status.STOPPED:
        return TaskStopped(
            f"The task was stopped: {task.why or 'by hand'}. Sending this again does not help."
        )
    return None

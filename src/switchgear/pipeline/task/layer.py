"""Know which task each call belongs to, and see that it does not go in circles."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.call import Call
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import CallerError, Refusal, SwitchgearError
from switchgear.domain.fact import Climbed, Identified
from switchgear.domain.looping import Final, Looping
from switchgear.domain.mandate import Mandate
from switchgear.domain.supervision import OverTaskCap, TaskPaused, TaskSpent
from switchgear.domain.target import Target
from switchgear.domain.task import Identity, Status, Task
from switchgear.domain.turn import Conversation
from switchgear.engine.ladder import LOOP
from switchgear.engine.measure import nudge, restriction, stronger
from switchgear.pipeline.recall import recalled
from switchgear.pipeline.task.course import Climb, Course
from switchgear.pipeline.task.final import final_reply
from switchgear.pipeline.task.halting import HALTED, Halting, refusal_for
from switchgear.pipeline.task.home import at_home, learn
from switchgear.pipeline.task.identity import NEW, Finder
from switchgear.pipeline.task.live import Live
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.watch import HALTING, Watch
from switchgear.ports.handler import Handler, Layer, Reply, Trail
from switchgear.ports.recollection import Recollections


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


class Oversight(msgspec.Struct, frozen=True, kw_only=True):
    """What the layer of tasks works with."""

    tasks: Tasks
    finder: Finder
    halting: Halting
    kept: Recollections
    looping: Looping = Looping()
    targets: Sequence[Target] = ()


def supervise(oversight: Oversight) -> Layer:
    """Return the layer that knows the task of each call, counts its steps, and sees to its loops.

    It stands outside of rates and limits: a task that is stopped costs nobody anything.
    """

    def layer(inner: Handler) -> Handler:
        return Supervisor(oversight, inner).handle

    return layer


class Supervisor:
    """The layer's handler."""

    def __init__(self, oversight: Oversight, inner: Handler) -> None:
        """Stand before the other layers."""
        self._oversight = oversight
        self._inner = inner
        self._identify = oversight.finder.identify
        self._tasks = oversight.tasks
        self._watch = Watch(oversight.looping, oversight.tasks)

    async def handle(self, call: Call, trail: Trail) -> Reply:
        """Answer a call by its task's leave.

        Raises:
            TaskPaused, TaskStopped: the task, or one that it is part of, does not run.
        """
        identity = self._identify(call)
        if not identity.task:
            return await self._inner(call, trail)
        live = await self._tasks.of(identity, call, fresh=identity.source == NEW)
        if live.course.run != live.task.run:
            live.course = Course(run=live.task.run)
        first, answers = not live.steps, call.endpoint is Endpoint.ANSWER
        if answers:
            live.steps += 1
        step = live.steps if answers else 0
        trail.add(Identified(identity, step))
        if first and live.task.parent and self._watch.on:
            await self._bear(live, identity, call, trail)
        halted = self._halted(live) if identity.sure else None
        if halted is not None:
            return await self._refuse(call, trail, live, halted)
        mandate = Mandate(identity=identity, step=step)
        if not answers:
            return await self._inner(_mandated(call, mandate), trail)
        return await self._take(call, trail, live, mandate)

    async def _take(self, call: Call, trail: Trail, live: Live, mandate: Mandate) -> Reply:
        """Answer one step of a task that runs."""
        try:
            talk = call.body.conversation
        except SwitchgearError:  # it is said where bodies are read, after rates and limits
            return await self._inner(_mandated(call, mandate), trail)
        if self._watch.on and talk.previous:  # it says only what is new: the rest belongs to it
            call = await recalled(call, self._oversight.kept)
            talk = call.body.conversation
        identity = mandate.identity
        climb = self._look(live, talk, identity)
        if climb is not None:
            trail.add(Climbed(climb.rung, climb.evidence))
            if climb.rung.name in HALTING:
                return await self._halt(call, live, climb)
            mandate = self._measured(mandate, climb, talk, live)
        mandate = at_home(mandate, live, talk)
        return await self._served(_mandated(call, mandate), trail, live, talk)

    def _look(self, live: Live, talk: Conversation, identity: Identity) -> Climb | None:
        if not self._watch.on:
            return None
        return self._watch.look(live.course, talk, identity.agent, sure=identity.sure)

    async def _served(self, call: Call, trail: Trail, live: Live, talk: Conversation) -> Reply:
        """Answer a call, and learn from what comes of it.

        A call that came before another was refused does not come again after that. What a cap
        refuses is held by the cap, however often it comes.
        """
        heard = live.course.refused
        try:
            reply = await self._inner(call, trail)
        except (OverTaskCap, TaskSpent, TaskPaused):
            raise
        except (Refusal, CallerError) as error:
            final = not error.worth_retrying and error.retry_after is None
            if self._watch.on and final and live.course.refused == heard:
                self._watch.refused(live.course, talk, call.mandate.identity.agent)
            raise
        learn(live, call.mandate, reply.head)
        return reply

    def _measured(self, mandate: Mandate, climb: Climb, talk: Conversation, live: Live) -> Mandate:
        """Return what a rung asks of the call, beside what was asked before."""
        seen = climb.evidence
        match climb.rung.name:
            case "nudge":
                return msgspec.structs.replace(mandate, edits=nudge(seen, again=climb.again))
            case "escalate":
                oversight = self._oversight
                first = oversight.looping.escalate_to or stronger(
                    oversight.targets, live.course.tier
                )
                edits = nudge(seen, again=True)
                beyond = bool(oversight.looping.escalate_to)  # the owner named these for this
                return msgspec.structs.replace(mandate, edits=edits, first=first, beyond=beyond)
            case "restrict":
                return msgspec.structs.replace(mandate, edits=restriction(talk, seen))
            case _:
                return mandate

    async def _bear(self, live: Live, identity: Identity, call: Call, trail: Trail) -> None:
        """See whether a task that begins with this call is one too many for its parent."""
        found = self._watch.born(live, identity, call)
        if found is not None:
            parent, climb = found
            trail.add(Climbed(climb.rung, climb.evidence))
            await self._oversight.halting.halt(parent, climb, call.id)

    async def _halt(self, call: Call, live: Live, climb: Climb) -> Reply:
        await self._oversight.halting.halt(live, climb, call.id)
        return self._turned_away(call, live.task, live.task)

    async def _refuse(self, call: Call, trail: Trail, live: Live, halted: Task) -> Reply:
        """Refuse a call of a task that does not run; who does not listen is stopped for good."""
        if (
            halted is live.task
            and (halted.status, halted.code) == (Status.PAUSED, LOOP)
            and self._watch.on
            and call.endpoint is Endpoint.ANSWER
        ):
            talk = call.body.conversation
            climb = self._watch.look_again(live.course, talk, "")
            if climb is not None:
                trail.add(Climbed(climb.rung, climb.evidence))
                if climb.rung.name == "stop":
                    return await self._halt(call, live, climb)
        return self._turned_away(call, halted, live.task)

    def _turned_away(self, call: Call, halted: Task, own: Task) -> Reply:
        """Return the final answer that the owner wants instead of an error, or raise that.

        Raises:
            TaskPaused, TaskStopped: always, where the owner wants no such answer.
        """
        wants = self._oversight.looping.final is Final.MESSAGE and call.endpoint is Endpoint.ANSWER
        if wants and halted.code == LOOP:
            return final_reply(call, halted)
        raise refusal_for(halted, own)

    def _halted(self, live: Live) -> Task | None:
        """Return the task that does not run, of it and its ancestors; None where all do."""
        task = live.course.closing or live.task
        if task.status in HALTED:
            return task
        for name in task.ancestors:
            above = self._tasks.known(name)
            if above is not None and above.task.status in HALTED:
                return above.task
        return None


def _mandated(call: Call, mandate: Mandate) -> Call:
    return msgspec.structs.replace(call, mandate=mandate)

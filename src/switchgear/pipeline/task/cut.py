"""Ends at once what is under way of a task that is stopped."""

from collections.abc import Callable

from typing_extensions import override

from switchgear.domain.call import Call
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.task import Status, Task
from switchgear.pipeline.entrance import Bid, Taken, Toll
from switchgear.pipeline.task.halting import refusal_for
from switchgear.pipeline.task.registry import Tasks

Way = tuple[Call, Callable[[SwitchgearError], None]]
"""A call, and what ends its attempt."""


class Cuts(Toll):
    """Remembers every attempt of a task, to cut it; one that is only paused ends in peace.

    It outlives a reload.
    """

    def __init__(self, tasks: Tasks) -> None:
        """Listen for tasks that are stopped, here or elsewhere."""
        self.cut = 0
        """Attempts that were ended by it since the start."""
        self._tasks = tasks
        self._live: dict[Taken, Way] = {}
        tasks.stopped = self.hear

    @override
    async def pay(self, bid: Bid, taken: Taken) -> SwitchgearError | None:
        """Refuse one more attempt of a task that was stopped meanwhile; remember the rest.

        Raises:
            TaskStopped: no target may have the call.
        """
        identity = bid.call.mandate.identity
        if not identity.task or not identity.sure:
            return None
        live = self._tasks.known(identity.task)
        if live is not None and live.task.status is Status.STOPPED:
            raise refusal_for(live.task, live.task)
        self._live[taken] = bid.call, taken.end
        taken.at_close(lambda: self._forget(taken))
        return None

    def hear(self, task: Task) -> None:
        """Cut what is under way of a task that was stopped, and of those that are part of it."""
        for call, end in list(self._live.values()):
            name = call.mandate.identity.task
            live = self._tasks.peek(name)
            own = task if live is None else live.task
            if name == task.id or task.id in own.ancestors:
                self.cut += 1
                end(refusal_for(task, task if name == task.id else own))

    def _forget(self, taken: Taken) -> None:
        self._live.pop(taken, None)

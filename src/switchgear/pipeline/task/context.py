"""The contexts of tasks: read, changed without loss, and put into calls."""

from collections.abc import Sequence

from switchgear.domain.context import Operation, Snapshot, Writer
from switchgear.domain.target import Sensitivity
from switchgear.domain.task import Task
from switchgear.pipeline.task.registry import Tasks
from switchgear.ports.clock import Clock
from switchgear.ports.ledger import Ledger
from switchgear.ports.papers import Papers, Write


class Contexts:
    """Keeps one document for each task; it outlives a reload."""

    def __init__(self, tasks: Tasks, papers: Papers, ledger: Ledger, clock: Clock) -> None:
        """Start with no context in mind."""
        self._tasks = tasks
        self._papers = papers
        self._ledger = ledger
        self._clock = clock

    def drafted(self, task: Task, entries: Sequence[Operation], by: Writer) -> Write | None:
        """Return what begins a task's context, to be written in one go with the task itself.

        None where there are no entries.

        Raises:
            MalformedBody: they cannot be; the message says which.
        """
        raise NotImplementedError

    async def begin(self, task: Task, entries: Sequence[Operation], by: Writer) -> int:
        """Begin a task's context, and return its revision; 0 where there are no entries.

        Raises:
            MalformedBody: they cannot be; the message says which.
            ContextConflict: it has one already.
            LedgerDown: nothing was kept.
        """
        raise NotImplementedError

    async def snapshot(
        self, task: str, sensitivity: Sensitivity = Sensitivity.RESTRICTED
    ) -> Snapshot:
        """Return a task's context as it is now, for who may see what is so sensitive.

        Raises:
            LedgerDown: it is not known.
        """
        raise NotImplementedError

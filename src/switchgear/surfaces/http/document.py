"""What the HTTP surface needs of the contexts of tasks."""

from typing import Protocol

from switchgear.domain.caller import Key
from switchgear.domain.context import Asked, Done, Line, Snapshot, Writer
from switchgear.domain.target import Sensitivity
from switchgear.domain.task import Task
from switchgear.engine.lineage import Reading


class Contexts(Protocol):
    """Reads and changes contexts. All verbs raise LedgerDown where the store is away."""

    async def task(self, said: str, key: Key, *, opens: bool = False, agent: str = "") -> Task:
        """Return the task that a key means by an id, or by the name it calls it.

        Raises:
            UnknownTask: there is none that is the key's.
        """
        ...

    async def snapshot(self, task: str, sensitivity: Sensitivity) -> Snapshot:
        """Return a context as it is now, for who may see what is so sensitive."""
        ...

    async def at(self, task: str, revision: int, sensitivity: Sensitivity) -> Snapshot:
        """Return it as it was at a revision.

        Raises:
            MalformedBody: it has not come so far.
        """
        ...

    async def log(self, task: str, after: int = 0, most: int | None = None) -> list[Line]:
        """Return what was done to it above a revision, oldest first."""
        ...

    async def lineage(self, decision: str, task: Task, key: Key) -> Reading:
        """Return what a call was given of it, and so back, as a key may see it.

        Raises:
            UnknownDecision: the task has no such call.
        """
        ...

    async def change(self, task: Task, asked: Asked, by: Writer) -> Done:
        """Do all operations, or none; those that were done before are not done again.

        Raises:
            ContextConflict: entries are not as the writer takes them to be.
            MalformedBody, NotAllowed: they cannot be; the message says which.
        """
        ...

"""What the HTTP surface needs of whoever opens, shows and halts tasks."""

from typing import Protocol

from switchgear.config.opening import Amendment, Opening
from switchgear.domain.caller import Key
from switchgear.domain.task import Task
from switchgear.domain.view import View, Wanted
from switchgear.engine.handling import Verb
from switchgear.ports.papers import Note


class Counter(Protocol):
    """Does what a key may do to tasks. All verbs raise LedgerDown where the store is away."""

    async def open(self, opening: Opening, by: Key, idempotency: str) -> tuple[View, bool]:
        """Open a task; the same again is the task that is there already, and False.

        Raises:
            MalformedBody: what is said cannot be.
            NotAllowed: it asks for more than the owner lets each task use.
            TaskConflict: there is one of that name, opened otherwise, or one that does not run.
            IdempotencyMismatch: that key came with something else before.
            UnknownTask: its parent is none of the key's.
            TaskPaused, TaskStopped, TaskSpent, OverTaskCap: its parent has no room for it.
        """
        ...

    async def list(self, wanted: Wanted, by: Key) -> tuple[tuple[Task, ...], bool]:
        """Return the tasks that fit, newest first, and whether there are more."""
        ...

    async def view(self, name: str, by: Key) -> View:
        """Return one task, by its id or by the name that the key's calls give it.

        Raises:
            UnknownTask: there is none that is the key's to know.
        """
        ...

    async def history(self, name: str, by: Key) -> tuple[Note, ...]:
        """Return what was done to a task, oldest first; raises as ``view``."""
        ...

    async def amend(self, name: str, amendment: Amendment, by: Key, revision: int | None) -> View:
        """Change a task; raising the cap that it came to lets it go on.

        Raises:
            MalformedBody: what is said cannot be.
            NotAllowed: it would be more, and that takes more than the task's own key.
            TaskConflict: it is not at the revision that this needs.
            UnknownTask: as ``view``.
        """
        ...

    async def act(self, name: str, verb: Verb, by: Key, note: str) -> View:
        """Pause, resume, stop or close a task.

        Raises:
            TaskConflict: it is not in the state for that.
            NotAllowed: who has paused or stopped it stands above.
            UnknownTask: as ``view``.
        """
        ...

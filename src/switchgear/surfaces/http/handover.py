"""What the HTTP surface needs of whoever hands tasks over."""

from collections.abc import Sequence
from typing import Protocol

from switchgear.domain.caller import Key
from switchgear.domain.handoff import Handoff, Wish


class Handoffs(Protocol):
    """Hands tasks over for the key that asks. All verbs raise LedgerDown where the store is away.

    All raise UnknownTask where there is no task of that id or name that is the asker's.
    """

    async def make(self, said: str, wish: Wish, by: Key) -> Handoff:
        """Hand a task over: its package waits for the receiver's next call.

        Raises:
            TaskConflict: it is stopped or done.
            MalformedBody: it cannot be handed over so.
        """
        ...

    async def find(self, said: str, name: str, by: Key) -> Handoff:
        """Return one hand-off of a task.

        Raises:
            UnknownHandoff: the task has none of that id.
        """
        ...

    async def list(self, said: str, by: Key, limit: int) -> Sequence[Handoff]:
        """Return the hand-offs of a task, newest first."""
        ...

"""An error that ends what a task waits for, so that it does not wait in vain."""

import asyncio
from types import TracebackType
from typing import Self

from switchgear.domain.errors import SwitchgearError


class Interruption:
    """Around a wait: ``cut`` ends it with an error, by the task's own cancellation.

    Somebody else's cancellation stays what it is. As ``asyncio.timeout`` does it.
    """

    __slots__ = ("_cancelling", "_error", "_task")

    def __init__(self) -> None:
        """Nothing is waited for yet."""
        self._error: SwitchgearError | None = None
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0

    def cut(self, error: SwitchgearError) -> None:
        """End the wait with this error; the first one counts."""
        if self._error is None and self._task is not None:
            self._error = error
            self._task.cancel()

    def __enter__(self) -> Self:
        """Know whose wait it is."""
        self._task = asyncio.current_task()
        self._cancelling = 0 if self._task is None else self._task.cancelling()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Raise the error, if it was cut by one and not cancelled by somebody else too."""
        task, self._task = self._task, None
        if self._error is None or task is None:
            return
        ours = task.uncancel() <= self._cancelling
        if ours and (kind is None or issubclass(kind, asyncio.CancelledError)):
            raise self._error from None

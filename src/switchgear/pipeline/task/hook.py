"""Where others hang in who want to be asked, or told, of what happens to tasks."""

from collections.abc import Awaitable, Callable

from switchgear.domain.task import Task
from switchgear.pipeline.task.live import Live

Admit = Callable[[Live, str], Awaitable[None]]
"""Refuses a task of that id below another where there is no room for it."""
Hear = Callable[[Task], None]


async def anybody(parent: Live, name: str) -> None:
    """Let any task begin below any other."""
    del parent, name


def nobody(task: Task) -> None:
    """Tell nobody that a task was stopped."""
    del task

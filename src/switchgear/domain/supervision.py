"""The errors of tasks, their state, and the humans that they wait for."""

from switchgear.domain.account import Amount, Shortfall
from switchgear.domain.context import Snapshot
from switchgear.domain.errors import CallerError, Refusal


class TaskStopped(Refusal):
    """The task was stopped, and sending the call again does not help; the message says why."""

    code = "task_stopped"
    status = 422


class TaskPaused(Refusal):
    """The task waits for somebody to resume it; the message says why, and on what."""

    code = "task_paused"
    status = 422


class OverTaskCap(Refusal):
    """A cap of the task in money or tokens has not enough left for this call."""

    code = "over_task_cap"
    status = 402
    short: Shortfall | None = None
    """What was short of it, where it was asked to pay."""
    wanted: Amount = Amount()
    """The least that it was asked for."""


class TaskSpent(Refusal):
    """A cap of the task in steps, depth, children or time is used up; the message says which."""

    code = "task_spent"
    status = 422
    short: Shortfall | None = None
    """As above."""
    wanted: Amount = Amount()


class UnknownTask(CallerError):
    """No task of yours has that id or name."""

    code = "unknown_task"
    status = 404


class TaskConflict(CallerError):
    """The task is not in the state that this needs; the message says which it is in."""

    code = "task_conflict"
    status = 409


class ContextConflict(CallerError):
    """Somebody else wrote meanwhile; nothing was written, and the answer has what is there now."""

    code = "context_conflict"
    status = 409
    there: Snapshot = Snapshot()
    """What is there of that which was to be changed."""
    keys: tuple[str, ...] = ()
    """Of the entries that are not as the writer took them to be; none where it is the whole."""


class UnknownContextEntry(CallerError):
    """The context of the task has no entry under that key."""

    code = "unknown_context_entry"
    status = 404


class UnknownHandoff(CallerError):
    """The task has no hand-off of that id."""

    code = "unknown_handoff"
    status = 404


class UnknownTicket(CallerError):
    """No ticket of yours has that id."""

    code = "unknown_ticket"
    status = 404


class TicketDecided(CallerError):
    """The ticket is decided already, and not by this; the message says how."""

    code = "ticket_decided"
    status = 409

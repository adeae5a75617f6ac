"""Tell which task a call belongs to."""

from switchgear.domain.call import Call
from switchgear.domain.task import Identity
from switchgear.engine.task import task_id

NOBODYS = Identity()
"""Of a call of which nothing tells."""


class Finder:
    """Finds the task of each call by what the call says; it outlives a reload."""

    def identify(self, call: Call) -> Identity:
        """Return which task the call belongs to, and what told."""
        key, wishes = call.caller.key.id, call.caller.wishes
        if not wishes.task:
            return NOBODYS
        return Identity(
            task=task_id(key, wishes.task),
            name=wishes.task,
            source="x-switchgear-task",
            confidence=1.0,
            parent=task_id(key, wishes.parent_task) if wishes.parent_task else "",
            agent=wishes.agent,
        )

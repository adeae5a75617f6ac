"""Whether what is to happen at a cap can happen."""

from collections.abc import Iterator

from switchgear.config.error import Finding
from switchgear.config.verify.subject import Subject, found, unknown_target
from switchgear.domain.task import AtCap


def check_tasks(subject: Subject) -> Iterator[Finding]:
    """Find an action that takes a tool without one, and a tool that is none."""
    entry = subject.file.tasks
    target = subject.targets.get(entry.tool)
    if entry.caps.at_cap is AtCap.TOOL and not entry.tool:
        message = "at_cap: tool takes the id of the tool that answers; write it as tasks.tool"
        yield found("missing_key", ("tasks",), message)
    if entry.tool and target is None:
        yield from unknown_target(("tasks", "tool"), entry.tool, subject)
    elif target is not None and target.entry.kind != "tool":
        message = f"{entry.tool} is no tool, and would cost what the cap forbids; name one that is"
        yield found("wrong_tier", ("tasks", "tool"), message)

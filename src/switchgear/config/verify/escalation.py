"""Whether all that answers are to be checked for is known, and every function is there."""

from collections.abc import Iterator

from switchgear.config.error import Finding, Path
from switchgear.config.escalation import Escalate, EscalateEntry
from switchgear.config.shape import nearest
from switchgear.config.verify.subject import Subject, found
from switchgear.config.verify.tool import missing_function
from switchgear.domain.escalation import CHECKS


def check_escalations(subject: Subject) -> Iterator[Finding]:
    """Find checks that there are not."""
    yield from _checks(("escalate",), subject.file.escalate)
    for name, alias in subject.file.aliases.items():
        yield from _checks(("aliases", name, "escalate"), alias.escalate)
    for at, rule in enumerate(subject.file.rules):
        yield from _checks(("rules", at, "then", "escalate"), rule.then.escalate)


def _checks(path: Path, entry: Escalate | None) -> Iterator[Finding]:
    if not isinstance(entry, EscalateEntry):
        return
    if entry.when == ():
        message = "name at least one check, or write `escalate: off`"
        yield found("unknown_check", (*path, "when"), message)
    for at, name in enumerate(entry.when or ()):
        if name in CHECKS:
            continue
        here = (*path, "when", at)
        if ":" in name:
            message = missing_function(name)
            if message:
                yield found("unknown_function", here, message)
        else:
            message = f"there is no check {name!r}{nearest(name, CHECKS)}"
            message += f" (there are {', '.join(CHECKS)}, or functions of yours as module:name)"
            yield found("unknown_check", here, message)

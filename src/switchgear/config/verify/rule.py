"""Whether every rule's condition can be read, and can ever be the first to hold."""

from collections.abc import Iterator

from switchgear.config.error import Finding, Path
from switchgear.config.rule import RuleEntry
from switchgear.config.verify.subject import Subject, found
from switchgear.engine.clause import contradiction, covers, metadata_names
from switchgear.engine.condition import Fault, always, compile_condition


def check_rules(subject: Subject) -> Iterator[Finding]:
    """Find conditions that are wrong, and rules that never apply."""
    earlier: list[tuple[RuleEntry, bool]] = []
    names: set[str] = set()
    for at, rule in enumerate(subject.file.rules):
        path = ("rules", at)
        if rule.name in names:
            yield found("duplicate_name", (*path, "name"), "an earlier rule has this name")
        names.add(rule.name)
        if not rule.name.strip() or not rule.name.isprintable():
            yield found("bad_id", (*path, "name"), "a rule needs a name that can be printed")
        problems = list(_condition((*path, "when"), rule.when))
        yield from problems
        if not problems:
            yield from _shadow((*path, "when"), rule, earlier)
            earlier.append((rule, _always(rule.when)))


def _condition(path: Path, when: str) -> Iterator[Finding]:
    if not when.strip():
        return
    program = compile_condition(when)
    if isinstance(program, Fault):
        code = "unknown_variable" if program.unknown else "bad_condition"
        yield found(code, path, program.message)
        return
    if metadata_names(when) is None:
        message = 'write the name out, as metadata.team or metadata["team"]'
        yield found("dynamic_metadata", path, message)
    why = contradiction(when)
    if why or always(program) is False:
        yield found("never_matches", path, why or "it is false whatever the call is")


def _shadow(
    path: Path, rule: RuleEntry, earlier: list[tuple[RuleEntry, bool]]
) -> Iterator[Finding]:
    for other, holds_always in earlier:
        if holds_always or (rule.when.strip() and covers(other.when, rule.when)):
            message = f"rule {other.name!r} before it always holds first; move this one up"
            yield found("shadowed_rule", path, message)
            return


def _always(when: str) -> bool:
    if not when.strip():
        return True
    program = compile_condition(when)
    return not isinstance(program, Fault) and always(program) is True

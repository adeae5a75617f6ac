"""Whether every name that the file uses is declared, and stands for one thing."""

from collections.abc import Iterator

from switchgear.config.error import Finding, Path
from switchgear.config.rule import AliasEntry
from switchgear.config.shape import nearest
from switchgear.config.verify.subject import Subject, check_id, found, named, unknown_target
from switchgear.domain.caller import Mode


def check_references(subject: Subject) -> Iterator[Finding]:
    """Find targets that are named and not declared, and names that are taken twice."""
    for path, name in _references(subject):
        yield from unknown_target(path, name, subject)
    for name, alias in subject.aliases.items():
        yield from _alias(("aliases", name), name, alias, subject)
    askable = {*subject.aliases, *subject.targets}
    for at, key in enumerate(subject.file.keys):
        for place, name in enumerate(key.models):
            if name not in askable:
                message = f"there is no alias or target {name!r}{nearest(name, askable)}"
                yield found("unknown_model", ("keys", at, "models", place), message)


def _references(subject: Subject) -> Iterator[tuple[Path, str]]:
    for name, target in subject.file.targets.items():
        yield from _each(("targets", name, "fallback"), target.fallback)
    for name, alias in subject.file.aliases.items():
        yield from _each(("aliases", name, "targets"), alias.targets)
        yield from _each(("aliases", name, "last"), alias.last)
        yield from _each(("aliases", name, "after_flaws"), named(alias.after_flaws))
        if alias.stands_for:
            yield ("aliases", name, "stands_for"), alias.stands_for
    for at, rule in enumerate(subject.file.rules):
        yield from _each(("rules", at, "then", "targets"), rule.then.targets or ())
        yield from _each(("rules", at, "then", "first"), rule.then.first)
        yield from _each(("rules", at, "then", "last"), rule.then.last)
        yield from _each(("rules", at, "then", "after_flaws"), named(rule.then.after_flaws))
    yield from _each(("flaws", "next"), named(subject.file.flaws.next))
    yield from _each(("tasks", "loops", "escalate_to"), subject.file.tasks.loops.escalate_to)
    for at, key in enumerate(subject.file.keys):
        yield from _each(("keys", at, "targets"), key.targets)


def _each(path: Path, names: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    for at, name in enumerate(names):
        yield (*path, at), name


def _alias(path: Path, name: str, alias: AliasEntry, subject: Subject) -> Iterator[Finding]:
    yield from check_id(path, name)
    if name in subject.targets:
        message = "a target has this name too, and nobody could ask for it; rename the alias"
        yield found("alias_is_target", path, message)
    if not subject.members(alias) and subject.targets:
        message = "no target can serve it; name some in targets, or tiers that have any"
        yield found("empty_alias", path, message)
    modes = {subject.file.mode, *(key.mode for key in subject.file.keys)}
    if Mode.OBSERVE in modes and not alias.stands_for:
        message = "in observe mode it cannot be served; write stands_for with a target id"
        yield found("missing_stand_in", path, message)

"""What every check looks at, and the sentences that several of them say."""

import re

import msgspec

from switchgear.config.error import Finding, Path
from switchgear.config.part import NextStep
from switchgear.config.policy import EVERYTHING, members
from switchgear.config.rule import AliasEntry
from switchgear.config.schema import File
from switchgear.config.shape import nearest
from switchgear.config.target import Resolved

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/@+-]{0,127}")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A file, with its targets' defaults filled in."""

    file: File
    targets: dict[str, Resolved]

    @property
    def aliases(self) -> dict[str, AliasEntry]:
        """Those that callers can ask for, declared or not."""
        return self.file.aliases or EVERYTHING

    def members(self, alias: AliasEntry) -> tuple[str, ...]:
        """Return the ids that an alias means."""
        triples = [(name, each.entry.kind, each.tier) for name, each in self.targets.items()]
        return members(alias, triples)


def found(code: str, path: Path, message: str) -> Finding:
    """Return one finding."""
    return Finding(code=code, path=path, message=message)


def check_id(path: Path, name: str) -> list[Finding]:
    """Find a name that headers and command lines cannot carry."""
    if _ID.fullmatch(name):
        return []
    message = "a name is 1 to 128 letters, digits or _ . : / @ + - and begins with none of . : / @"
    return [found("bad_id", path, message)]


def unknown_target(path: Path, name: str, subject: Subject) -> list[Finding]:
    """Find a target id that is not declared."""
    if name in subject.targets:
        return []
    message = f"there is no target {name!r}{nearest(name, subject.targets)}"
    return [found("unknown_target", path, message)]


def named(step: NextStep | None) -> tuple[str, ...]:
    """Return the target ids that a next step names."""
    return step if isinstance(step, tuple) else ()

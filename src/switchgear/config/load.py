"""Text of a config file to its schema: variables filled in, and every mistake told at once."""

import re
from collections.abc import Iterable, Mapping

import msgspec

from switchgear.config.document import Mark, read_document
from switchgear.config.error import ConfigError, Finding, Path
from switchgear.config.schema import File
from switchgear.config.settle import settle
from switchgear.config.shape import shape

_VARIABLE = re.compile(r"\$(\$)?\{([A-Za-z_][A-Za-z0-9_]*)\}")
MAX_FINDINGS = 1_000
"""Told of one file; nobody reads more, and a file of nonsense has tens of thousands."""
_SHORTEST_HIDDEN = 6
"""Characters; hiding shorter values would blot out ordinary words of the messages."""


class Loaded(msgspec.Struct, frozen=True):
    """A file of the right shape; whether it makes sense is for ``verify`` to say."""

    file: File
    marks: dict[Path, Mark]
    filled: dict[str, str]
    """Values that came from the environment, each with its variable."""

    def place(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return the findings with their positions, and without values from the environment."""
        return _placed(findings, self.marks, self.filled)


def load(content: bytes, environment: Mapping[str, str]) -> Loaded:
    """Read a config file.

    ``${NAME}`` inside a value stands for a variable of the environment; ``$${NAME}`` is the text
    ``${NAME}`` itself. What is filled in is never read as YAML.

    Raises:
        ConfigError: with every finding, in the order of the file.
    """
    document = read_document(content)
    filler = _Filler(environment)
    value = filler.fill(document.value, ())
    file, findings = shape({} if value is None else value)
    found = [*document.findings, *filler.findings, *findings]
    if file is None or found:
        raise ConfigError(_placed(found, document.marks, filler.filled))
    return Loaded(settle(file), document.marks, filler.filled)


def fill(text: str, environment: Mapping[str, str]) -> str:
    """Return one value with its variables filled in.

    Raises:
        ConfigError: one is not set.
    """
    filler = _Filler(environment)
    found = filler.fill(text, ())
    if filler.findings:
        raise ConfigError(tuple(filler.findings))
    return str(found)


class _Filler:
    """Puts variables into values, and notes which were not set."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.filled: dict[str, str] = {}
        self.findings: list[Finding] = []

    def fill(self, value: object, path: Path) -> object:
        """Return the value with its variables filled in."""
        if isinstance(value, dict):
            return {key: self.fill(each, (*path, key)) for key, each in value.items()}
        if isinstance(value, list):
            return [self.fill(each, (*path, at)) for at, each in enumerate(value)]
        if isinstance(value, str) and "${" in value:
            return _VARIABLE.sub(lambda found: self._one(found, path), value)
        return value

    def _one(self, found: re.Match[str], path: Path) -> str:
        escaped, name = found.groups()
        if escaped:
            return f"${{{name}}}"
        text = self._environment.get(name, "")
        problem = ""
        if not text:
            problem = f"the variable {name} is not set; set it, or write $${{{name}}} for the text"
        elif any("\ud800" <= letter <= "\udfff" or letter == "\0" for letter in text):
            problem = f"the variable {name} holds what is not text"
        if problem:
            self.findings.append(Finding(code="unset_variable", path=path, message=problem))
            return found[0]
        self.filled[text] = name
        return text


def _placed(
    findings: Iterable[Finding], marks: Mapping[Path, Mark], filled: Mapping[str, str]
) -> tuple[Finding, ...]:
    placed = [_with_mark(_hidden(each, filled), marks) for each in findings]
    return tuple(sorted(placed, key=lambda each: (each.line, each.column)))[:MAX_FINDINGS]


def _with_mark(finding: Finding, marks: Mapping[Path, Mark]) -> Finding:
    path = finding.path
    while path and path not in marks:
        path = path[:-1]
    if finding.line or not path:
        return finding
    line, column = marks[path]
    return msgspec.structs.replace(finding, line=line, column=column)


def _hidden(finding: Finding, filled: Mapping[str, str]) -> Finding:
    message = finding.message
    for text in sorted(filled, key=len, reverse=True):
        if len(text) >= _SHORTEST_HIDDEN:
            message = message.replace(text, f"${{{filled[text]}}}")
    return msgspec.structs.replace(finding, message=message)

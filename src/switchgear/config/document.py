"""YAML text to plain values, with the position of each; strict, and bounded in every way."""

import math
import re

import msgspec
import yaml
from typing_extensions import override

from switchgear.config.error import ConfigError, Finding, Path

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
"""Mappings and lists inside each other; a config needs about eight."""
MAX_VALUES = 20_000
"""With every alias counted as often as it stands for something: no file of bombs."""

Mark = tuple[int, int]
"""Line and column, counted from 1."""

_INT = re.compile(r"[-+]?\d+(?:_\d+)*")
_FLOAT = re.compile(r"[-+]?(?:\d+(?:_\d+)*)?\.?\d+(?:[eE][-+]?\d+)?|[-+]?\d+\.")
_LONGEST_NUMBER = 30
_YAML = "tag:yaml.org,2002:"
_TEXTS = {f"{_YAML}{name}" for name in ("str", "int", "float", "timestamp", "value", "merge")}


class Document(msgspec.Struct, frozen=True):
    """What a file says."""

    value: object
    """Of mappings, lists, texts, numbers, booleans and None."""
    marks: dict[Path, Mark]
    findings: tuple[Finding, ...]


class _Composer(yaml.SafeLoader):
    """PyYAML's own, but it goes only so deep."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0
        self.seen = 0

    @override
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        self.seen += 1
        if self.seen > MAX_VALUES:
            raise _too_large(f"it has more than {MAX_VALUES:,} values")
        if self.depth > MAX_DEPTH:
            raise _too_large(f"it goes deeper than {MAX_DEPTH} levels")
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def read_document(content: bytes) -> Document:
    """Return what the YAML says; a key that stands twice is a finding.

    Raises:
        ConfigError: it is not UTF-8, not YAML, or too large.
    """
    if len(content) > MAX_BYTES:
        raise _too_large(f"it has more than {MAX_BYTES:,} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8; save the file as UTF-8"
        raise ConfigError((Finding(code="not_text", message=message),)) from None
    reader = _Reader()
    value = reader.read(_compose(text), ())
    return Document(value, reader.marks, tuple(reader.findings))


def _compose(text: str) -> yaml.Node | None:
    try:
        return _Composer(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        problem = re.sub(r"'[^']{2,}'", "…", error.problem or "it cannot be read")
        raise ConfigError((_bad_yaml(problem, _mark(mark)),)) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        at = (before.count("\n") + 1, error.position - before.rfind("\n"))
        raise ConfigError((_bad_yaml("a control character stands here", at),)) from None
    except ValueError:  # PyYAML's chr() of an escape such as "\UFFFFFFFF"
        raise ConfigError((_bad_yaml("an escape stands for no character", (0, 0)),)) from None


class _Reader:
    """Goes through the nodes, and notes positions and findings."""

    def __init__(self) -> None:
        self.marks: dict[Path, Mark] = {}
        self.findings: list[Finding] = []
        self.seen = 0

    def read(self, node: yaml.Node | None, path: Path) -> object:
        """Return the plain value of a node."""
        self.seen += 1
        if self.seen > MAX_VALUES:
            raise _too_large(f"it has more than {MAX_VALUES:,} values")
        if len(path) > MAX_DEPTH:
            raise _too_large(f"it goes deeper than {MAX_DEPTH} levels, or refers to itself")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return self._list(node, path)
        return self._scalar(node, path) if isinstance(node, yaml.ScalarNode) else None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, object]:
        self._check_tag(node, path, {f"{_YAML}map"})
        values: dict[str, object] = {}
        for key, value in node.value:
            mark = _mark(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                self.findings.append(_bad_yaml("a key must be a plain text", mark, path))
                continue
            name = self._text(key, path)
            inner = (*path, name)
            if name in values:
                line = self.marks[inner][0]
                message = f"it stands here again, after line {line}; keep one of them"
                self._note("duplicate_key", inner, message, mark)
                continue
            self.marks[inner] = mark
            values[name] = self.read(value, inner)
        return values

    def _list(self, node: yaml.SequenceNode, path: Path) -> list[object]:
        self._check_tag(node, path, {f"{_YAML}seq"})
        values = []
        for at, each in enumerate(node.value):
            inner = (*path, at)
            self.marks[inner] = _mark(each.start_mark)
            values.append(self.read(each, inner))
        return values

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> object:
        text = self._text(node, path)
        if node.tag == f"{_YAML}null":
            return None
        if node.tag == f"{_YAML}bool":
            return text.lower() in {"yes", "true", "on"}
        self._check_tag(node, path, _TEXTS)
        if node.style is not None or len(text) > _LONGEST_NUMBER:
            return text
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
            return number
        return text

    def _text(self, node: yaml.ScalarNode, path: Path) -> str:
        text = str(node.value)
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            mark = _mark(node.start_mark)
            self.findings.append(_bad_yaml("half of a surrogate pair stands here", mark, path))
            return ""
        return text

    def _check_tag(self, node: yaml.Node, path: Path, allowed: set[str]) -> None:
        if node.tag not in allowed:
            mark = _mark(node.start_mark)
            self.findings.append(_bad_yaml("tags (!) are not taken; leave it out", mark, path))

    def _note(self, code: str, path: Path, message: str, mark: Mark) -> None:
        line, column = mark
        found = Finding(code=code, path=path, message=message, line=line, column=column)
        self.findings.append(found)


def _mark(mark: yaml.Mark | None) -> Mark:
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _bad_yaml(problem: str, mark: Mark, path: Path = ()) -> Finding:
    return Finding(code="bad_yaml", path=path, message=problem, line=mark[0], column=mark[1])


def _too_large(message: str) -> ConfigError:
    return ConfigError((Finding(code="too_large", message=message),))

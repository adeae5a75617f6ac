"""Finds the arguments of a tool target in a conversation, and checks them against its schema."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NoReturn, Protocol

import msgspec
import re2
from jsonschema import Draft202012Validator

from switchgear.domain.turn import Conversation, Role, Text, ToolUse

MAX_SCAN = 65_536
"""Characters of the last user turn that are searched."""
MAX_CANDIDATES = 32
"""Opening braces that are tried."""
MAX_FIELD = 60
"""Characters of a field's name in a problem."""

Arguments = dict[str, Any]


class Source(Protocol):
    """Where the arguments come from: exactly one is set."""

    @property
    def tool_call(self) -> bool:
        """The last tool call of the last assistant turn."""
        ...

    @property
    def json(self) -> bool:
        """The first JSON object in the last user turn."""
        ...

    @property
    def pattern(self) -> str:
        """RE2 with named groups, searched in the last user turn."""
        ...


class Needs(Protocol):
    """What a tool target asks of its arguments."""

    @property
    def source(self) -> Source:
        """Where they come from."""
        ...

    @property
    def schema(self) -> msgspec.Raw:
        """JSON Schema that they must fit."""
        ...


def find_arguments(conversation: Conversation, tool: Needs) -> Arguments | str:
    """Return the arguments, or what is wrong: it names fields and rules, never content."""
    source, schema = tool.source, bytes(tool.schema)
    if source.tool_call:
        found = _called(conversation)
    elif source.json:
        found = _written(_last_words(conversation))
    else:
        found = _matched(_last_words(conversation), source.pattern, schema)
    if isinstance(found, str):
        return found
    return _problem(found, schema) or found


def _called(conversation: Conversation) -> Arguments | str:
    for turn in reversed(conversation.turns):
        if turn.role is Role.ASSISTANT:
            calls = [part for part in turn.parts if isinstance(part, ToolUse)]
            return _decoded(calls[-1].arguments or "{}") if calls else "there is no tool call"
    return "there is no tool call"


def _decoded(text: str) -> Arguments | str:
    try:
        found = _DECODER.decode(text) if len(text) <= MAX_SCAN else None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else "the tool call's arguments are no JSON object"


def _last_words(conversation: Conversation) -> str:
    for turn in reversed(conversation.turns):
        if turn.role is Role.USER:
            return "\n".join(_texts(turn.parts))[:MAX_SCAN]
    return ""


def _texts(parts: tuple[object, ...]) -> Iterator[str]:
    return (part.text for part in parts if isinstance(part, Text))


def _written(text: str) -> Arguments | str:
    at = text.find("{")
    for _ in range(MAX_CANDIDATES):
        if at < 0:
            break
        try:
            found, _end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
        else:
            return dict(found)
    return "there is no JSON object in the last user turn"


def _matched(text: str, pattern: str, schema: bytes) -> Arguments | str:
    try:
        match = _compiled(pattern).search(text)
    except UnicodeError:
        match = None
    if match is None:
        return "the pattern does not match the last user turn"
    types = _types(schema)
    groups = match.groupdict().items()
    return {name: _typed(each, types.get(name)) for name, each in groups if each is not None}


def _typed(text: str, kind: object) -> object:
    """Return the captured text as the number that the schema asks for, where it is one."""
    if kind not in {"integer", "number"}:
        return text
    try:
        number = _DECODER.decode(text)
    except ValueError:
        return text
    return number if isinstance(number, int | float) else text


def _problem(arguments: Arguments, schema: bytes) -> str:
    error = next(_validator(schema).iter_errors(arguments), None)
    if error is None:
        return ""
    if error.validator == "required" and isinstance(error.instance, dict):
        wanted = [name for name in error.validator_value if name not in error.instance]
        return f"the argument {wanted[0][:MAX_FIELD]} is missing"
    where = ".".join(str(step) for step in error.absolute_path)[:MAX_FIELD]
    which = f"the argument {where}" if where else "the arguments together"
    if error.validator == "type":
        return f"{which} must be of type {error.validator_value}"
    return f"{which} breaks the schema's rule {error.validator}"


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_refuse)
"""Python's decoder, because it can stop at an object's end; NaN and Infinity are not JSON."""


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> Draft202012Validator:
    return Draft202012Validator(msgspec.json.decode(schema))


@lru_cache(maxsize=256)
def _types(schema: bytes) -> dict[str, object]:
    read = msgspec.json.decode(schema)
    properties = read.get("properties", {}) if isinstance(read, dict) else {}
    return {name: each.get("type") for name, each in properties.items() if isinstance(each, dict)}


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:  # noqa: ANN401  (re2 has no types)
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)

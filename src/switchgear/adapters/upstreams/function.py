"""The functions that tool targets run: the built-in ones, and the owner's own."""

import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from switchgear.adapters.upstreams.arithmetic import MAX_LENGTH, work_out
from switchgear.config.setup import ToolSpec

Settings = Mapping[str, Any]
Function = Callable[[dict[str, Any]], object]
"""From arguments to a result. ValueError says what is wrong with the arguments."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A function, ready to run."""

    run: Function
    own: bool
    """It is the owner's: it may be slow, so it runs in a thread, under a limit of time."""


def build_work(spec: ToolSpec) -> Work:
    """Return the function that a tool target names, with its settings checked.

    Raises:
        ValueError: there is no such function, or its settings are not what it needs.
    """
    make = BUILT_IN.get(spec.function)
    try:
        if make is not None:
            return Work(run=make(spec.settings), own=False)
        return Work(run=_own(spec.function, spec.settings), own=True)
    except ValueError as error:
        raise ValueError(f"tool {spec.target}: {error}") from None


def _arithmetic(_: Settings) -> Function:
    return lambda arguments: work_out(_text(arguments, "expression"))


_FIELD = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")


def _template(settings: Settings) -> Function:
    """Fill ``{name}`` from the arguments; ``{{`` and ``}}`` are braces."""
    template = _text(settings, "template")

    def run(arguments: dict[str, Any]) -> object:
        def fill(match: re.Match[str]) -> str:
            name = match[1]
            if name is None:
                return match[0][0]
            if name not in arguments:
                raise ValueError(f"the argument {name} is missing")
            return as_text(arguments[name])

        return _FIELD.sub(fill, template)

    return run


_STEP = re.compile(r"\.?([A-Za-z_][A-Za-z0-9_-]*)|\[([0-9]{1,9})\]")


def _json_path(settings: Settings) -> Function:
    """Take what is at ``path`` in the arguments: names with dots, places as ``[0]``."""
    path = _text(settings, "path")
    steps: list[str | int] = []
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise ValueError("its path must be like order.lines[0].price")
        steps.append(match[1] if match[1] is not None else int(match[2]))
        at = match.end()

    def run(arguments: dict[str, Any]) -> object:
        value: Any = arguments
        for step in steps:
            if not _has(value, step):
                raise ValueError(f"there is nothing at {path}")
            value = value[step]
        return value

    return run


def _has(value: object, step: str | int) -> bool:
    if isinstance(step, str):
        return isinstance(value, dict) and step in value
    return isinstance(value, list) and step < len(value)


def _lookup(settings: Settings) -> Function:
    """Find the argument named by ``key`` in ``table``; else give ``default``, if there is one."""
    table, key = settings.get("table"), settings.get("key", "key")
    if not isinstance(table, dict) or not table or not isinstance(key, str):
        raise ValueError("it needs a table, and the name of the argument as key")
    rows = {str(name): row for name, row in table.items()}

    def run(arguments: dict[str, Any]) -> object:
        if key not in arguments:
            raise ValueError(f"the argument {key} is missing")
        wanted = as_text(arguments[key])
        if wanted in rows:
            return rows[wanted]
        if "default" in settings:
            return settings["default"]
        raise ValueError(f"the table has no such {key}")

    return run


BUILT_IN: dict[str, Callable[[Settings], Function]] = {
    "arithmetic": _arithmetic,
    "template": _template,
    "json_path": _json_path,
    "lookup": _lookup,
}
"""By the name in config files."""

SCHEMAS: dict[str, dict[str, Any]] = {
    "arithmetic": {
        "type": "object",
        "properties": {"expression": {"type": "string", "maxLength": MAX_LENGTH}},
        "required": ["expression"],
    },
    "template": {"type": "object"},
    "json_path": {"type": "object"},
    "lookup": {"type": "object", "properties": {"key": {"type": ["string", "number"]}}},
}
"""JSON Schema of each one's arguments, as far as the settings do not decide."""


def _own(name: str, settings: Settings) -> Function:
    """Return the owner's function, called with the arguments by name; settings win over them."""
    module, _, attribute = name.partition(":")
    try:
        function = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError):
        raise ValueError(f"there is no function {name}") from None
    if not callable(function) or inspect.iscoroutinefunction(function):
        raise ValueError(f"{name} is not a plain function")
    return lambda arguments: function(**{**arguments, **settings})


def as_text(value: object) -> str:
    """Return text as it is, and anything else as JSON.

    Raises:
        TypeError: it cannot be written as JSON.
    """
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text")  # noqa: TRY004  (it is the caller's JSON)
    return value

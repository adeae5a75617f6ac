"""Whether each tool's function, pattern and schema can be used."""

import ast
import re
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path as FilePath

import jsonschema
import re2

from switchgear.config.error import Finding, Path
from switchgear.config.schema import PatternEntry, ToolEntry
from switchgear.config.shape import nearest
from switchgear.config.verify.subject import Subject, found

BUILT_IN = ("arithmetic", "template", "json_path", "lookup")
"""Functions that come with the program."""

_OWN = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)")
_MAX_PATTERN = 1_000
"""Characters."""


def check_tools(subject: Subject) -> Iterator[Finding]:
    """Find functions that do not exist, and arguments that can never fit."""
    for name, entry in subject.file.targets.items():
        path = ("targets", name, "tool")
        if (entry.kind == "tool") is not (entry.tool is not None):
            message = "a target of kind: tool says its function under tool, and no other does"
            yield found("missing_tool", path, message)
        elif entry.tool is not None:
            yield from _function(path, entry.tool.function)
            problems = list(_schema(path, entry.tool))
            yield from problems or _pattern(path, entry.tool)


def _function(path: Path, name: str) -> Iterator[Finding]:
    if name in BUILT_IN:
        return
    if _OWN.fullmatch(name) is None:
        there = ", ".join(BUILT_IN)
        message = f"there is no such function{nearest(name, BUILT_IN)} (there are {there}, or yours"
        message += " as module:name)"
    else:
        message = missing_function(name)
    if message:
        yield found("unknown_function", (*path, "function"), message)


def missing_function(name: str) -> str:
    """Return what is wrong with the name of a function of the owner's; empty where nothing is."""
    own = _OWN.fullmatch(name)
    return "write it as module:name" if own is None else _missing(own[1], own[2])


def _missing(module: str, name: str) -> str:
    """Return what is missing of a function of the owner's; its code is read, not run."""
    spec = _spec(module)
    if spec is None:
        return f"Python does not find the module {module}; put its folder on PYTHONPATH"
    if not spec.origin or not spec.origin.endswith(".py"):
        return ""
    try:
        tree = ast.parse(FilePath(spec.origin).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return f"the module {module} cannot be read as Python"
    names = _names(tree)
    if name in names or "*" in names:
        return ""
    return f"the module {module} has no {name}{nearest(name, names)}"


def _spec(module: str) -> ModuleSpec | None:
    spec, where = None, None
    parts = module.split(".")
    for at in range(len(parts)):
        spec = PathFinder.find_spec(".".join(parts[: at + 1]), where)
        if spec is None:
            return None
        where = list(spec.submodule_search_locations or [])
    return spec


def _names(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def _schema(path: Path, tool: ToolEntry) -> Iterator[Finding]:
    try:
        jsonschema.Draft202012Validator.check_schema(tool.schema)
    except jsonschema.SchemaError as error:
        where = "/".join(str(each) for each in error.path)
        message = f"it is not JSON Schema{f' at {where}' if where else ''}"
        yield found("bad_schema", (*path, "schema"), message)
    if any(not each.startswith("#") for each in _references(tool.schema)):
        message = "a $ref may only lead to a place in the same schema, such as #/$defs/name"
        yield found("bad_schema", (*path, "schema"), message)


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key in {"$ref", "$dynamicRef"} and isinstance(each, str):
                yield each
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _pattern(path: Path, tool: ToolEntry) -> Iterator[Finding]:
    if not isinstance(tool.arguments, PatternEntry):
        return
    here = (*path, "arguments", "pattern")
    pattern = tool.arguments.pattern
    if len(pattern) > _MAX_PATTERN:
        yield found("bad_pattern", here, f"it is longer than {_MAX_PATTERN:,} characters")
        return
    options = re2.Options()
    options.log_errors = False
    try:
        groups = set(re2.compile(pattern, options).groupindex)
    except (re2.error, UnicodeError):
        yield found(
            "bad_pattern", here, "it is not RE2, which knows no look-around or back-reference"
        )
        return
    yield from _groups(here, groups, tool.schema)


def _groups(path: Path, groups: set[str], schema: dict[str, object]) -> Iterator[Finding]:
    properties, required = schema.get("properties"), schema.get("required")
    if not groups:
        message = "it has no named groups, (?P<name>…), so it gives no arguments"
        yield found("bad_pattern", path, message)
    strange = groups - set(properties) if isinstance(properties, dict) else set()
    missing = set(required) - groups if isinstance(required, list) else set()
    if strange:
        message = f"the schema has no {', '.join(sorted(strange))}; name groups as its properties"
        yield found("bad_pattern", path, message)
    if missing and groups:
        message = (
            f"the schema requires {', '.join(sorted(map(str, missing)))}, and no group gives it"
        )
        yield found("bad_pattern", path, message)

"""Writes the page of settings from the structs that the configuration file is read into."""

import types
import typing
from collections.abc import Iterator
from enum import Enum

import msgspec

from page import fields, sentence, table, value
from switchgear.config import schema


def setting_page() -> str:
    """Return every setting, part by part, from the top of the file down."""
    paths: dict[type[msgspec.Struct], list[str]] = {}
    for path, owner in sections(schema.File, ""):
        paths.setdefault(owner, []).append(f"`{path}`" if path else "The file")
    parts = []
    for owner, titles in paths.items():
        hints = typing.get_type_hints(owner, include_extras=True)
        rows = [
            (f"`{each.name}`", shape(hints[each.name]), each.doc + ("" if each.default else NEEDED))
            for each in fields(owner)
        ]
        head = f"## {', '.join(titles)}\n\n{sentence(owner)}"
        parts.append(f"{head}\n\n{table(SETTING_HEAD, rows)}")
    return "\n\n".join(parts)


NEEDED = " It must be there."
SETTING_HEAD = ("key", "takes", "what")


def sections(owner: type[msgspec.Struct], path: str) -> Iterator[tuple[str, type[msgspec.Struct]]]:
    """Return a part of the file and all parts below it, each with where it stands."""
    yield path, owner
    for name, hint in typing.get_type_hints(owner, include_extras=True).items():
        for inner, suffix in parts_of(hint):
            yield from sections(inner, f"{path}.{name}{suffix}".lstrip("."))


def parts_of(hint: object) -> Iterator[tuple[type[msgspec.Struct], str]]:
    """Return the parts of the file that a setting holds, with what leads to each from it."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint, ""
    origin = typing.get_origin(hint)
    suffix = ".ID" if origin is dict else "[]" if origin is tuple else ""
    for inner in typing.get_args(hint):
        for part, rest in parts_of(inner):
            yield part, suffix + rest


def shape(hint: object) -> str:
    """Return in words what a setting takes."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return f"{shape(inner[0])}{bounds(inner[1])}"
    if origin is typing.Literal:
        return ", ".join(f"`{each}`" for each in inner)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(shape(each) for each in inner if each is not type(None))
    if origin is tuple:
        return f"list of {shape(inner[0])}".replace("a part", "parts")
    if origin is dict:
        return f"map of names to {shape(inner[1])}".replace("a part", "parts")
    return plain(hint)


WORDS: dict[object, str] = {
    str: "text",
    bool: "`true`, `false`",
    int: "whole number",
    float: "number",
    object: "anything",
}


def plain(hint: object) -> str:
    """Return in words what a type without parts takes."""
    if isinstance(hint, type) and issubclass(hint, Enum):
        return ", ".join(f"`{value(each)}`" for each in hint)
    return WORDS.get(hint, "a part")


def bounds(meta: msgspec.Meta) -> str:
    """Return in words what a number must keep to."""
    least = f"above {meta.gt:g}" if meta.gt is not None else f"{meta.ge:,}"
    most = f"below {meta.lt:g}" if meta.lt is not None else f"{meta.le:,}"
    return f", {least} to {most}"

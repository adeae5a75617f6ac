"""Reads what code says of itself, and writes it as Markdown."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Sequence
from enum import Enum
from types import ModuleType
from typing import NamedTuple

import msgspec

Rows = Sequence[tuple[str, ...]]


class Field(NamedTuple):
    """One field of a class, or one constant of a module, as its source says it."""

    name: str
    kind: str
    default: str
    doc: str


def fields(owner: type | ModuleType) -> Iterator[Field]:
    """Return the fields of a class or the constants of a module, each with the string under it.

    A struct has those of the one that it is made from, first.
    """
    if isinstance(owner, type) and issubclass(owner, msgspec.Struct):
        base = owner.__bases__[0]
        if getattr(base, "__struct_fields__", ()):
            yield from fields(base)
    tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    body = tree.body
    if isinstance(owner, type) and isinstance(tree.body[0], ast.ClassDef):
        body = tree.body[0].body
    for node, after in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign | ast.Assign):
            continue
        named = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        kind = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else ""
        default = ast.unparse(node.value) if node.value is not None else ""
        yield Field(ast.unparse(named), kind, default, _text(after))


def _text(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return prose(str(node.value.value))
    return ""


def prose(text: str) -> str:
    """Return a docstring as one line of Markdown."""
    return re.sub(r"\s+", " ", text.strip()).replace("``", "`")


def sentence(owner: object) -> str:
    """Return what a thing says of itself in its first paragraph."""
    return prose(inspect.cleandoc(owner.__doc__ or "").partition("\n\n")[0])


def table(head: tuple[str, ...], rows: Rows) -> str:
    """Return a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def documented(owner: type[Enum]) -> list[tuple[Enum, str]]:
    """Return the members of an Enum, each with the string under it."""
    docs = {each.name: each.doc for each in fields(owner)}
    return [(each, docs.get(each.name, "")) for each in owner]


def value(each: Enum) -> str:
    """Return a member of an Enum as people write it."""
    return each.value if isinstance(each.value, str) else each.name.lower()

"""The rules of the house that no linter knows: module text in, complaints out."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from typing_extensions import TypeIs

MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 60
PURE = {"domain", "engine", "wire"}
VAGUE = {"utils", "helpers", "common", "misc", "manager", "base", "info", "data", "obj"}

MAKES_TASKS = {"ports/nursery.py"}
CATCHES_ALL = {
    "pipeline/record.py": "whatever happened, the ledger is told",
    "surfaces/http/app.py": "whatever happened, the caller gets an answer in its dialect",
    "ports/handler.py": "closing does every act, also when one before it failed",
}

Rule = Callable[[str, PurePosixPath], list[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def is_function(node: ast.AST) -> TypeIs[Function]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


@lru_cache(maxsize=1)
def tree_of(source: str) -> ast.Module:
    """Parse once for all rules: they are asked about one module after the other."""
    return ast.parse(source)


@lru_cache(maxsize=1)
def nodes(source: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree_of(source)))


def functions(source: str) -> Iterator[Function]:
    return (node for node in nodes(source) if is_function(node))


def comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def size(source: str, _path: PurePosixPath) -> list[str]:
    lines = len(source.splitlines())
    return [f"{lines} lines"] if lines > MAX_FILE_LINES else []


def function_size(source: str, _path: PurePosixPath) -> list[str]:
    spans = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions(source)}
    return [f"{name}: {span} lines" for name, span in spans.items() if span > MAX_FUNCTION_LINES]


def name(_source: str, path: PurePosixPath) -> list[str]:
    return [f"{part} says nothing" for part in path.with_suffix("").parts if part in VAGUE]


def sentence(source: str, _path: PurePosixPath) -> list[str]:
    first = (ast.get_docstring(tree_of(source)) or "").partition("\n")[0]
    return [] if re.fullmatch(r"[A-Z0-9`].*\.", first) else [f"opens with {first!r}"]


def late_import(source: str, _path: PurePosixPath) -> list[str]:
    imports = [it.lineno for it in nodes(source) if isinstance(it, ast.Import | ast.ImportFrom)]
    spans = [(it.lineno, it.end_lineno or it.lineno) for it in functions(source)]
    late = {line for line in imports if any(first <= line <= last for first, last in spans)}
    return [f"line {line}" for line in sorted(late)]


def import_effect(source: str, _path: PurePosixPath) -> list[str]:
    """A call whose result nobody takes, at the top of a module, is there for what it does."""
    body = tree_of(source).body
    return [
        f"line {node.lineno}"
        for node in body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ]


def waiting(source: str, path: PurePosixPath) -> list[str]:
    if path.parts[0] not in PURE:
        return []
    kinds = ast.Await | ast.AsyncFor | ast.AsyncWith | ast.AsyncFunctionDef
    return [f"line {node.lineno}" for node in nodes(source) if isinstance(node, kinds)]


def melted(source: str, path: PurePosixPath) -> list[str]:
    """Values of the pure floors are frozen."""
    if path.parts[0] not in PURE:
        return []
    return [
        node.name
        for node in nodes(source)
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(parent) in {"msgspec.Struct", "Struct"} for parent in node.bases)
        and not any(word.arg == "frozen" for word in node.keywords)
    ]


def lost_task(source: str, path: PurePosixPath) -> list[str]:
    """Tasks are made by a task group or the nursery, so that none is lost."""
    if str(path) in MAKES_TASKS:
        return []
    groups = {
        ast.unparse(item.optional_vars)
        for node in nodes(source)
        if isinstance(node, ast.AsyncWith)
        for item in node.items
        if item.optional_vars and "TaskGroup" in ast.unparse(item.context_expr)
    }
    return [
        f"line {node.lineno}: {ast.unparse(node.func)}"
        for node in nodes(source)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in {"create_task", "ensure_future"}
        and ast.unparse(node.func).rpartition(".")[0] not in groups
    ]


def catch_all(source: str, path: PurePosixPath) -> list[str]:
    """Only the places in CATCHES_ALL may keep what they do not know; others must raise it again."""
    if str(path) in CATCHES_ALL:
        return []
    broad = re.compile(r"\b(Base)?Exception\b")
    found = []
    for node in nodes(source):
        caught = isinstance(node, ast.ExceptHandler) and (
            (node.type is None or broad.search(ast.unparse(node.type)))
            and ast.unparse(node.body[-1]) != "raise"
        )
        silenced = isinstance(node, ast.Call) and (
            ast.unparse(node.func).endswith("suppress") and broad.search(ast.unparse(node))
        )
        if caught or silenced:
            found.append(f"line {getattr(node, 'lineno', 0)}")
    return found


def unexplained(source: str, _path: PurePosixPath) -> list[str]:
    """An exception from a check names the check, and says why."""
    lint = re.compile(r"noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*\s+\W*\w+")
    types = re.compile(r"type: ignore\[[a-z, -]+\]\s+#\W*\w+")
    found = []
    for line, comment in comments(source):
        for mark, good in (("noqa", lint), ("type: ignore", types)):
            if re.match(rf"#\s*{mark}", comment) and not good.search(comment):
                found.append(f"line {line}: {comment}")
    return found


EVERYWHERE: tuple[Rule, ...] = (size, function_size, name, late_import, unexplained)
"""Rules for all code: also for tests and tools."""

RULES: tuple[Rule, ...] = (
    *EVERYWHERE,
    sentence,
    import_effect,
    waiting,
    melted,
    lost_task,
    catch_all,
)
"""Rules for the package."""


def has_logic(source: str) -> bool:
    """Say whether there is any function to test: one that does more than declare a shape."""
    declared = {
        id(function)
        for node in nodes(source)
        if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(b) for b in node.bases)
        for function in node.body
    }
    return any(is_function(node) and id(node) not in declared for node in nodes(source))


def mirrors(module: PurePosixPath) -> list[str]:
    """Return where the tests of a module may be, as glob patterns under ``tests``.

    A file or a folder of the module's own name at the module's own place. A package may be tested
    as one thing, by a file of its name at its place; an adapter by the contract of its port.
    """
    own = module.parent if module.name == "__init__.py" else module.with_suffix("")
    found = [own.parent / f"test_{own.name}.py", own.parent / f"test_{own.name}_*.py"]
    found.append(own / "test_*.py")
    if len(own.parts) > 2:  # a package inside a room, not the room itself
        found.append(own.parent.parent / f"test_{own.parent.name}.py")
        found.append(own.parent.parent / f"test_{own.parent.name}_*.py")
    if own.parts[:1] == ("adapters",) and len(own.parts) > 1:
        found.append(PurePosixPath("ports", f"test_{own.parts[1].removesuffix('s')}.py"))
        found.append(PurePosixPath("ports", f"test_{own.parts[1]}.py"))
    return [str(pattern) for pattern in found]

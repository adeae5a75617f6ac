from pathlib import Path, PurePosixPath

import pytest

from support import house

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "switchgear"
MODULES = sorted(SRC.rglob("*.py"))
OTHERS = sorted(
    file
    for room in ("tests", "tools", "bench", "faults", "agents", "parity")
    for file in (ROOT / room).rglob("*.py")
)


def complaints(file: Path, top: Path, rules: tuple[house.Rule, ...]) -> list[str]:
    source, path = file.read_text(encoding="utf-8"), PurePosixPath(file.relative_to(top))
    return [f"{path}: {rule.__name__}: {it}" for rule in rules for it in rule(source, path)]


def test_there_is_a_package_to_judge() -> None:
    assert SRC / "domain" / "errors.py" in MODULES


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(SRC)))
def test_every_module_keeps_the_rules(file: Path) -> None:
    assert not complaints(file, SRC, house.RULES)


def test_tests_and_tools_keep_the_rules_for_all_code() -> None:
    assert not [it for file in OTHERS for it in complaints(file, ROOT, house.EVERYWHERE)]


BAD: list[tuple[house.Rule, str, str]] = [
    (house.size, "engine/a.py", "x = 1\n" * 401),
    (house.function_size, "engine/a.py", "def f():\n" + "    x = 1\n" * 60),
    (house.name, "engine/utils.py", ""),
    (house.name, "common/a.py", ""),
    (house.sentence, "engine/a.py", "x = 1"),
    (house.sentence, "engine/a.py", '"""no capital, no stop"""'),
    (house.late_import, "engine/a.py", "def f():\n    if x:\n        import os"),
    (house.late_import, "engine/a.py", "async def f():\n    from a import b"),
    (house.import_effect, "cli/a.py", "print('imported')"),
    (house.waiting, "engine/a.py", "async def f(): ..."),
    (house.waiting, "wire/a/b.py", "x = [await y for y in z]"),
    (house.melted, "domain/a.py", "class A(msgspec.Struct): ..."),
    (house.melted, "domain/a.py", "class A(msgspec.Struct, kw_only=True): ..."),
    (house.lost_task, "pipeline/a.py", "asyncio.create_task(work())"),
    (house.lost_task, "pipeline/a.py", "asyncio.get_running_loop().create_task(work())"),
    (house.lost_task, "pipeline/a.py", "asyncio.ensure_future(work())"),
    (house.catch_all, "pipeline/a.py", "try: ...\nexcept: ..."),
    (house.catch_all, "pipeline/a.py", "try: ...\nexcept Exception: ..."),
    (house.catch_all, "pipeline/a.py", "try: ...\nexcept (KeyError, BaseException): ..."),
    (house.catch_all, "pipeline/a.py", "with suppress(Exception): ..."),
    (house.unexplained, "engine/a.py", "x = 1  # noqa"),
    (house.unexplained, "engine/a.py", "x = 1  # noqa: S311"),
    (house.unexplained, "engine/a.py", "x = 1  # type: ignore"),
    (house.unexplained, "engine/a.py", "x = 1  # type: ignore[attr-defined]"),
]


@pytest.mark.parametrize(("rule", "path", "source"), BAD)
def test_every_rule_finds_what_it_forbids(rule: house.Rule, path: str, source: str) -> None:
    assert rule(source, PurePosixPath(path))


GOOD: list[tuple[house.Rule, str, str]] = [
    (house.size, "engine/a.py", "x = 1\n" * 400),
    (house.function_size, "engine/a.py", "def f():\n" + "    x = 1\n" * 59),
    (house.sentence, "engine/a.py", '"""Says what it is.\n\nand more\n"""'),
    (house.late_import, "engine/a.py", "if TYPE_CHECKING:\n    import os"),
    (house.waiting, "pipeline/a.py", "async def f(): await g()"),
    (house.melted, "domain/a.py", "class A(msgspec.Struct, frozen=True): ..."),
    (
        house.lost_task,
        "pipeline/a.py",
        "async def f():\n  async with TaskGroup() as group:\n    group.create_task(g())",
    ),
    (house.lost_task, "ports/nursery.py", "loop.create_task(work())"),
    (house.catch_all, "pipeline/a.py", "try: ...\nexcept KeyError: ..."),
    (house.catch_all, "pipeline/a.py", "try: ...\nexcept BaseException:\n  close()\n  raise"),
    (house.catch_all, "pipeline/record.py", "try: ...\nexcept Exception: ..."),
    (house.unexplained, "engine/a.py", "x = 1  # noqa: S311  (not for secrets)"),
    (house.unexplained, "engine/a.py", "x = 1  # type: ignore[arg-type]  # the stub is wrong"),
]


@pytest.mark.parametrize(("rule", "path", "source"), GOOD)
def test_no_rule_finds_what_it_allows(rule: house.Rule, path: str, source: str) -> None:
    assert not rule(source, PurePosixPath(path))


def test_every_rule_is_shown_to_fail() -> None:
    assert {rule for rule, _, _ in BAD} == set(house.RULES)

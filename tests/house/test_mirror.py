from pathlib import Path, PurePosixPath

from support import house

ROOT = Path(__file__).parents[2]
SRC, TESTS = ROOT / "src" / "switchgear", ROOT / "tests"
ROOMS = sorted(path.name for path in SRC.iterdir() if (path / "__init__.py").exists())
MODULES = sorted(PurePosixPath(file.relative_to(SRC)) for file in SRC.rglob("*.py"))


def read(module: PurePosixPath) -> str:
    return (SRC / module).read_text(encoding="utf-8")


def test_every_module_with_logic_has_its_tests_at_the_same_place() -> None:
    missing = [
        f"{module}: none of {house.mirrors(module)}"
        for module in MODULES
        if house.has_logic(read(module))
        and not any(any(TESTS.glob(pattern)) for pattern in house.mirrors(module))
    ]
    assert not missing, "\n".join(missing)


def test_every_test_of_a_room_is_of_a_module_there() -> None:
    mirrored = {
        str(test)
        for module in MODULES
        for pattern in house.mirrors(module)
        for test in TESTS.glob(pattern)
    }
    orphans = [
        str(test.relative_to(TESTS))
        for room in ROOMS
        for test in sorted((TESTS / room).rglob("test_*.py"))
        if str(test) not in mirrored
    ]
    assert not orphans


def test_logic_is_a_function_that_is_more_than_a_shape() -> None:
    assert house.has_logic("def f(): return 1")
    assert house.has_logic("class A:\n    def f(self): return 1")
    assert not house.has_logic("class A(Protocol):\n    def f(self): ...")
    assert not house.has_logic("class A(msgspec.Struct):\n    x: int")


def test_the_mirror_of_a_module_has_its_name_and_place() -> None:
    assert "wire/test_sse.py" in house.mirrors(PurePosixPath("wire/sse.py"))
    assert "wire/test_anthropic.py" in house.mirrors(PurePosixPath("wire/anthropic/__init__.py"))
    assert "wire/test_anthropic.py" in house.mirrors(PurePosixPath("wire/anthropic/write.py"))
    assert not any("test_wire" in it for it in house.mirrors(PurePosixPath("wire/sse.py")))


def test_an_adapter_may_be_tested_by_the_contract_of_its_port() -> None:
    assert "ports/test_ledger.py" in house.mirrors(PurePosixPath("adapters/ledgers/memory.py"))
    assert "ports/test_clock.py" in house.mirrors(PurePosixPath("adapters/clock.py"))
    assert not any(it.startswith("ports") for it in house.mirrors(PurePosixPath("wire/sse.py")))

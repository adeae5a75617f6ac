import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def pins(lock: Path) -> dict[str, str]:
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {re.split(r"==", line)[0].strip(): line for line in lines}


def normal(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~;\[ ]", requirement)[0]).lower()


def test_there_is_a_lock_to_run_and_one_to_develop() -> None:
    assert {lock.stem for lock in LOCKS} >= {"run", "dev"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_line_of_a_lock_is_one_version_with_its_hashes(lock: Path) -> None:
    for line in pins(lock).values():
        assert re.match(r"[a-z0-9-]+==\S+ ", line), line
        assert "--hash=sha256:" in line


def test_the_locks_pin_all_that_the_project_asks_for() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = pyproject["dependency-groups"]
    run = {normal(it) for it in [*pyproject["project"]["dependencies"], *groups["build"]]}
    assert run <= set(pins(ROOT / "requirements" / "run.txt"))
    assert run | {normal(it) for it in groups["dev"]} <= set(
        pins(ROOT / "requirements" / "dev.txt")
    )


def test_what_runs_is_the_same_version_in_both_locks() -> None:
    run, dev = (pins(ROOT / "requirements" / f"{name}.txt") for name in ("run", "dev"))
    assert run == {name: dev[name] for name in run}

import asyncio
import sqlite3
import stat
from pathlib import Path

import msgspec
import pytest

from support.recollected import FORMAT, MINE, THEIRS, answer, tool_call, tool_result
from switchgear.adapters.clock import ManualClock
from switchgear.adapters.recollections.shelf import Bounds
from switchgear.adapters.recollections.sqlite import SqliteRecollections
from switchgear.domain.errors import LedgerDown
from switchgear.domain.turn import AnswerFormat
from switchgear.domain.units import Seconds

BOUNDS = Bounds(most_bytes=1_000_000, span=Seconds(3600.0))
CLOCK = ManualClock()


def opened(path: Path, bounds: Bounds = BOUNDS, clock: ManualClock = CLOCK) -> SqliteRecollections:
    return SqliteRecollections(bounds, clock, path)


def rows(path: Path) -> tuple[int, int]:
    file = sqlite3.connect(path)
    try:
        query = "SELECT (SELECT count(*) FROM answers), (SELECT count(*) FROM strands)"
        found: tuple[int, int] = file.execute(query).fetchone()
        return found
    finally:
        file.close()


def test_what_was_kept_is_there_after_a_restart_for_its_owner_alone(tmp_path: Path) -> None:
    async def life() -> None:
        first = answer("r0")
        second = tool_call("r1", first)
        third = tool_result("r2", second)
        kept = opened(tmp_path / "kept.db")
        for each in (first, second, third):
            await kept.keep(MINE, each)
        await kept.aclose()
        again = opened(tmp_path / "kept.db")
        assert [await again.find(MINE, each.id) for each in (first, second, third)] == [
            first,
            second,
            third,
        ]
        assert await again.find(THEIRS, "r2") is None
        fourth = answer("r3", after=third)
        await again.keep(MINE, fourth)
        await again.aclose()
        last = opened(tmp_path / "kept.db")
        assert await last.find(MINE, "r3") == fourth
        await last.aclose()

    asyncio.run(life())


@pytest.mark.parametrize("wanted", [None, AnswerFormat(), FORMAT])
def test_whatever_form_was_wanted_of_an_answer_is_there_after_a_restart(
    tmp_path: Path, wanted: AnswerFormat | None
) -> None:
    async def life() -> None:
        new = answer("r0")
        new = msgspec.structs.replace(new, asked=msgspec.structs.replace(new.asked, format=wanted))
        kept = opened(tmp_path / "kept.db")
        await kept.keep(MINE, new)
        await kept.aclose()
        again = opened(tmp_path / "kept.db")
        assert await again.find(MINE, "r0") == new
        await again.aclose()

    asyncio.run(life())


def test_what_was_forgotten_is_gone_from_the_file_and_what_others_need_stays(
    tmp_path: Path,
) -> None:
    async def life() -> None:
        kept = opened(tmp_path / "kept.db")
        first, second = answer("r0"), answer("r1", after=answer("r0"))
        await kept.keep(MINE, first)
        await kept.keep(MINE, second)
        await kept.forget(MINE, "r0")
        await kept.aclose()
        assert rows(tmp_path / "kept.db") == (1, 2)
        again = opened(tmp_path / "kept.db")
        assert await again.find(MINE, "r1") == second
        await again.forget(MINE, "r1")
        await again.aclose()
        assert rows(tmp_path / "kept.db") == (0, 0)

    asyncio.run(life())


def test_the_bounds_hold_for_what_is_read_too(tmp_path: Path) -> None:
    async def life() -> None:
        kept = opened(tmp_path / "kept.db")
        for number in range(5):
            await kept.keep(MINE, answer(f"r{number}", "x" * 5_000))
        await kept.aclose()
        small = opened(tmp_path / "kept.db", Bounds(most_bytes=20_000, span=BOUNDS.span))
        assert await small.find(MINE, "r0") is None
        assert await small.find(MINE, "r4")
        await small.aclose()
        assert rows(tmp_path / "kept.db") == (2, 2)

    asyncio.run(life())


def test_what_became_too_old_while_nobody_ran_is_not_read(tmp_path: Path) -> None:
    async def life() -> None:
        clock = ManualClock()
        kept = opened(tmp_path / "kept.db", clock=clock)
        await kept.keep(MINE, answer("r0"))
        await kept.aclose()
        clock.advance(Seconds(3601))
        again = opened(tmp_path / "kept.db", clock=clock)
        assert await again.find(MINE, "r0") is None
        await again.aclose()
        assert rows(tmp_path / "kept.db") == (0, 0)

    asyncio.run(life())


def test_a_file_of_another_version_is_emptied_and_rows_that_mean_nothing_are_left_out(
    tmp_path: Path,
) -> None:
    async def life() -> None:
        path = tmp_path / "kept.db"
        kept = opened(path)
        await kept.keep(MINE, answer("r0"))
        await kept.keep(MINE, answer("r1"))
        await kept.aclose()
        file = sqlite3.connect(path)
        file.execute("UPDATE answers SET note = '{}' WHERE id = 'r0'")
        file.commit()
        again = opened(path)
        assert await again.find(MINE, "r0") is None
        assert await again.find(MINE, "r1")
        await again.aclose()
        file.execute("PRAGMA user_version = 99")
        file.close()
        newer = opened(path)
        assert await newer.find(MINE, "r1") is None
        await newer.aclose()
        assert rows(path) == (0, 0)

    asyncio.run(life())


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    async def life() -> None:
        await opened(tmp_path / "kept.db").aclose()

    asyncio.run(life())
    assert stat.S_IMODE((tmp_path / "kept.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["folder", "text"])
def test_a_file_that_cannot_be_used_is_said_at_once(tmp_path: Path, content: str) -> None:
    path = tmp_path
    if content == "text":
        path = tmp_path / "kept.db"
        path.write_text("no database at all, but long enough to be read as one" * 20)
    with pytest.raises(LedgerDown, match="file of kept answers"):
        opened(path)


def test_a_disk_that_fails_costs_only_what_is_there_after_a_restart(tmp_path: Path) -> None:
    async def life() -> None:
        path = tmp_path / "kept.db"
        kept = opened(path)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("DROP TABLE strands")
        await kept.keep(MINE, answer("r0"))
        assert await kept.find(MINE, "r0")
        other.close()
        await kept.aclose()

    asyncio.run(life())

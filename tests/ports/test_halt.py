"""What every board does."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from switchgear.adapters.halts.file import FileBoard
from switchgear.adapters.halts.memory import MemoryBoard
from switchgear.domain.halt import Halt, Halted
from switchgear.domain.units import UnixMs
from switchgear.ports.board import Board

ACME = Halt(kind=Halted.TENANT, name="acme", at=UnixMs(5), by="k1", note="too dear")
EVERYTHING = Halt(kind=Halted.EVERYTHING, at=UnixMs(7))
Opening = Callable[[Path], Board]


@pytest.fixture(params=["file", "memory"])
def board(request: pytest.FixtureRequest, tmp_path: Path) -> Board:
    return FileBoard(tmp_path / "halts.json") if request.param == "file" else MemoryBoard()


def test_what_is_posted_is_seen_once(board: Board) -> None:
    assert board.look() == ()
    assert board.look() is None
    asyncio.run(board.post([ACME]))
    asyncio.run(board.post([EVERYTHING]))
    assert set(board.look() or ()) == {ACME, EVERYTHING}
    assert board.look() is None


def test_a_later_word_takes_the_place_of_an_earlier_one_and_not_the_reverse(board: Board) -> None:
    lifted = msgspec.structs.replace(ACME, on=False, at=UnixMs(6))
    asyncio.run(board.post([lifted]))
    asyncio.run(board.post([ACME]))
    assert board.look() == (lifted,)

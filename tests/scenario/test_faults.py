"""The smoke part of `make faults`: one fault of each kind, in every way, over real sockets."""

import asyncio

import pytest
from faults.cell import Cell
from faults.matrix import matrix, served, ways
from faults.pace import strayed

from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.catalogue import BY_NAME

SMOKE = (
    "healthy",
    "refused",
    "reset-before-headers",
    "keep-alive-race",
    "hang-before-content",
    "reset-mid-stream",
    "429-retry-after-999999",
    "503-once",
    "401",
    "context-too-long",
    "content-filter",
    "html",
    "truncated-json",
    "missing-done",
    "corrupt-event",
    "content-length-short",
)


@pytest.mark.parametrize("name", SMOKE)
def test_no_fault_shows(name: str) -> None:
    cells = asyncio.run(matrix("smoke", [BY_NAME[name]], at_once=32))
    assert len(cells) == len(list(ways("smoke", BY_NAME[name])))
    assert not [f"{each.name}: {each.note}" for each in cells if each.verdict == "broken"]


def test_what_nobody_asked_for_reaches_nobody() -> None:
    async def life() -> Cell:
        async with served() as daemon:
            chat = Dialect.OPENAI_CHAT
            return await strayed(daemon, "stray-bytes", chat, chat, 0.06)

    found = asyncio.run(life())
    assert found.verdict == "held", found.note
    assert found.attempts >= 12

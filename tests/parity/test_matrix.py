import asyncio

import pytest
from parity.cell import BrokenError, ImpossibleError, require
from parity.column import Column, Form, columns
from parity.matrix import tried
from parity.row import ROWS, Act, Row
from parity.stage import Stage

from switchgear.cli.wire import callers
from switchgear.domain.dialect import Dialect
from switchgear.wire.registry import TONGUES
from switchgear.wire.specimen import PLAINLY, SPECIMENS
from switchgear.wire.utterance import UTTERANCES

COLUMN = Column(Dialect.OPENAI_CHAT, Form.WHOLE, Dialect.ANTHROPIC_MESSAGES)
NAMED = {"routing", "ledger row", "tools", "dropped fields named", "error in mid-stream"}


async def holds(stage: Stage) -> None:
    async with stage.gateway():
        await stage.good(PLAINLY)
        stage.note("seen")


async def breaks(stage: Stage) -> None:
    assert stage.column is COLUMN
    require(0, "it did not hold")


async def fails(stage: Stage) -> None:
    raise KeyError(str(stage.column))


async def cannot(stage: Stage) -> None:
    raise ImpossibleError(f"{stage.column.caller.value} has none")


@pytest.mark.parametrize(
    ("act", "verdict", "note"),
    [
        (holds, "held", "seen"),
        (breaks, "broken", "it did not hold"),
        (fails, "broken", "KeyError"),
        (cannot, "cannot", "openai-chat has none"),
    ],
)
def test_a_cell_says_what_came_of_it(act: Act, verdict: str, note: str) -> None:
    (found,) = asyncio.run(tried([Row("a row", "It holds.", act)], [COLUMN]))
    assert (found.row, found.column, found.verdict) == ("a row", COLUMN.name, verdict)
    assert note in found.note


def test_a_translated_call_goes_through_a_real_gateway_and_back() -> None:
    rows = [each for each in ROWS if each.name in NAMED]
    found = asyncio.run(tried(rows, [COLUMN]))
    assert {each.row: each.verdict for each in found} == {
        name: "cannot" if name == "error in mid-stream" else "held" for name in NAMED
    }


def test_every_caller_meets_every_target_whole_and_streaming() -> None:
    assert len(columns()) == len(callers()) * 2 * len(TONGUES)


def test_every_feature_that_is_probed_has_a_row() -> None:
    assert len({each.name for each in ROWS}) == len(ROWS)
    closures = [each.act.__closure__ or () for each in ROWS]
    names = {
        name
        for cells in closures
        for cell in cells
        if isinstance(cell.cell_contents, tuple)
        for name in cell.cell_contents
    }
    tried_here = {each.name for each in SPECIMENS if each.name.startswith("thinking, ")}
    tried_here |= {"output limit", "answer to be kept", "words"}
    known = {each.name for each in SPECIMENS} | {each.name for each in UTTERANCES}
    assert not known - names - tried_here


def test_what_does_not_hold_is_said() -> None:
    require(1, "never")
    with pytest.raises(BrokenError, match="this"):
        require([], "this")

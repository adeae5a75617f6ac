"""Throw the kill switch at every point of a call that there is."""

import asyncio
from contextlib import suppress

import msgspec
import pytest

from support.cast import AUTO, policy
from support.entries import attempt
from support.interruption import strike
from support.stage import Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import Cuts, Refuses, Says, Script, Stalls
from switchgear.domain.entry import End, Entry
from switchgear.domain.errors import SwitchgearError, UpstreamBusy
from switchgear.domain.halt import Halt, Halted
from switchgear.domain.piece import Piece
from switchgear.domain.units import Seconds
from switchgear.ports.handler import Trail

FINE = Says("hi there")
HEDGED = policy(
    [each for each in policy().targets if each.id in {"small", "mid"}],
    aliases={"auto": msgspec.structs.replace(AUTO, hedge=True)},
)
SCRIPTS: dict[str, dict[str, Script]] = {
    "fine": {"small": FINE, "mid": FINE},
    "busy, then fine": {"small": Refuses(UpstreamBusy), "mid": FINE},
    "silent, then fine": {"small": Stalls("hi", 0), "mid": FINE},
    "cut after content, rescued": {"small": Cuts("hi there", 1), "mid": FINE},
    "slow, and overtaken": {"small": Says("hi", after=Seconds(9.0)), "mid": FINE},
    "slow, and its hedge fails": {
        "small": Says("hi", after=Seconds(2.0)),
        "mid": Refuses(UpstreamBusy),
    },
    "nobody answers": {"small": Refuses(UpstreamBusy), "mid": Cuts("", 0)},
}
EVERYTHING = Halt(kind=Halted.EVERYTHING)
SMALL = Halt(kind=Halted.TARGET, name="small")


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """What one run came to."""

    points: int
    row: Entry
    got: tuple[Piece, ...]
    before: tuple[str, ...]
    """Who had been asked when the switch was thrown."""
    sent: tuple[str, ...]
    """And in all."""


def in_order(stage: Stage) -> None:
    """Nothing is left of the call but one row."""
    assert list(stage.memory.entries) == ["c1"]
    assert stage.upstream.open_answers == 0
    assert stage.slots.taken == 0
    assert not stage.means.watchdog._watches
    assert not stage.halts._live
    assert all(each.in_flight == 0 for each in stage.health._pulses.values())


async def play(scripts: dict[str, Script], at: int, halt: Halt) -> Play:
    """One call; the switch is thrown at one of its suspension points, 0 for never."""
    stage = Stage(scripts, HEDGED, Scenery())
    usual = attempt("small", first_content=Seconds(1.0), took=Seconds(1.0))
    for _ in range(12):
        stage.health.time(usual)
    await asyncio.sleep(1)
    got: list[Piece] = []
    before: list[str] = []

    async def caller() -> None:
        with suppress(SwitchgearError):
            reply = await stage.handler(a_call(), Trail())
            try:
                while (piece := await anext(reply.pieces, None)) is not None:
                    got.append(piece)
            finally:
                reply.close()

    def throw() -> None:
        before.extend(stage.upstream.sent)
        stage.halts.learn([halt])

    def when(point: int) -> bool:
        if point == at:
            asyncio.get_running_loop().call_soon(throw)
        return False

    points = await strike(caller(), when)
    await stage.nursery.aclose()
    in_order(stage)
    row = stage.entry()
    sent = tuple(stage.upstream.sent)
    return Play(points=points, row=row, got=tuple(got), before=tuple(before), sent=sent)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_call_stopped_at_any_point_asks_nobody_any_more_and_is_never_a_success(
    name: str,
) -> None:
    whole = run(play(SCRIPTS[name], 0, EVERYTHING))
    stopped = 0
    for point in range(1, whole.points + 1):
        after = run(play(SCRIPTS[name], point, EVERYTHING))
        if after.row.end is whole.row.end and after.row.code == whole.row.code:
            continue  # it had come to its end before
        stopped += 1
        assert after.sent == after.before, point
        assert after.row.code == "stopped", point
        assert after.row.end is End.CUT or (after.row.end is End.FAILED and not after.got), point
        assert not any(piece.finish for piece in after.got), point
    assert stopped >= 2


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_target_stopped_at_any_point_is_asked_no_more_and_another_may_answer(name: str) -> None:
    whole = run(play(SCRIPTS[name], 0, SMALL))
    for point in range(1, whole.points + 1):
        after = run(play(SCRIPTS[name], point, SMALL))
        assert "small" not in after.sent[len(after.before) :], point
        if SCRIPTS[name]["mid"] == FINE:
            assert after.row.end is End.ANSWERED, point
            assert after.got[-1].finish is not None, point

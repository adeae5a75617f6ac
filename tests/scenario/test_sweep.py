"""Cancel a call, once, twice or for ever, or break its network, at every point there is."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import msgspec
import pytest
from typing_extensions import override

from support.cast import AUTO, policy
from support.entries import attempt
from support.interruption import Strike, strike
from support.stage import REST, Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.upstreams.scripted import Cuts, Refuses, Says, Script, Stalls
from switchgear.domain.attempt import Attempt, Role
from switchgear.domain.entry import End, Entry
from switchgear.domain.errors import SwitchgearError, UpstreamBusy
from switchgear.domain.piece import Piece
from switchgear.domain.situation import Availability
from switchgear.domain.units import Seconds
from switchgear.engine.fault import Lesson
from switchgear.ports.handler import Trail

FINE = Says("hi there")
HEDGED = policy(
    [each for each in policy().targets if each.id in {"small", "mid"}],
    aliases={"auto": msgspec.structs.replace(AUTO, hedge=True)},
)
SCRIPTS: dict[str, dict[str, Script]] = {
    "fine": {"small": FINE, "mid": FINE},
    "busy, then fine": {"small": Refuses(UpstreamBusy), "mid": FINE},
    "broken before content, then fine": {"small": Cuts("hi", 0), "mid": FINE},
    "silent, then fine": {"small": Stalls("hi", 0), "mid": FINE},
    "cut after content, rescued": {"small": Cuts("hi there", 1), "mid": FINE},
    "silent after content, rescued": {"small": Stalls("hi there", 1), "mid": FINE},
    "cut after content, and no rescue": {"small": Cuts("hi there", 1), "mid": Cuts("hi", 0)},
    "slow, and overtaken": {"small": Says("hi", after=Seconds(9.0)), "mid": FINE},
    "slow, and not overtaken": {
        "small": Says("hi", after=Seconds(2.0)),
        "mid": Says("hi", after=Seconds(9.0)),
    },
    "slow, and its hedge fails": {
        "small": Says("hi", after=Seconds(2.0)),
        "mid": Refuses(UpstreamBusy),
    },
    "nobody answers": {"small": Refuses(UpstreamBusy), "mid": Cuts("", 0)},
    "empty, and the stronger is better": {"small": Says(""), "mid": FINE},
    "empty, and the stronger breaks off": {"small": Says(""), "mid": Cuts("hi there", 1)},
    "empty, and the stronger is no better": {"small": Says(""), "mid": Says("")},
}
BLOWS: dict[str, Callable[[int], Strike]] = {
    "cancel": lambda at: lambda point: point == at,
    "double cancel": lambda at: lambda point: at <= point <= at + 1,
    "cancel with no end": lambda at: lambda point: point >= at,
}


class Network:
    """Waits one turn each time, and breaks the one time it is told to; 0 is never."""

    def __init__(self, broken_at: int = 0, error: type[OSError] = ConnectionResetError) -> None:
        self.waits = 0
        self._broken_at = broken_at
        self._error = error

    async def __call__(self) -> None:
        self.waits += 1
        broken = self.waits == self._broken_at
        await asyncio.sleep(0)
        if broken:
            raise self._error("by the test")


class SlowLedger(MemoryLedger):
    """Takes its time after the row was handed over, as a writer thread does."""

    @override
    async def write(self, entry: Entry) -> None:
        await super().write(entry)
        await asyncio.sleep(1)


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """What one run of the call came to."""

    points: int
    waits: int
    end: End
    got: tuple[Piece, ...]
    attempts: tuple[Attempt, ...]


async def play(scripts: dict[str, Script], network: Network, when: Strike) -> Play:
    """One call, through a gateway for which ``small`` is to be probed."""
    book = SlowLedger()
    stage = Stage(scripts, HEDGED, Scenery(pause=network, ledger=book))
    await measure(stage)
    await sicken(stage)
    got: list[Piece] = []

    async def caller() -> None:
        with suppress(SwitchgearError):
            reply = await stage.handler(a_call(), Trail())
            try:
                async for piece in reply.pieces:
                    got.append(piece)
                    if piece.finish is not None:
                        assert "c1" in book.entries, "the last byte came before the row"
            finally:
                reply.close()

    points = await strike(caller(), when)
    waits = network.waits
    await stage.nursery.aclose()
    in_order(stage, book)
    row = book.entries["c1"]
    return Play(points=points, waits=waits, end=row.end, got=tuple(got), attempts=row.attempts)


async def measure(stage: Stage) -> None:
    """Let ``small`` be known to take a second, so that it is hedged after that."""
    usual = attempt("small", first_content=Seconds(1.0), took=Seconds(1.0))
    for _ in range(12):
        stage.health.time(usual)
    await asyncio.sleep(1)


async def sicken(stage: Stage) -> None:
    """Make ``small`` sick and let it rest, so that the next call is its probe."""
    for _ in range(2):
        permit = stage.health.admit("small")
        assert permit is not None
        stage.health.give_back("small", permit, Lesson.FAILED)
    await asyncio.sleep(REST)
    assert stage.health.situation().readings["small"].availability is Availability.PROBING


def in_order(stage: Stage, book: MemoryLedger) -> None:
    """Nothing is left of the call but one row."""
    assert list(book.entries) == ["c1"]
    assert stage.upstream.open_answers == 0
    assert stage.slots.taken == 0
    assert not stage.means.watchdog._watches
    for target in ("small", "mid"):
        pulse = stage.health._pulses.get(target)
        assert pulse is None or pulse.in_flight == 0
        assert pulse is None or not pulse.breaker.probed, "its probe never came back"


def undisturbed(scripts: dict[str, Script]) -> Play:
    return run(play(scripts, Network(), lambda _: False))


@pytest.mark.parametrize("blow", BLOWS)
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_call_cancelled_at_any_point_leaves_one_row_and_nothing_else(
    name: str, blow: str
) -> None:
    whole = undisturbed(SCRIPTS[name])
    for point in range(1, whole.points + 1):
        after = run(play(SCRIPTS[name], Network(), BLOWS[blow](point)))
        assert after.end in {End.LEFT, whole.end}, point


@pytest.mark.parametrize("error", [ConnectionResetError, TimeoutError])
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_network_that_breaks_anywhere_leaves_one_row_and_nothing_else(
    name: str, error: type[OSError]
) -> None:
    for wait in range(1, undisturbed(SCRIPTS[name]).waits + 1):
        after = run(play(SCRIPTS[name], Network(wait, error), lambda _: False))
        if after.got and after.got[-1].finish is not None:
            assert after.end is End.ANSWERED, wait
        else:
            assert after.end is (End.CUT if after.got else End.FAILED), wait


def test_the_sweep_meets_every_kind_of_end_and_many_points() -> None:
    plays = [undisturbed(scripts) for scripts in SCRIPTS.values()]
    assert {each.end for each in plays} == {End.ANSWERED, End.CUT, End.FAILED}
    assert all(each.points >= 4 and each.waits >= 2 for each in plays)
    roles = {attempt.role for each in plays for attempt in each.attempts}
    assert roles == set(Role)


def test_a_refused_call_has_its_row_however_often_it_is_cancelled() -> None:
    async def life() -> None:
        stage = Stage({"small": FINE}, around=Scenery(slots=0))
        with suppress(SwitchgearError):
            await stage.handler(a_call(), Trail())

        async def turned_away() -> None:
            with suppress(SwitchgearError):
                await stage.handler(a_call("c2"), Trail())

        await strike(turned_away(), lambda _: True)
        await stage.nursery.aclose(Seconds(1.0))
        assert [each.code for each in stage.memory.entries.values()] == ["overloaded"] * 2

    run(life())

"""Cancel a call or its duplicate, once, twice or for ever, at every point there is."""

import asyncio
from contextlib import suppress

import msgspec
import pytest
from typing_extensions import override

from support.interruption import Strike, strike
from support.stage import LoopClock, Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.upstreams.scripted import Refuses, Says, Script, Stalls
from switchgear.config.setup import Keeping
from switchgear.domain.entry import End, Entry
from switchgear.domain.errors import SwitchgearError, UpstreamRejected
from switchgear.domain.piece import Piece
from switchgear.pipeline.idempotency import Answers, share
from switchgear.pipeline.limit import limit
from switchgear.pipeline.record import record
from switchgear.pipeline.stack import stack
from switchgear.ports.handler import Trail

SCRIPTS: dict[str, Script] = {
    "fine": Says("hi there"),
    "refused": Refuses(UpstreamRejected),
    "silent before content": Stalls("hi", 0),
}
BLOWS = {
    "cancel": lambda at: lambda point: point == at,
    "double cancel": lambda at: lambda point: at <= point <= at + 1,
    "cancel with no end": lambda at: lambda point: point >= at,
}
STRUCK = {"the first": ("c1",), "the second": ("c2",), "both": ("c1", "c2")}
MOST_POINTS = 40


class SlowLedger(MemoryLedger):
    """Takes its time after the row was handed over, as a writer thread does."""

    @override
    async def write(self, entry: Entry) -> None:
        await super().write(entry)
        await asyncio.sleep(1)


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """What the two calls came to."""

    points: int
    got: dict[str, list[Piece]]
    rows: dict[str, Entry]
    sent: int


def never(_: int) -> bool:
    return False


class Network:
    """Waits one turn each time, and breaks the one time it is told to; 0 is never."""

    def __init__(self, broken_at: int = 0) -> None:
        self.waits = 0
        self._broken_at = broken_at

    async def __call__(self) -> None:
        self.waits += 1
        broken = self.waits == self._broken_at
        await asyncio.sleep(0)
        if broken:
            raise ConnectionResetError("by the test")


async def play(
    script: Script,
    when: Strike,
    struck: tuple[str, ...] = (),
    network: Network | None = None,
) -> Play:
    """A call and its duplicate at the same time; ``struck`` are cancelled."""
    book = SlowLedger()
    around = Scenery(ledger=book, slots=1, pause=network or Network())
    stage = Stage({"small": script}, around=around)
    answers = Answers(LoopClock(), stage.nursery)
    layers = [record(stage.desk), share(answers, Keeping()), limit(stage.slots)]
    handler = stack(layers, stage.router)
    got: dict[str, list[Piece]] = {"c1": [], "c2": []}

    async def caller(name: str) -> None:
        call = msgspec.structs.replace(a_call(name), idempotency="k")
        with suppress(SwitchgearError):
            reply = await handler(call, Trail())
            try:
                async for piece in reply.pieces:
                    got[name].append(piece)
                    if piece.finish is not None:
                        assert name in book.entries, "the last byte came before the row"
            finally:
                reply.close()

    whens = [when if name in struck else never for name in got]
    points = await asyncio.gather(*(strike(caller(n), w) for n, w in zip(got, whens, strict=True)))
    await stage.nursery.aclose()
    assert sorted(book.entries) == ["c1", "c2"]
    assert stage.upstream.open_answers == stage.slots.taken == 0
    assert not stage.means.watchdog._watches
    assert not answers._running
    pulse = stage.health.situation().readings.get("small")
    assert pulse is None or pulse.in_flight == 0
    return Play(points=max(points), got=got, rows=book.entries, sent=len(stage.upstream.sent))


@pytest.mark.parametrize("who", STRUCK)
@pytest.mark.parametrize("blow", BLOWS)
@pytest.mark.parametrize("name", SCRIPTS)
def test_each_has_one_row_and_nothing_is_left_whoever_is_cancelled(
    name: str, blow: str, who: str
) -> None:
    undisturbed = run(play(SCRIPTS[name], never))
    assert 3 <= undisturbed.points < MOST_POINTS
    for point in range(1, undisturbed.points + 1):
        after = run(play(SCRIPTS[name], BLOWS[blow](point), STRUCK[who]))
        for each, whole in undisturbed.rows.items():
            if each in STRUCK[who]:
                assert after.rows[each].end in {End.LEFT, whole.end}, point
            else:
                assert after.rows[each].end is whole.end, point
                assert after.got[each] == undisturbed.got[each], point
        attempts = [try_ for row in after.rows.values() for try_ in row.attempts]
        assert len(attempts) == after.sent, f"{point}: an attempt is on no row, or on two"


def test_undisturbed_there_is_one_call_to_the_target() -> None:
    assert [run(play(script, never)).sent for script in SCRIPTS.values()] == [1, 1, 1]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_network_that_breaks_anywhere_is_the_same_for_both(name: str) -> None:
    network = Network()
    run(play(SCRIPTS[name], never, network=network))
    assert network.waits >= 2
    for wait in range(1, network.waits + 1):
        after = run(play(SCRIPTS[name], never, network=Network(broken_at=wait)))
        one, two = after.rows["c1"], after.rows["c2"]
        assert (one.end, one.code) == (two.end, two.code), wait
        assert after.got["c1"] == after.got["c2"], wait
        assert two.replayed == "c1"
        assert len(one.attempts) + len(two.attempts) == after.sent

"""Cancel a call that is paid for at every point there is: nothing stays held, and all is paid."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import msgspec
import pytest
from typing_extensions import override

from support.cast import AUTO, policy
from support.entries import attempt
from support.funded import Bills, Funded, caller
from support.interruption import Strike, strike
from support.stage import LoopClock, Scenery, a_call
from support.virtual_time import run
from switchgear.adapters.budgets.memory import MemoryBudgets
from switchgear.adapters.upstreams.scripted import Cuts, Refuses, Says, Script, Stalls
from switchgear.config.setup import Keeping
from switchgear.domain.account import Granted, Reservation, Shortfall
from switchgear.domain.call import Call
from switchgear.domain.entry import Entry
from switchgear.domain.errors import SwitchgearError, UpstreamBusy
from switchgear.domain.units import Seconds
from switchgear.pipeline.idempotency import Answers, share
from switchgear.pipeline.limit import limit
from switchgear.pipeline.record import record
from switchgear.pipeline.stack import stack
from switchgear.ports.handler import Trail

FINE = Says("hi there")
PAIR = [each for each in policy().targets if each.id in {"small", "mid"}]
HEDGED = policy(PAIR, aliases={"auto": msgspec.structs.replace(AUTO, hedge=True)})
SCRIPTS: dict[str, dict[str, Script]] = {
    "fine": {"small": FINE, "mid": FINE},
    "busy, then fine": {"small": Refuses(UpstreamBusy, 429), "mid": FINE},
    "silent, then fine": {"small": Stalls("hi", 0), "mid": FINE},
    "cut after content, rescued": {"small": Cuts("hi there", 1), "mid": FINE},
    "slow, and overtaken": {"small": Says("hi", after=Seconds(9.0)), "mid": FINE},
    "nobody answers": {"small": Refuses(UpstreamBusy, 429), "mid": Cuts("", 0)},
}
BLOWS: dict[str, Callable[[int], Strike]] = {
    "cancel": lambda at: lambda point: point == at,
    "double cancel": lambda at: lambda point: at <= point <= at + 1,
    "cancel with no end": lambda at: lambda point: point >= at,
}


class SlowBudgets(MemoryBudgets):
    """Takes a moment after what was asked is done, as a database does."""

    @override
    async def reserve(self, asked: Reservation) -> Granted | Shortfall:
        found = await super().reserve(asked)
        await asyncio.sleep(0)
        return found


class SlowBills(Bills):
    """Takes its time after the row was handed over, as a writer thread does."""

    def __init__(self) -> None:
        super().__init__()
        self.budgets = SlowBudgets(LoopClock())

    @override
    async def write(self, entry: Entry) -> None:
        await super().write(entry)
        await asyncio.sleep(0.1)


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


async def read(stage: Funded, call: Call) -> None:
    with suppress(SwitchgearError):
        reply = await stage.handler(call, Trail())
        try:
            async for _ in reply.pieces:
                pass
        finally:
            reply.close()


async def play(scripts: dict[str, Script], network: Network, when: Strike) -> int:
    """One call that is paid for; returns how often it was suspended."""
    stage = Funded(scripts, HEDGED, Scenery(pause=network, ledger=SlowBills()))
    usual = attempt("small", first_content=Seconds(1.0), took=Seconds(1.0))
    for _ in range(12):
        stage.health.time(usual)
    points = await strike(read(stage, a_call(caller=caller(1.0))), when)
    await stage.aclose()
    assert list(stage.bills.entries) == ["c1"]
    await stage.balanced()
    return points


@pytest.mark.parametrize("blow", BLOWS)
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_paid_call_cancelled_at_any_point_leaves_nothing_held_and_pays_its_row(
    name: str, blow: str
) -> None:
    points = run(play(SCRIPTS[name], Network(), lambda _: False))
    assert points >= 4
    for point in range(1, points + 1):
        run(play(SCRIPTS[name], Network(), BLOWS[blow](point)))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_network_that_breaks_anywhere_leaves_nothing_held_and_pays_its_row(name: str) -> None:
    network = Network()
    run(play(SCRIPTS[name], network, lambda _: False))
    for wait in range(1, network.waits + 1):
        run(play(SCRIPTS[name], Network(wait), lambda _: False))


async def shared(when: Strike, second_at: float) -> tuple[int, Funded]:
    """Two calls with one idempotency key, of which the first may be cancelled."""
    scripts: dict[str, Script] = {"small": Says("one two three", after=Seconds(1.0))}
    stage = Funded(scripts, policy(PAIR[:1]), Scenery(slots=4, ledger=SlowBills()))
    answers = Answers(LoopClock(), stage.nursery)
    sharing = share(answers, Keeping())
    stage.handler = stack([record(stage.desk), sharing, limit(stage.slots)], stage.router)
    first, second = (
        msgspec.structs.replace(a_call(name, caller=caller(1.0)), idempotency="same")
        for name in ("c1", "c2")
    )

    async def follow() -> None:
        await asyncio.sleep(second_at)
        await read(stage, second)

    following = asyncio.ensure_future(follow())
    points = await strike(read(stage, first), when)
    await following
    await stage.aclose()
    await stage.balanced()
    return points, stage


@pytest.mark.parametrize("second_at", [0.0, 0.5])
def test_whoever_stays_pays_for_an_answer_that_is_shared_and_nobody_twice(
    second_at: float,
) -> None:
    points, stage = run(shared(lambda _: False, second_at))
    assert stage.paid("c1").money > 0
    assert stage.paid("c2").money == 0
    for blow in BLOWS.values():
        for point in range(1, points + 1):
            _, stage = run(shared(blow(point), second_at))
            assert len(stage.bills.entries) == 2
            both = [stage.paid(name) for name in ("c1", "c2")]
            assert len(stage.upstream.orders) == sum(each.calls for each in both), point


def test_an_answer_that_is_left_by_all_who_share_it_is_paid_as_far_as_it_was_seen() -> None:
    async def life(when: Strike) -> tuple[int, Funded]:
        return await shared(when, 99.0)

    points, _ = run(life(lambda _: False))
    for blow in BLOWS.values():
        for point in range(1, points + 1):
            _, stage = run(life(blow(point)))
            sent = stage.upstream.orders
            assert sum(stage.paid(name).calls for name in ("c1", "c2")) == len(sent), point

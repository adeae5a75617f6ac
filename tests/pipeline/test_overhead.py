"""What our own stages take, and which are left out."""

import asyncio

import pytest

from support.stage import a_call
from switchgear.adapters.clock import ManualClock
from switchgear.domain.call import Call
from switchgear.domain.errors import NoTarget
from switchgear.domain.units import Seconds
from switchgear.pipeline.overhead import MEASURED, PROBED, WATCHED, Overhead, Stage, Turn
from switchgear.ports.handler import Handler, Head, Layer, Reply, Trail

HEAD = Head(target="t", model="m", dialect=None, stream=False, tier="small", reason="", attempts=1)
CENT = 10_000_000.0


def turns(stage: Stage, count: int) -> dict[Turn, int]:
    met = [stage.turn() for _ in range(count)]
    return {each: met.count(each) for each in Turn}


def test_a_stage_runs_on_every_call_and_few_are_measured() -> None:
    assert turns(Stage("s"), 10 * MEASURED) == {
        Turn.RUN: 10 * (MEASURED - 1),
        Turn.MEASURE: 10,
        Turn.SKIP: 0,
    }


def test_a_stage_that_does_not_pay_is_skipped_but_for_probes_and_comes_back() -> None:
    stage = Stage("s")
    stage.price = CENT
    while not stage.worth.paused:
        stage.weigh(Seconds(0.1), 0.0)
    assert turns(stage, 10 * PROBED)[Turn.MEASURE] == 10
    assert turns(stage, PROBED)[Turn.RUN] == 0
    while stage.worth.paused:
        stage.weigh(Seconds(0.00001), 5_000.0)
    assert turns(stage, MEASURED)[Turn.SKIP] == 0


def test_nothing_is_skipped_where_waiting_is_worth_nothing() -> None:
    stage = Stage("s")
    stage.price = CENT
    while not stage.worth.paused:
        stage.weigh(Seconds(0.1), 0.0)
    stage.price = 0.0
    assert turns(stage, 100)[Turn.SKIP] == 0


class Row:
    """Layers that take their time, around a core that answers or fails."""

    def __init__(self, *, fails: bool = False) -> None:
        self.clock = ManualClock()
        self.overhead = Overhead(self.clock)
        self.fails = fails
        self.seen: list[str] = []

    def slow(self, span: float, *, twice: bool = False) -> Layer:
        def layer(inner: Handler) -> Handler:
            async def handle(call: Call, trail: Trail) -> Reply:
                self.clock.advance(Seconds(span))
                if twice:
                    await inner(call, trail)
                return await inner(call, trail)

            return handle

        layer.__qualname__ = f"slow_{span:.0f}.<locals>.layer"
        return layer

    async def core(self, call: Call, _: Trail) -> Reply:
        self.clock.advance(Seconds(5.0))
        self.seen.append(call.id)
        if self.fails:
            raise NoTarget("none")

        async def nothing() -> None:
            return None

        return Reply(HEAD, nothing)

    def send(self, layers: list[Layer], count: int = 1) -> None:
        handler = self.overhead.watched(layers, self.core)

        async def life() -> None:
            for _ in range(count):
                await handler(a_call(), Trail())

        asyncio.run(life())


def test_the_time_of_each_layer_is_its_own_and_not_of_what_is_inside() -> None:
    row = Row()
    row.send([row.slow(1.0), row.slow(2.0)])
    taken = {name: (each.seconds, each.samples) for name, each in row.overhead.taken.items()}
    assert taken == {"slow_1": (1.0, 1), "slow_2": (2.0, 1)}


def test_few_calls_are_timed_and_all_are_answered() -> None:
    row = Row()
    row.send([row.slow(1.0)], 2 * WATCHED)
    assert row.overhead.taken["slow_1"].samples == 2
    assert len(row.seen) == 2 * WATCHED


def test_a_call_that_a_layer_sends_twice_is_timed_once() -> None:
    row = Row()
    row.send([row.slow(1.0, twice=True), row.slow(2.0)])
    assert row.overhead.taken["slow_1"].samples == 1
    assert row.overhead.taken["slow_2"].samples == 1
    assert len(row.seen) == 2


def test_a_call_that_fails_leaves_no_mark() -> None:
    row = Row(fails=True)
    with pytest.raises(NoTarget):
        row.send([row.slow(1.0)])
    assert not row.overhead._marks


def test_a_core_without_layers_is_called_as_it_is() -> None:
    row = Row()
    row.send([])
    assert (row.overhead.taken, row.seen) == ({}, ["c1"])

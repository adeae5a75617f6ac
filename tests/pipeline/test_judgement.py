"""A call is judged by what was learnt, and that is left out while it does not pay."""

import asyncio
from typing import Any, cast

import msgspec

from support.cast import ask, policy
from support.stage import Stage, a_call
from switchgear.adapters.chance import SeededChance
from switchgear.adapters.clock import ManualClock
from switchgear.adapters.upstreams.scripted import Says
from switchgear.domain.ask import Ask
from switchgear.domain.caller import Key, Mode
from switchgear.domain.fact import Decided
from switchgear.domain.odds import Chance, Odds
from switchgear.domain.units import Seconds
from switchgear.engine.temper import Temper
from switchgear.pipeline.flaw import Flaws
from switchgear.pipeline.halt import Halts
from switchgear.pipeline.health import Health
from switchgear.pipeline.judgement import Judge
from switchgear.pipeline.overhead import MEASURED, PROBED, Overhead, Turn
from switchgear.pipeline.quota import Quotas
from switchgear.ports.handler import Trail

SURE = Odds(
    version="m1",
    chances=(Chance("small", 0.2, 0.01, sure=True), Chance("mid", 0.95, 0.01, sure=True)),
)
A_CENT = 10_000_000.0


class SlowBrain:
    """Knows the odds, and takes its time to say them."""

    def __init__(self, clock: ManualClock, odds: Odds = SURE) -> None:
        self.clock = clock
        self.said = odds
        self.takes = Seconds(0.0)

    def odds(self, _: Ask) -> Odds:
        self.clock.advance(self.takes)
        return self.said


class Bench:
    """A judge, its stage, and a brain that can be made slow."""

    def __init__(self, odds: Odds = SURE) -> None:
        stage = Stage({"small": Says("a"), "mid": Says("b")})
        self.clock = ManualClock()
        self.overhead = Overhead(self.clock)
        self.overhead.expect(A_CENT)
        self.brain = SlowBrain(self.clock, odds)
        rules = msgspec.structs.replace(
            policy(targets=policy().targets[:3]), success_floor=0.9, version="floor"
        )
        means = msgspec.structs.replace(
            stage.means,
            overhead=self.overhead,
            brain=cast("Any", self.brain),
            health=Health(Temper(), self.clock, SeededChance()),
            flaws=Flaws(self.clock, SeededChance()),
            quotas=Quotas(self.clock, SeededChance()),
            halts=Halts(self.clock, SeededChance()),
        )
        setup = msgspec.structs.replace(stage.setup, policy=rules)
        self.judge = Judge(setup, means)
        self.talk = a_call().body.conversation

    def decided(self, turn: Turn | None = None) -> Decided:
        turn = turn or self.judge.turn()
        return self.judge.judged(ask(), Key(), self.talk, turn)

    def many(self, count: int) -> list[Decided]:
        return [self.decided() for _ in range(count)]


def test_a_slow_stage_goes_off_and_comes_back_once_it_is_fast() -> None:
    bench = Bench()
    fast = bench.many(100)
    assert {each.left_out for each in fast} == {()}
    assert {each.decision.winner for each in fast} == {"mid"}

    bench.brain.takes = Seconds(1.0)  # worth a cent: far more than any answer costs here
    bench.many(100 * MEASURED)
    assert bench.overhead.learning.worth.paused
    off = bench.many(PROBED)
    without = [each for each in off if each.left_out == ("learning",)]
    assert len(without) == PROBED - 1
    assert {(each.decision.winner, each.odds.version) for each in without} == {("small", "")}

    bench.brain.takes = Seconds(0.0)
    bench.many(100 * PROBED)
    assert not bench.overhead.learning.worth.paused
    assert {each.left_out for each in bench.many(100)} == {()}


def test_a_stage_that_changes_no_choice_goes_off_as_soon_as_it_takes_any_time() -> None:
    agreeing = Odds(version="m1", chances=(Chance("small", 0.95, 0.01, sure=True),))
    bench = Bench(agreeing)
    bench.brain.takes = Seconds(0.00001)
    bench.many(100 * MEASURED)
    assert bench.overhead.learning.worth.paused


def test_nothing_is_judged_while_nothing_is_learnt() -> None:
    bench = Bench(Odds())
    bench.brain.takes = Seconds(1.0)
    bench.many(100 * MEASURED)
    assert bench.overhead.learning.worth.samples == 0


def test_what_was_learnt_is_on_what_is_decided_and_not_where_it_was_skipped() -> None:
    bench = Bench()
    assert bench.decided(Turn.RUN).odds == SURE
    skipped = bench.decided(Turn.SKIP)
    assert (skipped.odds.version, skipped.left_out) == ("", ("learning",))


def test_a_key_that_observes_is_only_watched() -> None:
    bench = Bench()
    seen = bench.judge.judged(ask(), Key(mode=Mode.OBSERVE), bench.talk, Turn.RUN)
    assert seen.mode is Mode.OBSERVE


def test_the_row_says_what_was_left_out() -> None:
    async def life() -> tuple[str, ...]:
        stage = Stage({"small": Says("a"), "mid": Says("b")})
        learning = stage.means.overhead.learning
        learning.price = A_CENT
        while not learning.worth.paused:
            learning.weigh(Seconds(1.0), 0.0)
        reply = await stage.handler(a_call(), Trail())
        async for _ in reply.pieces:
            pass
        reply.close()
        await stage.nursery.aclose()
        return stage.entry().left_out

    assert asyncio.run(life()) == ("learning",)

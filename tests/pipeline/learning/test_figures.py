"""The figures of a running gateway."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from support.cast import TARGETS, policy
from support.figured import call, chosen, said
from support.papers import SlowPapers
from support.paperwork import write
from switchgear.adapters.clock import ManualClock
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.domain.errors import LedgerDown
from switchgear.domain.goal import Goals
from switchgear.domain.outcome import Fitness
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.policydoc import encode_policy, versioned
from switchgear.pipeline.learning import figures
from switchgear.pipeline.learning.figures import Figures
from switchgear.pipeline.learning.outcome import Outcomes
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import MOST_FOUND, PaperKind

POLICY = versioned(policy())
NOW = UnixMs(1_750_000_000_000)
HOUR = 3_600_000


class Room:
    def __init__(self) -> None:
        self.ledger, self.papers = MemoryLedger(), SlowPapers(pause=0.0)
        self.clock = ManualClock(NOW)
        self.figures = self.another()
        self.figures.goals = Goals(least=2, most=1000)

    def another(self) -> Figures:
        """Return what another process has."""
        outcomes = Outcomes(self.papers, self.ledger, self.clock)
        outcomes.expect(POLICY.version, TARGETS)
        return Figures(self.ledger, self.papers, outcomes, self.clock)

    async def call(self, name: str, ago: int = HOUR, target: str = "small", **more: Any) -> None:
        at = UnixMs(self.clock.date() - ago)
        decided = chosen(target, policy=POLICY.version)
        await self.ledger.write(call(name, target, **{"at": at, "decision": decided, **more}))

    async def say(self, name: str, verdict: Fitness, revision: int = 1) -> None:
        body = msgspec.json.encode((said(verdict, decision=name),))
        made = self.ledger.entries[name].at
        kind = PaperKind.OUTCOME
        await self.papers.write((write(name, revision, kind=kind, made=made, body=body),))


def lived(life: Callable[[Room], Awaitable[None]]) -> None:
    async def whole() -> None:
        await life(Room())

    asyncio.run(whole())


async def until(seen: Callable[[], bool]) -> None:
    for _ in range(2000):
        if seen():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it never came")


def test_calls_from_before_the_start_are_counted_with_what_was_said_of_them() -> None:
    async def life(room: Room) -> None:
        await room.ledger.keep_policy(POLICY.version, encode_policy(POLICY))
        for number in range(4):
            await room.call(f"sg_{number}")
            await room.say(f"sg_{number}", Fitness.GOOD_FIT if number else Fitness.UNDERPOWERED)
        await room.figures.look()
        report = room.figures.report
        assert report is not None
        assert (report.all.calls, report.all.accuracy.labelled) == (4, 4)
        assert report.all.accuracy.plain is not None
        assert report.all.accuracy.plain.value == 0.75

    lived(life)


def test_what_comes_later_is_counted_once_though_it_is_read_again_until_it_is_settled() -> None:
    async def life(room: Room) -> None:
        await room.call("sg_1")
        await room.figures.look()
        for number in range(2, 6):
            room.clock.advance(Seconds(300.0))
            await room.call(f"sg_{number}", 1000)
            await room.call(f"late_{number}", 500_000)  # it took more than eight minutes
            await room.figures.look()
        report = room.figures.report
        assert report is not None
        assert report.all.calls == 9

    lived(life)


def test_an_outcome_that_comes_late_is_counted_with_its_call() -> None:
    async def life(room: Room) -> None:
        await room.call("sg_old")
        await room.call("sg_new", 1000)
        await room.figures.look()
        await room.say("sg_old", Fitness.UNDERPOWERED)
        await room.say("sg_new", Fitness.GOOD_FIT)
        await room.figures.look()
        report = room.figures.report
        assert report is not None
        assert report.all.accuracy.labelled == 2
        await room.say("sg_old", Fitness.GOOD_FIT, 2)
        await room.figures.look()
        assert room.figures.report is not None
        assert room.figures.report.all.accuracy.plain is not None
        assert room.figures.report.all.accuracy.plain.value == 1.0

    lived(life)


def test_however_much_was_said_between_two_looks_it_is_all_heard() -> None:
    async def life(room: Room) -> None:
        await room.call("sg_1")
        await room.figures.look()
        for number in range(MOST_FOUND + 5):
            kind = PaperKind.OUTCOME
            await room.papers.inner.write((write(f"x{number}", kind=kind, made=1, body=b"[]"),))
        await room.say("sg_1", Fitness.GOOD_FIT)
        await room.figures.look()
        assert room.figures.report is not None
        assert room.figures.report.all.accuracy.labelled == 1

    lived(life)


def test_it_keeps_so_many_calls_and_says_how_far_back_they_go() -> None:
    async def life(room: Room) -> None:
        room.figures.goals = Goals(most=5)
        for number in range(9):
            await room.call(f"sg_{number}", HOUR - number * 1000)
        await room.figures.look()
        report = room.figures.report
        assert report is not None
        assert report.all.calls == 5
        assert report.since == NOW - HOUR + 4000
        room.clock.advance(Seconds(10_000.0))
        await room.call("sg_more")
        await room.figures.look()
        assert room.figures.report is not None
        assert room.figures.report.all.calls == 5

    lived(life)


def test_where_more_comes_than_is_read_it_begins_anew_after_the_gap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(figures, "MOST_ROUND", 3)

    async def life(room: Room) -> None:
        await room.call("sg_old")
        await room.figures.look()
        room.clock.advance(Seconds(7200.0))
        for number in range(6):
            await room.call(f"sg_{number}", HOUR - number * 1000)
        await room.figures.look()
        report = room.figures.report
        assert report is not None
        assert report.all.calls == 3
        assert report.since == room.clock.date() - HOUR + 3000

    lived(life)


def test_too_many_fresh_calls_count_only_where_there_is_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(figures, "MOST_FRESH", 3)

    async def life(room: Room) -> None:
        for number in range(5):
            await room.call(f"sg_{number}", 5000 - number)
        await room.figures.look()
        assert room.figures.report is not None
        assert room.figures.report.all.calls == 3
        await room.call("sg_old", HOUR)
        other = Figures(room.ledger, room.papers, room.figures._outcomes, room.clock)
        await other.look()
        assert other.report is not None
        assert other.report.all.calls == 1

    lived(life)


def test_one_tenants_figures_are_of_its_calls_alone() -> None:
    async def life(room: Room) -> None:
        await room.call("sg_1", tenant="acme")
        await room.call("sg_2", tenant="other")
        assert (await room.figures.now("acme")).all.calls == 1
        assert (await room.figures.now()).all.calls == 2
        assert (await room.figures.now("nobody")).all.calls == 0

    lived(life)


def test_who_asks_gets_what_was_counted_of_late() -> None:
    async def life(room: Room) -> None:
        one = await room.figures.now()
        await room.call("sg_1", 1000)
        assert await room.figures.now() is one
        room.clock.advance(figures.ROUND)
        assert (await room.figures.now()).all.calls == 1

    lived(life)


def test_an_alert_is_logged_once_when_it_begins_and_once_when_it_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "switchgear")

    async def life(room: Room) -> None:
        for number in range(40):
            await room.call(f"sg_{number}")
            await room.say(f"sg_{number}", Fitness.UNDERPOWERED)
        await room.figures.look()
        room.figures.tell()
        await room.figures.look()
        room.figures.tell()
        for number in range(40):
            await room.say(f"sg_{number}", Fitness.GOOD_FIT, 2)
        await room.figures.look()
        room.figures.tell()

    lived(life)
    lines = [it.message for it in caplog.records if "accuracy of all" in it.message]
    assert lines == [
        "figures: accuracy of all misses its goal",
        "figures: accuracy of all no longer misses its goal",
    ]


def test_beyond_so_many_routes_the_rest_is_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MOST_ROUTES", 1)

    async def life(room: Room) -> None:
        for number, model in enumerate(("auto", "auto", "fast", "smart")):
            await room.call(f"sg_{number}", model=model)
        report = await room.figures.now()
        assert {it.name: it.calls for it in report.groups} == {"auto": 2, "other": 2}

    lived(life)


def test_a_store_that_is_away_is_told_to_who_asks_and_only_logged_in_the_rounds(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(figures, "FIRST", Seconds(0.0))
    monkeypatch.setattr(figures, "ROUND", Seconds(0.01))

    async def life(room: Room) -> None:
        room.papers.down = True
        with pytest.raises(LedgerDown):
            await room.figures.now()
        nursery = Nursery()
        room.figures.keep(nursery)
        await until(lambda: "they are not counted" in caplog.text)
        room.papers.down = False
        await until(lambda: room.figures.report is not None)
        await room.figures.aclose()
        await nursery.aclose()

    lived(life)


def test_where_none_are_wanted_none_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "FIRST", Seconds(0.0))

    async def life(room: Room) -> None:
        room.figures.goals = Goals(most=0)
        nursery = Nursery()
        room.figures.keep(nursery)
        await asyncio.sleep(0.01)
        assert room.figures.report is None
        await room.figures.aclose()
        await nursery.aclose()

    lived(life)

"""Versions of what was learnt: who switches them on, and how one goes back."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from switchgear.adapters.clock import ManualClock
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.refit import Finding, Report
from switchgear.engine.success.lesson import Lesson, learnt
from switchgear.engine.success.model import UNTAUGHT, encode_model
from switchgear.engine.success.trait import Traits
from switchgear.pipeline.learning import version as room
from switchgear.pipeline.learning.version import LEASE, NONE, Head, NoVersion, State, Versions
from switchgear.ports.papers import Paper, PaperKind, Write


def finding(*, switched: bool = True, good: float = 1.0) -> Finding:
    lesson = Lesson(Traits(("",), (1,), b""), "small", good, 10.0)
    report = Report(labels=60, held=20, switched=switched, why="better")
    return Finding(report=report, model=encode_model(learnt(UNTAUGHT, [lesson])))


class Archive:
    def __init__(self) -> None:
        self.clock, self.papers = ManualClock(), MemoryPapers()
        self.versions = Versions(self.papers, self.clock)

    async def made(self, *, switched: bool = True, good: float = 1.0) -> str:
        self.clock.advance(Seconds(60.0))
        head, revision = await self.versions.head()
        leased = await self.versions.lease(head, revision)
        found = finding(switched=switched, good=good)
        return await self.versions.keep(found, head, leased, self.clock.date())

    async def states(self) -> dict[str, str]:
        return {each.name: each.state.value for each in await self.versions.all()}

    async def current(self) -> str:
        return (await self.versions.head())[0].current


def lived(life: Callable[[Archive], Awaitable[None]]) -> None:
    async def whole() -> None:
        await life(Archive())

    asyncio.run(whole())


def test_a_better_version_takes_the_place_of_the_one_before() -> None:
    async def life(place: Archive) -> None:
        assert [await place.made(), await place.made()] == ["v1", "v2"]
        assert await place.states() == {"v2": "current", "v1": "retired"}
        head, _ = await place.versions.head()
        assert (head.current, head.since, head.lease) == ("v2", place.clock.date(), 0)
        found = await place.versions.find("v2")
        assert found is not None
        assert (found.parent, found.report.labels) == ("v1", 60)
        assert (await place.versions.model("v2")).labels == 10

    lived(life)


def test_one_that_is_not_better_is_kept_as_a_report_only() -> None:
    async def life(place: Archive) -> None:
        await place.made()
        assert await place.made(switched=False) == "v2"
        assert await place.states() == {"v2": "rejected", "v1": "current"}
        with pytest.raises(ValueError, match="no longer kept"):
            await place.versions.model("v2")

    lived(life)


def test_only_one_refits_at_a_time_until_its_lease_is_over() -> None:
    async def life(place: Archive) -> None:
        head, revision = await place.versions.head()
        leases = [await place.versions.lease(head, revision) for _ in range(3)]
        assert leases == [1, 0, 0]
        again, revision = await place.versions.head()
        assert await place.versions.lease(again, revision) == 0
        place.clock.advance(LEASE)
        assert await place.versions.lease(again, revision) == 2

    lived(life)


def test_what_was_begun_before_something_else_came_into_force_is_not_kept() -> None:
    async def life(place: Archive) -> None:
        await place.made()
        await place.made()
        head, revision = await place.versions.head()
        leased = await place.versions.lease(head, revision)
        await place.versions.roll_back()
        assert await place.versions.keep(finding(), head, leased, UnixMs(1)) == ""
        assert await place.current() == "v1"

    lived(life)


def test_one_goes_back_step_by_step_and_in_the_end_to_nothing() -> None:
    async def life(place: Archive) -> None:
        for _ in range(3):
            await place.made()
        place.clock.advance(Seconds(60.0))
        assert await place.versions.roll_back() == ("v3", "v2")
        head, _ = await place.versions.head()
        assert head.since == place.clock.date()
        assert await place.versions.roll_back() == ("v2", "v1")
        assert await place.versions.roll_back() == ("v1", "")
        assert set((await place.states()).values()) == {"rolled_back"}
        with pytest.raises(NoVersion, match="none to go back from"):
            await place.versions.roll_back()

    lived(life)


def test_one_goes_back_past_what_was_taken_out_of_force() -> None:
    async def life(place: Archive) -> None:
        for _ in range(2):
            await place.made()
        await place.versions.roll_back()  # v2 is out, v1 in
        await place.versions.roll_back("v2")  # by hand it may come back
        assert await place.states() == {"v2": "current", "v1": "rolled_back"}
        assert await place.versions.roll_back() == ("v2", "")  # v1 was taken out too

    lived(life)


def test_what_cannot_be_gone_back_to_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "KEPT", 2)

    async def life(place: Archive) -> None:
        for _ in range(4):
            await place.made()
        for name, why in (
            ("v9", "no version 'v9'"),
            ("v4", "in force already"),
            ("v1", "no longer"),
        ):
            with pytest.raises(NoVersion, match=why):
                await place.versions.roll_back(name)
        assert await place.versions.roll_back("v3") == ("v4", "v3")
        assert await place.versions.roll_back(NONE) == ("v3", "")

    lived(life)


def test_documents_of_another_release_are_told_apart() -> None:
    async def life(place: Archive) -> None:
        body = b'{"format":2,"current":"v1"}'
        paper = Paper(kind=PaperKind.BRAIN, id="head", made=UnixMs(1), body=body)
        await place.papers.write((Write(paper=paper),))
        with pytest.raises(ValueError, match="format 2"):
            await place.versions.head()

    lived(life)


def test_a_store_without_any_has_an_empty_head() -> None:
    async def life(place: Archive) -> None:
        assert await place.versions.head() == (Head(), 0)
        assert await place.versions.all() == ()
        assert await place.versions.find("head") is None
        assert {each.value for each in State} == {"current", "retired", "rejected", "rolled_back"}

    lived(life)

"""All is learnt anew beside the calls, by one process for all."""

import asyncio
import logging
from pathlib import Path

import pytest

from support.cast import ask
from support.school import PLAIN, School, chance, chances, learning, lived
from switchgear.adapters.prior import ShippedPrior
from switchgear.domain.odds import NO_ODDS
from switchgear.domain.units import Seconds
from switchgear.pipeline.learning import refit as room
from switchgear.pipeline.learning.refit import (
    BETWEEN,
    SELDOM,
    Need,
    RefitFailed,
    Refits,
    apart,
    done,
    here,
)


def refits(school: School) -> Refits:
    return Refits((school.ledger, school.papers), school.clock, here)


def test_a_refit_makes_a_version_that_all_take_up() -> None:
    async def life(school: School) -> None:
        brains = [await school.brain() for _ in range(3)]
        await school.judged(60, 0.0)
        school.clock.advance(BETWEEN)
        for each in brains:
            await each.round()  # the first of them refits
        await school.settle()
        school.clock.advance(Seconds(5.0))
        for each in brains:
            await each.round()
        assert {each.odds(ask()).version for each in brains} == {"v1+0"}
        assert len(set(chances(brains))) == 1
        assert sum(each.refits["switched"] for each in brains) == 1
        assert all(each.age > 0 for each in brains)

    lived(life)


def test_what_is_said_after_a_version_is_learnt_on_top_of_it() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        await school.judged(60, 1.0)
        await refits(school).run(PLAIN, school.policy)
        await school.judged(7, 0.0)
        await brain.round()
        again = await school.brain()
        await again.round()
        assert brain.odds(ask()).version == "v1+7"
        assert again.odds(ask()) == brain.odds(ask())

    lived(life)


def test_to_go_back_undoes_it_everywhere_and_it_does_not_come_back_by_itself() -> None:
    async def life(school: School) -> None:
        brains = [await school.brain() for _ in range(2)]
        await school.judged(60, 0.0)
        desk = refits(school)
        await desk.run(PLAIN, school.policy)
        for each in brains:
            await each.round()
        assert (chance(brains[0]) or 1.0) < 0.2
        await desk.versions.roll_back()
        for each in brains:
            await each.round()
            assert each.odds(ask()).version == ""
        school.clock.advance(Seconds(100_000.0))
        for each in brains:
            await each.round()
        await school.settle()
        assert (await desk.versions.head())[0].current == ""

    lived(life)


def test_too_little_to_learn_from_keeps_nothing() -> None:
    async def life(school: School) -> None:
        await school.judged(5, 1.0)
        found = await refits(school).run(PLAIN, school.policy)
        assert found is not None
        assert (found.name, found.report.labels) == ("", 5)
        assert await refits(school).versions.all() == ()

    lived(life)


def test_only_one_is_under_way_at_once() -> None:
    async def life(school: School) -> None:
        await school.judged(60, 1.0)
        desk = refits(school)
        found = await asyncio.gather(*[desk.run(PLAIN, school.policy) for _ in range(3)])
        assert sum(each is not None for each in found) == 1

    lived(life)


def test_one_that_fails_is_told_and_another_may_follow(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_: bytes) -> bytes:
        raise RefitFailed("no room")

    async def life(school: School) -> None:
        school.work = broken
        brain = await school.brain()
        await school.judged(60, 1.0)
        school.clock.advance(BETWEEN)
        with caplog.at_level(logging.WARNING):
            await brain.round()
            await school.settle()
        assert brain.refits == {"failed": 1}
        assert "no room" in caplog.text
        head, _ = await refits(school).versions.head()
        assert head.lease == 0

    lived(life)


def test_a_process_of_its_own_comes_to_the_same() -> None:
    async def life(school: School) -> None:
        await school.judged(60, 0.0)

        async def both(study: bytes) -> bytes:
            found = await apart(study)
            assert found == done(study)
            return found

        desk = Refits((school.ledger, school.papers), school.clock, both)
        found = await desk.run(PLAIN, school.policy)
        assert found is not None
        assert found.report.switched

    lived(life)


def test_a_process_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    async def life(_: School) -> None:
        for child, why in (("raise ValueError('no room')", "no room"), ("exit(3)", "ended with 3")):
            monkeypatch.setattr(room, "CHILD", child)
            with pytest.raises(RefitFailed, match=why):
                await apart(b"nonsense")

    lived(life)


def test_what_cannot_be_read_is_a_failure_and_no_crash() -> None:
    with pytest.raises(RefitFailed):
        done(b"nonsense")


@pytest.mark.parametrize(
    ("need", "since", "due"),
    [
        (Need(labels=49, first=True), 1e6, False),
        (Need(labels=50, first=True), 1e6, True),
        (Need(labels=50, first=True), BETWEEN - 1, False),
        (Need(labels=199), 3_600.0, False),
        (Need(labels=200), 3_600.0, True),
        (Need(labels=1), 86_400.0, True),
        (Need(labels=0), 1e9, False),
        (Need(labels=0, loud=True), BETWEEN, True),
        (Need(labels=0, unkept=True), SELDOM - 1, False),
        (Need(labels=0, unkept=True), SELDOM, True),
    ],
)
def test_it_is_due_when_there_is_enough_to_learn(need: Need, since: float, *, due: bool) -> None:
    assert need.is_due(PLAIN, Seconds(since)) is due


def test_the_owner_may_want_none_by_number_or_by_time() -> None:
    never = learning(refit_labels=0, refit_every=Seconds(0.0))
    assert not Need(labels=10_000).is_due(never, Seconds(1e9))


def test_a_refit_tries_what_ships_and_what_is_damaged_stops_nothing(tmp_path: Path) -> None:
    async def life(school: School) -> None:
        await school.judged(60, 1.0)
        asked: list[str] = []
        desk = Refits((school.ledger, school.papers), school.clock, here, ShippedPrior())
        found = await desk.run(PLAIN, school.policy)
        assert found is not None
        assert found.report.prior is not None

        def never() -> bytes:
            asked.append("")
            return b""

        school.clock.advance(BETWEEN)
        desk = Refits((school.ledger, school.papers), school.clock, here, never)
        without = await desk.run(learning(prior=False), school.policy)
        assert without is not None
        assert without.report.prior is None
        assert not asked
        school.clock.advance(BETWEEN)
        absent = ShippedPrior(tmp_path / "absent.json")
        desk = Refits((school.ledger, school.papers), school.clock, here, absent)
        found = await desk.run(PLAIN, school.policy)
        assert found is not None
        assert found.report.held
        assert found.report.prior is None

    lived(life)


def test_before_there_are_labels_what_ships_says_nothing() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        await brain.round()
        assert brain.odds(ask()) == NO_ODDS
        desk = Refits((school.ledger, school.papers), school.clock, here, ShippedPrior())
        done = await desk.run(PLAIN, school.policy)
        assert done is not None
        assert not done.name
        await brain.round()
        assert brain.odds(ask()) == NO_ODDS

    lived(life)

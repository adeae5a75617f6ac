"""What can be learnt is gathered from the ledger, within bounds."""

import pytest

from support.school import PLAIN, School, lived
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.outcome import NO_TIERS
from switchgear.pipeline.learning import harvest as room
from switchgear.pipeline.learning.harvest import Harvest, Span, harvested, outcomes_of
from switchgear.ports.papers import Paper, PaperKind


async def gathered(school: School, rows: int = 0) -> Harvest:
    span = Span(school.now(), UnixMs(rows))
    return await harvested((school.ledger, school.papers), PLAIN, NO_TIERS, span)


def test_what_was_said_is_joined_with_the_calls_it_was_said_of() -> None:
    async def life(school: School) -> None:
        await school.judged(130, 1.0, by="k")
        await school.judged(5, 0.0, target="mid")
        found = await gathered(school)
        assert len(found.said) == 135
        assert {(each.lesson.target, each.lesson.good, each.by) for each in found.said} == {
            ("small", 1.0, "k"),
            ("mid", 0.0, ""),
        }
        assert len(found.cases) == 135
        assert all(each.situation.readings for each in found.cases)

    lived(life)


def test_flaws_count_for_the_key_that_made_the_call_and_bring_the_good_calls_beside_them() -> None:
    async def life(school: School) -> None:
        await school.call("sg_1")
        assert not (await gathered(school)).said
        school.clock.advance(Seconds(1.0))
        await school.flawed("sg_2", key="loud")
        found = (await gathered(school)).said
        assert sorted((each.decision, each.lesson.good, each.by) for each in found) == [
            ("sg_1", 1.0, ""),
            ("sg_2", 0.0, "loud"),
        ]
        assert min(each.lesson.weight for each in found) < room.HEARD

    lived(life)


def test_what_is_too_old_to_count_is_not_read() -> None:
    async def life(school: School) -> None:
        await school.judged(3, 1.0)
        school.clock.advance(Seconds(PLAIN.half_life * room.HALF_LIVES + 60))
        await school.judged(2, 1.0)
        assert len((await gathered(school)).said) == 2

    lived(life)


def test_late_words_on_old_calls_are_heard_though_no_old_rows_are_looked_at() -> None:
    async def life(school: School) -> None:
        row = await school.call("sg_1")
        school.clock.advance(Seconds(100.0))
        await school.say(row, 0.0)
        found = await gathered(school, rows=school.now())
        assert [each.decision for each in found.said] == ["sg_1"]

    lived(life)


def test_what_is_gathered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST_ROWS", "MOST_JUDGED", "MOST_CASES", "MOST_FOUND", "PAGE"):
        monkeypatch.setattr(room, name, 8)

    async def life(school: School) -> None:
        await school.judged(30, 1.0)
        found = await gathered(school)
        assert len(found.cases) == 8
        assert 8 <= len(found.said) <= 16
        assert max(each.lesson.at for each in found.said) == school.now()

    lived(life)


def test_what_a_newer_release_wrote_says_nothing() -> None:
    paper = Paper(kind=PaperKind.OUTCOME, id="sg_1", made=UnixMs(1), body=b'[{"source":"oracle"}]')
    assert outcomes_of(paper) == ()

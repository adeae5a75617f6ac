"""The sums of one group."""

import pytest

from support.figured import FRAME, FROM, case, chosen, said
from switchgear.domain.goal import Goals
from switchgear.domain.outcome import Fitness, Source
from switchgear.domain.units import UnixMs
from switchgear.engine.figure.accuracy import Evidence
from switchgear.engine.figure.frame import DAY_MS
from switchgear.engine.figure.interval import Moments
from switchgear.engine.figure.sheet import Sheet, slope
from switchgear.engine.figure.work import Effort, Upshot


def test_overrides_are_counted_among_decisions_by_who_made_them() -> None:
    sheet = Sheet("auto", FRAME)
    for number in range(8):
        sheet.add(case(f"sg_{number}"))
    sheet.add(case("p", "small", said(override="large", source=Source.HUMAN)))
    sheet.add(case("v", "small", said(Fitness.FAILED, Source.VALIDATOR)))
    found = sheet.group(Evidence(), Goals())
    assert (found.calls, found.decisions, found.override.hits, found.override.of) == (10, 10, 2, 10)
    assert found.corrections == (("person", 1), ("validator", 1))


def test_thumbs_down_are_counted_among_those_who_said_anything() -> None:
    sheet = Sheet("auto", FRAME)
    sheet.add(case())
    for number, score in enumerate((1.0, 0.0, 1.0, 1.0)):
        sheet.add(case(f"sg_{number}", "small", said(score=score, source=Source.USER)))
    found = sheet.group(Evidence(), Goals())
    assert (found.disliked.hits, found.disliked.of) == (1, 4)


def effort(day: int, usd: float) -> Effort:
    at = UnixMs(FROM + day * DAY_MS)
    return Effort(began=at, last=at, cost=round(usd * 1e9))


def test_the_cost_of_a_task_is_that_of_automated_ones_by_day_and_half() -> None:
    sheet = Sheet("auto", FRAME)
    for day, usd in ((0, 0.04), (0, 0.02), (5, 0.01), (6, 0.01)):
        sheet.finish(effort(day, usd), Upshot.AUTOMATED, Goals())
    sheet.finish(effort(1, 9.0), Upshot.TAKEN, Goals())
    sheet.finish(effort(1, 1.0), Upshot.OPEN, Goals())
    found = sheet.group(Evidence(), Goals())
    cost = found.cost
    assert cost.usd is not None
    assert cost.newer_to_older is not None
    assert cost.usd.value == pytest.approx(0.02)
    assert cost.newer_to_older.value == pytest.approx(1 / 3)
    assert (cost.tasks, cost.volumes) == (4, (2, 2))
    assert cost.elsewhere_usd == pytest.approx(10.0)
    assert [(it.at - FROM, it.tasks) for it in cost.periods] == [
        (0, 2),
        (5 * DAY_MS, 1),
        (6 * DAY_MS, 1),
    ]
    assert (found.to_human.hits, found.to_human.of) == (1, 5)


def test_where_the_cost_halves_as_the_volume_doubles_the_slope_is_minus_one() -> None:
    periods = [Moments(n, n * (8 / n), 1.0) for n in (10, 20, 40)]
    assert slope(periods) == pytest.approx(-1.0)
    assert slope(periods[:2]) is None
    assert slope([Moments(10, 10.0, 10.0)] * 4) is None


def test_a_rate_that_moved_is_told_with_the_day() -> None:
    sheet = Sheet("auto", FRAME)
    for day in range(8):
        for number in range(40):
            bad = number < (2 if day < 4 else 12)
            words = [said(Fitness.FAILED, Source.VALIDATOR)] if bad else []
            at = UnixMs(FROM + day * DAY_MS + number)
            sheet.add(case(f"sg_{day}_{number}", "small", *words, at=at))
    (moved,) = [it for it in sheet.group(Evidence(), Goals()).moved if it.figure == "override"]
    assert moved.at == FROM + 4 * DAY_MS
    assert moved.change.after == pytest.approx(0.3)


@pytest.mark.parametrize("explored", [True, False])
def test_an_experiment_that_fails_is_no_change_of_accuracy(explored: bool) -> None:  # noqa: FBT001  (parametrised)
    sheet = Sheet("auto", FRAME)
    decided = chosen("small", "large", explored=explored, propensity=0.05)
    for day in range(8):
        at = UnixMs(FROM + day * DAY_MS)
        for number in range(30):
            sheet.add(case(f"sg_{day}_{number}", "small", said(Fitness.GOOD_FIT), at=at))
        if day >= 4:
            for number in range(30):
                words = said(Fitness.UNDERPOWERED)
                sheet.add(case(f"x_{day}_{number}", "small", words, at=at, decision=decided))
    found = sheet.group(Evidence(), Goals())
    assert [it.figure for it in found.moved if it.figure == "accuracy"] == ["accuracy"] * (
        not explored
    )
    assert found.accuracy.experiments == (120 if explored else 0)

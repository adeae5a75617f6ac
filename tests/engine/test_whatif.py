"""What a replay comes to, over many cases, and how it is judged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.pastime import drawer
from switchgear.domain.target import Tier
from switchgear.engine.whatif.case import Case, Figure
from switchgear.engine.whatif.gate import FEWEST, Limits, Ruling, judge, verdict
from switchgear.engine.whatif.offpolicy import Drawn
from switchgear.engine.whatif.recount import MOST_KINDS, OTHERS, Recount
from switchgear.engine.whatif.report import Report

SAME = Figure(2.0, 2.0)


def case(before: str = "large", after: str = "small", **changes: object) -> Case:
    tiers = {"small": Tier.SMALL, "large": Tier.FRONTIER}
    fields: dict[str, object] = {
        "route": "auto",
        "agent": "clerk",
        "step": "user_turn",
        "before": before,
        "after": after,
        "tiers": (tiers.get(before), tiers.get(after)),
        "observed": False,
        "labelled": False,
        "learnt": True,
        "figures": (Figure(2.0, 1.0), SAME, Figure(1.0, 0.9)),
        **changes,
    }
    return Case(**fields)  # type: ignore[arg-type]  # a test's shorthand


DRAWN = case(figures=(Figure(2.0, 1.0, drawn=Drawn(0.5, 2.0, 1.5, 1.0)), SAME, SAME))
STAYS = case("large", "large", figures=(SAME, SAME, Figure(1.0, 1.0)))

ALL_KINDS = [case(), STAYS, DRAWN, case(agent="cook"), case("large", "", figures=())]


def report(*cases: Case, times: int = 1) -> Report:
    recount = Recount()
    for each in cases * times:
        recount.add(each)
    return recount.report()


def test_changes_are_counted_by_their_direction() -> None:
    found = report(
        case(), STAYS, case("small", "large"), case("large", "", figures=()), case("", "small")
    )
    counts = found.counts
    assert (counts.decided, counts.changed, counts.up, counts.down) == (5, 4, 1, 1)
    assert (counts.unserved, counts.newly, counts.compared) == (1, 1, 4)
    assert found.unserved == (("auto", 1),)
    assert [(it.before, it.after, it.calls) for it in found.moves] == [
        ("", "small", 1),
        ("large", "small", 1),
        ("small", "large", 1),
    ]


def test_rows_that_say_nothing_are_counted_apart() -> None:
    recount = Recount()
    recount.unread(3)
    recount.undecided()
    counts = recount.report().counts
    assert (counts.rows, counts.unread, counts.undecided, counts.decided) == (4, 3, 1, 0)


def test_money_is_summed_by_kind_and_by_move() -> None:
    found = report(case(), case(agent="cook"), STAYS)
    assert [(it.agent, it.calls, it.changed, it.cost) for it in found.shares] == [
        ("clerk", 2, 1, -1.0),
        ("cook", 1, 1, -1.0),
    ]
    assert found.moves[0].cost == -2.0
    cost = found.measures[0].recount
    assert cost.relative is not None
    assert cost.relative.value == pytest.approx(-1 / 3)


def test_kinds_are_told_apart_only_so_far() -> None:
    recount = Recount()
    for number in range(MOST_KINDS + 3):
        recount.add(case(agent=f"a{number}", after=f"t{number}"))
    found = recount.report()
    assert len(found.shares) == MOST_KINDS + 1
    assert [it.calls for it in found.shares if it.agent == OTHERS] == [3]
    assert [it.calls for it in found.moves if it.after == OTHERS] == [3]


def drawn_calls() -> Report:
    """Costs were drawn evenly from two targets at 1 and 3 $; the other policy takes the first."""
    draw, recount = drawer("calls"), Recount()
    for _ in range(2000):
        dear = draw() < 0.5
        seen = (3.0 if dear else 1.0) * (0.5 + draw())
        drawn = Drawn(0.0 if dear else 2.0, seen, 2.0, 2.0)  # what is expected knows nothing
        figure = Figure(seen, 2.0 if dear else seen, drawn=drawn)
        recount.add(case(figures=(figure, SAME, SAME)))
    return recount.report()


def test_enough_draws_correct_what_was_expected() -> None:
    measure = drawn_calls().measures[0]
    assert measure.drawn is not None
    assert measure.drawn.enough
    assert measure.best is measure.robust
    assert measure.recount.after.value == pytest.approx(1.5, abs=0.1)
    assert measure.best.after.low < 1.0 < measure.best.after.high


def test_without_draws_the_recount_is_gone_by() -> None:
    measure = report(case(), STAYS).measures[0]
    assert measure.drawn is None
    assert measure.best is measure.recount


@pytest.mark.parametrize(
    ("limits", "ruling"),
    [
        (Limits(), Ruling.KEPT),
        (Limits(cost_up=0.0), Ruling.KEPT),
        (Limits(changed=0.4), Ruling.BROKEN),
        (Limits(changed=0.5), Ruling.KEPT),
        (Limits(unserved=0.0), Ruling.KEPT),
        (Limits(quality_down=0.01), Ruling.BROKEN),
        (Limits(quality_down=0.05), Ruling.UNSURE),
        (Limits(quality_down=0.09), Ruling.KEPT),
        (Limits(slower=0.0), Ruling.KEPT),
        (Limits(cost_up=0.0, changed=0.1), Ruling.BROKEN),
    ],
)
def test_a_limit_is_broken_only_where_that_is_sure(limits: Limits, ruling: Ruling) -> None:
    found = report(case(), STAYS, times=50)
    assert verdict(judge(found, limits)) is ruling


def test_what_got_dearer_breaks_a_limit_of_cost() -> None:
    dearer = report(case("small", "large", figures=(Figure(1.0, 2.0), SAME, SAME)), times=FEWEST)
    assert [it.ruling for it in judge(dearer, Limits(cost_up=0.99))] == [Ruling.BROKEN]
    assert [it.ruling for it in judge(dearer, Limits(cost_up=1.01))] == [Ruling.KEPT]


def test_of_few_calls_nothing_is_concluded() -> None:
    few = report(case(), times=FEWEST - 1)
    limits = Limits(cost_up=0.0, quality_down=0.0, changed=0.0)
    assert {it.ruling for it in judge(few, limits)} == {Ruling.UNSURE}
    assert {it.ruling for it in judge(Recount().report(), limits)} == {Ruling.UNSURE}


def test_quality_that_rests_on_the_owner_s_figures_is_left_open() -> None:
    guessed = report(case(learnt=False), times=100)
    assert verdict(judge(guessed, Limits(quality_down=0.01))) is Ruling.UNSURE
    assert guessed.counts.guessed == 100


@given(st.lists(st.sampled_from(ALL_KINDS), max_size=40), st.integers(0, 40))
def test_counted_in_parts_it_comes_to_the_same(cases: list[Case], cut: int) -> None:
    whole, one, two = Recount(), Recount(), Recount()
    for place, each in enumerate(cases):
        whole.add(each)
        (one if place < cut else two).add(each)
    one.merge(two)
    merged, expected = one.report(), whole.report()
    assert merged.counts == expected.counts
    assert [it.calls for it in merged.shares] == [it.calls for it in expected.shares]
    assert sum(it.cost for it in merged.moves) == pytest.approx(
        sum(it.cost for it in expected.moves)
    )
    for mine, its in zip(merged.measures, expected.measures, strict=True):
        assert mine.recount.change.value == pytest.approx(its.recount.change.value)
        assert mine.recount.change.error == pytest.approx(its.recount.change.error, abs=1e-6)
        assert (mine.drawn is None) == (its.drawn is None)

"""A report as numbers with labels."""

from switchgear.domain.units import UnixMs
from switchgear.engine.figure import level
from switchgear.engine.figure.accuracy import Accuracy
from switchgear.engine.figure.change import Change, Shift
from switchgear.engine.figure.interval import Interval
from switchgear.engine.figure.report import (
    Cost,
    Group,
    Moved,
    Rate,
    Report,
    RuleLine,
    State,
    TargetLine,
)

HALF = Interval(0.5, 0.4, 0.6)
MOVED = Moved(figure="override", at=UnixMs(5), change=Change(1, 0.1, 0.2, 0.001))
AUTO = Group(
    name="auto",
    cost=Cost(usd=Interval(0.02, 0.0, float("inf")), tasks=1),
    accuracy=Accuracy(share=HALF, cheapest=0.25, strongest=0.75, labelled=40),
    override=Rate(hits=4, of=40, share=Interval(0.1, 0.05, 0.2)),
    disliked=Rate(hits=1, of=2, share=HALF),
    accuracy_state=State.ALERT,
    override_state=State.OK,
    moved=(MOVED,),
)
REPORT = Report(
    since=UnixMs(1000),
    until=UnixMs(61_000),
    all=Group(name="all"),
    groups=(AUTO,),
    targets=(TargetLine(target="small", tools=Rate(hits=1, of=2, share=HALF), moved=(MOVED,)),),
    rules=(RuleLine(rule="r", decisions=3, share=1.0),),
    shift=Shift("r", 0.1, 0.9, 0.001),
)


def test_figures_have_their_bounds_and_those_beside_them() -> None:
    assert dict(level.accuracy(REPORT)) == {
        ("auto", "value"): 0.5,
        ("auto", "low"): 0.4,
        ("auto", "high"): 0.6,
        ("auto", "always_cheapest"): 0.25,
        ("auto", "always_strongest"): 0.75,
    }
    assert dict(level.override(REPORT))["auto", "value"] == 0.1
    assert list(level.cost_ratio(REPORT)) == []


def test_a_bound_that_is_not_known_is_not_shown() -> None:
    assert dict(level.cost(REPORT)) == {("auto", "value"): 0.02, ("auto", "low"): 0.0}


def test_alerts_are_one_and_all_else_is_nought() -> None:
    found = dict(level.alerts(REPORT))
    assert found["auto", "accuracy"] == 1.0
    assert found["auto", "override"] == 0.0
    assert found["all", "cost"] == 0.0


def test_what_a_figure_stands_on_and_how_far_back_it_goes_is_told() -> None:
    assert dict(level.sizes(REPORT))["auto", "accuracy"] == 40
    assert list(level.span(REPORT)) == [((), 60.0)]


def test_changes_and_the_other_shares_have_their_names() -> None:
    assert dict(level.moves(REPORT)) == {
        ("route", "auto", "override"): 1.0,
        ("target", "small", "override"): 1.0,
        ("rule", "r", "share"): 1.0,
    }
    assert dict(level.route_rates(REPORT)) == {("auto", "disliked"): 0.5}
    assert dict(level.target_rates(REPORT)) == {("small", "tools"): 0.5}
    assert dict(level.rules(REPORT)) == {("r",): 1.0}

"""How figures are drawn."""

from io import StringIO

from rich.console import Console, RenderableType

from switchgear.cli.figuretable import (
    figure_table,
    other_table,
    rule_table,
    target_table,
    volume_table,
)
from switchgear.domain.goal import CostGoal, Goals
from switchgear.domain.units import UnixMs
from switchgear.engine.figure.accuracy import Accuracy
from switchgear.engine.figure.change import Change, Shift
from switchgear.engine.figure.interval import Interval
from switchgear.engine.figure.report import (
    Cost,
    Group,
    Moved,
    Period,
    Rate,
    Report,
    RuleLine,
    State,
    TargetLine,
)

DAY = 86_400_000
HALF = Interval(0.5, 0.4, 0.6)
MOVED = Moved(figure="cost", at=UnixMs(DAY), change=Change(1, 0.1, 0.2, 0.001))
GROUP = Group(
    name="auto\x1b[31m",
    calls=50,
    cost=Cost(
        usd=Interval(0.02, 0.0, float("inf")),
        tasks=1,
        periods=(Period(at=UnixMs(DAY), tasks=1, usd=HALF),),
        slope=-0.5,
    ),
    accuracy=Accuracy(
        share=HALF,
        plain=HALF,
        cheapest=0.25,
        strongest=0.75,
        cheapest_plain=0.2,
        strongest_plain=0.8,
        labelled=40,
        trusted=7,
        tiers=(("small", HALF), ("mid", HALF)),
    ),
    accuracy_state=State.ALERT,
    moved=(MOVED,),
)
REPORT = Report(
    since=UnixMs(0),
    until=UnixMs(2 * DAY),
    all=GROUP,
    groups=(GROUP,),
    targets=(
        TargetLine(
            target="small",
            tools=Rate(hits=1, of=2, share=HALF),
            moved=(Moved(figure="tools", at=UnixMs(DAY), change=Change(1, 0.9, 0.2, 0.001)),),
        ),
    ),
    rules=(RuleLine(rule="", decisions=3, share=1.0),),
    shift=Shift("", 0.1, 0.9, 0.001),
    left_out=3,
)


def drawn(table: RenderableType) -> str:
    console = Console(file=StringIO(), width=200, color_system=None)
    console.print(table)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_what_a_figure_cannot_know_is_said_beside_it() -> None:
    text = drawn(figure_table(REPORT, Goals()))
    assert "50.0% (40.0% to 60.0%)" in text
    assert "25.0% | 75.0%" in text
    assert "7 good answers of a dearer tier count as right" in text
    assert "ALERT: routing accuracy" in text
    assert "balanced over 2 tiers" in text
    assert "always the strongest 80.0%" in text
    assert "no room: 3" in text
    assert "$0.100000 before, $0.200000 since" in text
    assert "cost falling" in text
    assert "cost none" in drawn(figure_table(REPORT, Goals(cost=CostGoal.NONE)))


def test_an_interval_that_is_not_known_is_not_drawn() -> None:
    assert "inf" not in drawn(figure_table(REPORT, Goals()))


def test_names_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in drawn(figure_table(REPORT, Goals()))
    assert "\x1b" not in drawn(other_table(REPORT))


def test_cost_is_shown_against_volume() -> None:
    text = drawn(volume_table(REPORT))
    assert "1970-01-02" in text
    assert "-0.50 % in the cost" in text


def test_rules_and_targets_tell_what_changed() -> None:
    assert "10.0% in the older half" in drawn(rule_table(REPORT))
    text = drawn(target_table(REPORT))
    assert "right tools of small" in text
    assert "90.0% before, 20.0% since" in text

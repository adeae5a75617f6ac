"""Draws how routing does, for the terminal."""

from collections.abc import Iterator
from math import isfinite

from rich.console import Group as Stack
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from switchgear.cli.tree import NOTHING, date, shown
from switchgear.domain.goal import CostGoal, Goals
from switchgear.engine.figure.accuracy import Accuracy
from switchgear.engine.figure.interval import Interval
from switchgear.engine.figure.level import groups
from switchgear.engine.figure.report import Group, Moved, Rate, Report, State, TargetLine

STYLES = {State.OK: "green", State.ALERT: "bold red", State.UNKNOWN: "dim"}
WORDS = {State.OK: "ok", State.ALERT: "ALERT", State.UNKNOWN: "too little known"}
NAMES = {
    "accuracy": "routing accuracy",
    "override": "override rate",
    "cost": "cost per automated task",
    "disliked": "thumbs down",
    "to_human": "tasks handed to a human",
    "completed": "tasks completed",
    "tools": "right tools",
    "fell_back": "fallbacks",
}


def figure_table(report: Report, goals: Goals) -> RenderableType:
    """Return the three figures of all calls, and of each group."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("calls", justify="right")
    for name in ("cost per automated task", "newer ÷ older", "tasks"):
        table.add_column(name, justify="right")
    for name in ("routing accuracy", "cheapest | strongest", "labelled"):
        table.add_column(name, justify="right")
    for name in ("override rate", "decisions"):
        table.add_column(name, justify="right")
    for group in groups(report):
        table.add_row(*_cells(group))
    return Stack(table, "", *_notes(report, goals))


def volume_table(report: Report) -> RenderableType:
    """Return what an automated task cost in each period, against how many there were."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("from (UTC)")
    for name in ("automated tasks", "cost per task"):
        table.add_column(name, justify="right")
    for period in report.all.cost.periods:
        table.add_row(date(period.at), str(period.tasks), _dollars(period.usd))
    slope = report.all.cost.slope
    if slope is None:
        return table
    return Stack(table, "", f"One per cent more tasks: {slope:+.2f} % in the cost of each.")


def target_table(report: Report) -> RenderableType:
    """Return how each target does."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("target")
    for name in ("tasks completed", "right tools", "fallbacks"):
        table.add_column(name, justify="right")
    for line in report.targets:
        cells = [_rate(each) for each in (line.completed, line.tools, line.fell_back)]
        table.add_row(Text(shown(line.target)), *cells)
    return Stack(table, *_target_moves(report.targets))


def rule_table(report: Report) -> RenderableType:
    """Return how decisions spread over rules."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("rule")
    table.add_column("decisions", justify="right")
    table.add_column("share", justify="right")
    for line in report.rules:
        table.add_row(
            Text(shown(line.rule or "(none matched)")), str(line.decisions), f"{line.share:.1%}"
        )
    shift = report.shift
    if shift is None:
        return table
    moved = f"{shift.before:.1%} in the older half of the window, {shift.after:.1%} in the newer"
    return Stack(
        table, "", Text(f"Changed: rule {shown(shift.name) or '(none matched)'}: {moved}.")
    )


def other_table(report: Report) -> RenderableType:
    """Return the other shares of each group."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for name in ("thumbs down", "tasks to a human", "corrected by"):
        table.add_column(name, justify="right")
    for group in groups(report):
        by = ", ".join(f"{name} {count}" for name, count in group.corrections)
        table.add_row(
            Text(shown(_named(group))), _rate(group.disliked), _rate(group.to_human), by or NOTHING
        )
    return table


def _cells(group: Group) -> Iterator[RenderableType]:
    cost, accuracy = group.cost, group.accuracy
    yield Text(shown(_named(group)))
    yield str(group.calls)
    yield Text(_dollars(cost.usd))
    yield Text(_plain(cost.newer_to_older), STYLES[group.cost_state])
    yield str(cost.tasks)
    yield Text(_share(accuracy.share), STYLES[group.accuracy_state])
    yield _peers(accuracy)
    yield str(accuracy.labelled)
    yield Text(_share(group.override.share), STYLES[group.override_state])
    yield str(group.decisions)


def _notes(report: Report, goals: Goals) -> Iterator[RenderableType]:
    whole = report.all
    yield Text(f"{date(report.since)} to {date(report.until)} UTC; in brackets 95 % intervals.")
    falls = "falling" if goals.cost is CostGoal.FALLING else "none"
    yield Text(
        f"Goals: cost {falls}, accuracy at least {goals.accuracy:.0%}, overrides at most"
        f" {goals.override:.0%}."
    )
    yield _states(whole)
    yield from _alerts(report)
    accuracy = whole.accuracy
    if accuracy.plain is not None:
        yield Text(
            f"Accuracy is balanced over {len(accuracy.tiers)} tiers that calls needed. Where each"
            f" decision counts alike it is {_share(accuracy.plain)}, always the cheapest"
            f" {accuracy.cheapest_plain:.1%}, always the strongest {accuracy.strongest_plain:.1%}."
        )
    if accuracy.trusted:
        yield Text(
            f"Of {accuracy.labelled} labelled decisions, {accuracy.trusted} good answers of a"
            " dearer tier count as right, because nothing tells whether a cheaper one would have"
            " done: the accuracy is an upper bound there.",
            "yellow",
        )
    for group in groups(report):
        for each in group.moved:
            yield Text(_moved(_named(group), each), "yellow")
    if report.left_out:
        yield Text(f"Calls of tasks for which there was no room: {report.left_out}.", "yellow")


def _states(group: Group) -> Text:
    line = Text("In all: ")
    found = (
        ("cost", group.cost_state),
        ("accuracy", group.accuracy_state),
        ("override", group.override_state),
    )
    for number, (name, state) in enumerate(found):
        line.append(", " if number else "")
        line.append(f"{NAMES[name]} ")
        line.append(WORDS[state], STYLES[state])
    return line.append(".")


def _alerts(report: Report) -> Iterator[Text]:
    for group in report.groups:
        for name, state in (
            ("cost", group.cost_state),
            ("accuracy", group.accuracy_state),
            ("override", group.override_state),
        ):
            if state is State.ALERT:
                yield Text(f"ALERT: {NAMES[name]} of {shown(_named(group))}.", STYLES[state])


def _target_moves(lines: tuple[TargetLine, ...]) -> Iterator[Text]:
    for line in lines:
        for each in line.moved:
            yield Text(_moved(line.target, each), "yellow")


def _moved(name: str, each: Moved) -> str:
    change = each.change
    if each.figure == "cost":
        numbers = f"${change.before:.6f} before, ${change.after:.6f} since"
    else:
        numbers = f"{change.before:.1%} before, {change.after:.1%} since"
    return f"Changed: {NAMES[each.figure]} of {shown(name)} at {date(each.at)}: {numbers}."


def _named(group: Group) -> str:
    return group.name or "(not said)"


def _share(interval: Interval | None) -> str:
    if interval is None:
        return NOTHING
    return f"{interval.value:.1%} ({interval.low:.1%} to {interval.high:.1%})"


def _rate(rate: Rate) -> str:
    return NOTHING if rate.share is None else f"{_share(rate.share)} of {rate.of}"


def _plain(interval: Interval | None) -> str:
    if interval is None:
        return NOTHING
    return f"{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def _dollars(interval: Interval | None) -> str:
    if interval is None:
        return NOTHING
    if not isfinite(interval.high):
        return f"${interval.value:.6f}"
    return f"${interval.value:.6f} ({interval.low:.6f} to {interval.high:.6f})"


def _peers(accuracy: Accuracy) -> str:
    if accuracy.cheapest is None or accuracy.strongest is None:
        return NOTHING
    return f"{accuracy.cheapest:.1%} | {accuracy.strongest:.1%}"

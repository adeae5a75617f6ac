"""A report as levels: labels and a number each, for metrics."""

from collections.abc import Iterator
from math import isfinite

from switchgear.engine.figure.interval import Interval
from switchgear.engine.figure.report import Group, Rate, Report, State

MS = 1000
Level = tuple[tuple[str, ...], float]


def accuracy(report: Report) -> Iterator[Level]:
    """Return routing accuracy, by route and bound."""
    for group in groups(report):
        found = group.accuracy
        yield from _bounds(group.name, found.share)
        if found.cheapest is not None and found.strongest is not None:
            yield (group.name, "always_cheapest"), found.cheapest
            yield (group.name, "always_strongest"), found.strongest


def override(report: Report) -> Iterator[Level]:
    """Return the override rate, by route and bound."""
    for group in groups(report):
        yield from _bounds(group.name, group.override.share)


def cost(report: Report) -> Iterator[Level]:
    """Return what an automated task costs, by route and bound."""
    for group in groups(report):
        yield from _bounds(group.name, group.cost.usd)


def cost_ratio(report: Report) -> Iterator[Level]:
    """Return how that changed from the older half of the window, by route and bound."""
    for group in groups(report):
        yield from _bounds(group.name, group.cost.newer_to_older)


def sizes(report: Report) -> Iterator[Level]:
    """Return what each figure stands on, by route and figure."""
    for group in groups(report):
        yield (group.name, "accuracy"), group.accuracy.labelled
        yield (group.name, "override"), group.override.of
        yield (group.name, "cost"), group.cost.tasks


def alerts(report: Report) -> Iterator[Level]:
    """Return 1 for what misses its goal, by route and figure."""
    for group in groups(report):
        for name, state in states_of(group).items():
            yield (group.name, name), float(state is State.ALERT)


def moves(report: Report) -> Iterator[Level]:
    """Return 1 for what changed, by whether it is a route's or a target's, its name, and figure."""
    for group in groups(report):
        for each in group.moved:
            yield ("route", group.name, each.figure), 1.0
    for line in report.targets:
        for each in line.moved:
            yield ("target", line.target, each.figure), 1.0
    if report.shift is not None:
        yield ("rule", report.shift.name, "share"), 1.0


def span(report: Report) -> Iterator[Level]:
    """Return how far back the calls go, in seconds."""
    yield (), (report.until - report.since) / MS


def route_rates(report: Report) -> Iterator[Level]:
    """Return the other shares of routes."""
    for group in groups(report):
        yield from _rate(group.name, "disliked", group.disliked)
        yield from _rate(group.name, "to_human", group.to_human)


def target_rates(report: Report) -> Iterator[Level]:
    """Return the shares of targets."""
    for line in report.targets:
        yield from _rate(line.target, "completed", line.completed)
        yield from _rate(line.target, "tools", line.tools)
        yield from _rate(line.target, "fell_back", line.fell_back)


def rules(report: Report) -> Iterator[Level]:
    """Return how decisions spread over rules."""
    for line in report.rules:
        yield (line.rule,), line.share


def states_of(group: Group) -> dict[str, State]:
    """Return how the three figures of a group stand, by their names."""
    return {
        "accuracy": group.accuracy_state,
        "override": group.override_state,
        "cost": group.cost_state,
    }


def groups(report: Report) -> tuple[Group, ...]:
    """Return the group of all, and the others."""
    return (report.all, *report.groups)


def _bounds(name: str, interval: Interval | None) -> Iterator[Level]:
    if interval is not None:
        for bound in ("value", "low", "high"):
            value = getattr(interval, bound)
            if isfinite(value):
                yield (name, bound), value


def _rate(name: str, figure: str, rate: Rate) -> Iterator[Level]:
    if rate.share is not None:
        yield (name, figure), rate.share.value

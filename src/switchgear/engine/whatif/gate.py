"""Judge a replay by what its owner will not have: for continuous integration."""

from enum import Enum

import msgspec

from switchgear.engine.whatif.interval import Interval
from switchgear.engine.whatif.report import Measure, Report

FEWEST = 30
"""Compared calls below which nothing is concluded."""


class Ruling(Enum):
    """Whether a limit is kept."""

    KEPT = "kept"
    """Surely: the whole interval is within it."""
    BROKEN = "broken"
    """Surely: the whole interval is beyond it."""
    UNSURE = "unsure"
    """It could be either."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What there may be at most; None for any. Shares: 0.05 is five in a hundred."""

    cost_up: float | None = None
    """Of the cost of a call, more than before."""
    slower: float | None = None
    """Of the seconds of a call, more than before."""
    quality_down: float | None = None
    """Of all calls, that do worse: points of the share that does."""
    changed: float | None = None
    """Of all calls, that go to another target."""
    unserved: float | None = None
    """Of all calls, that nobody serves any more."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """How one limit is kept."""

    limit: str
    most: float
    found: Interval
    ruling: Ruling


def judge(report: Report, limits: Limits) -> tuple[Finding, ...]:
    """Return how each limit that there is is kept."""
    by_name = {each.name: each for each in report.measures}
    cost, seconds, quality = (by_name[name] for name in ("cost", "seconds", "quality"))
    worse = _negated(quality.best.change)
    counts = report.counts
    found = (
        _held("cost_up", limits.cost_up, cost.best.relative, cost),
        _held("slower", limits.slower, seconds.best.relative, seconds),
        _held("quality_down", limits.quality_down, worse, quality),
        _counted("changed", limits.changed, counts.changed, counts.decided),
        _counted("unserved", limits.unserved, counts.unserved, counts.decided),
    )
    findings = [each for each in found if each is not None]
    return tuple([_doubted(each, report) for each in findings])


def verdict(findings: tuple[Finding, ...]) -> Ruling:
    """Return the worst of them; kept where there are none."""
    rulings = {each.ruling for each in findings}
    for worst in (Ruling.BROKEN, Ruling.UNSURE):
        if worst in rulings:
            return worst
    return Ruling.KEPT


def _held(
    name: str, most: float | None, found: Interval | None, measure: Measure
) -> Finding | None:
    if most is None:
        return None
    if found is None or measure.calls < FEWEST:
        nothing = Interval(0.0, 0.0, 0.0) if found is None else found
        return Finding(limit=name, most=most, found=nothing, ruling=Ruling.UNSURE)
    ruling = Ruling.UNSURE
    if found.low > most:
        ruling = Ruling.BROKEN
    elif found.high <= most:
        ruling = Ruling.KEPT
    return Finding(limit=name, most=most, found=found, ruling=ruling)


def _counted(name: str, most: float | None, hits: int, n: int) -> Finding | None:
    """Judge a share that was counted, not estimated: it has no interval."""
    if most is None:
        return None
    share = hits / n if n else 0.0
    ruling = Ruling.UNSURE
    if n >= FEWEST:
        ruling = Ruling.BROKEN if share > most else Ruling.KEPT
    return Finding(limit=name, most=most, found=Interval(share, share, share), ruling=ruling)


def _doubted(finding: Finding, report: Report) -> Finding:
    """Leave open what rests on the owner's figures for quality more than on outcomes."""
    counts = report.counts
    rests = finding.limit == "quality_down" and counts.guessed * 2 > counts.changed
    if not rests or finding.ruling is Ruling.UNSURE:
        return finding
    return msgspec.structs.replace(finding, ruling=Ruling.UNSURE)


def _negated(interval: Interval) -> Interval:
    return Interval(-interval.value, -interval.high, -interval.low)

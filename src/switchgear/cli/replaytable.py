"""Draws what came of a replay, and says in sentences what must be known of it."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from switchgear.cli.rerun import Replayed, Same
from switchgear.cli.tree import NOTHING, date, shown
from switchgear.engine.whatif.gate import Finding, Ruling
from switchgear.engine.whatif.interval import Interval
from switchgear.engine.whatif.report import Counts, Estimate, Measure, Report, Share

MOST_LINES = 15
"""Of one table; --json has all."""
COLOURS = {Ruling.KEPT: "green", Ruling.BROKEN: "red", Ruling.UNSURE: "yellow"}
UNITS = {"cost": "$ a call", "seconds": "s a call", "quality": "% that do"}
SCALES = {"quality": 100.0}
DIGITS = {"cost": 6, "seconds": 2, "quality": 2}

UNDRAWN = (
    "No target was drawn, so nothing measured says how the new ones would have done: changed calls"
    " are as expected."
)
ASKEW = (
    "What the new policy would choose was hardly ever drawn, so draws cannot correct what is"
    " expected (mean weight {:.2f}; it should be 1)."
)
FEW = "The {:,} drawn calls say as much as {:,.0f} of the new policy's own: too few to correct by."


def draw(found: Replayed) -> Iterator[RenderableType]:
    """Return the tables, one after another."""
    counts = found.report.counts
    yield Text(
        f"{counts.decided:,} decisions from {date(found.since)} to {date(found.until)} (UTC),"
        f" under policy {found.version}"
    )
    yield Text(_changes(counts), style="bold")
    yield Text("")
    yield _measures(found.report)
    if found.report.moves:
        yield Text("")
        yield _moves(found.report)
    if any(each.changed for each in found.report.shares):
        yield Text("")
        yield _shares(found.report.shares)
    yield Text("")


def draw_findings(findings: tuple[Finding, ...]) -> Iterator[RenderableType]:
    """Return how each limit is kept."""
    if not findings:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("limit", "at most", "found", ""):
        table.add_column(name, justify="left" if name in {"limit", ""} else "right")
    for each in findings:
        table.add_row(
            each.limit.replace("_", " "),
            f"{each.most:.4g}".rstrip() if each.most > 1 else f"{each.most:.1%}",
            _percent(each.found),
            Text(each.ruling.value, style=COLOURS[each.ruling]),
        )
    yield table
    yield Text("")


def draw_same(found: Same) -> Iterator[str]:
    """Return how many decisions came out alike, in lines."""
    yield f"{found.alike:,} decisions came out exactly as they were, {found.other:,} otherwise."
    if found.unknown:
        yield f"{found.unknown:,} could not be tried: their policy is not kept, or not readable."
    if found.unread:
        yield f"{found.unread:,} rows could not be read."
    if found.undecided:
        yield f"{found.undecided:,} calls have no decision."
    for name, fields in found.examples:
        yield f"  {shown(name)}: {', '.join(fields)}"


def notes_of(found: Replayed) -> list[str]:
    """Return what must be known before the figures are believed."""
    counts = found.report.counts
    said = [
        (counts.unread, "{:,} row(s) could not be read, and are left out."),
        (counts.undecided, "{:,} call(s) have no decision: refused before, or passed through."),
        (found.unknown, "{:,} call(s) were decided under a policy that cannot be read any more."),
        (counts.observed, "{:,} call(s) were only observed: before is whom they went to."),
        (
            counts.decided - counts.compared,
            "{:,} call(s) are not compared: they had no whole answer, or nobody serves them.",
        ),
        (
            counts.guessed,
            "Of {:,} call(s) nothing but the owner's figure says how well the new target does.",
        ),
    ]
    notes = [words.format(number) for number, words in said if number]
    notes += [
        f"{calls:,} call(s) ask for {shown(name)!r}, and nobody would serve them."
        for name, calls in found.report.unserved[:MOST_LINES]
    ]
    notes += [
        f"The rules read metadata.{shown(name)}, which was not kept with {calls:,} call(s)."
        for name, calls in found.unkept
    ]
    return [*notes, *_doubts(found.report)]


def _doubts(report: Report) -> list[str]:
    """Return why draws do not correct what is expected, where they do not."""
    drawn = report.measures[0].drawn
    if drawn is None:
        return [UNDRAWN] if report.counts.changed else []
    if not drawn.overlaps:
        return [ASKEW.format(drawn.weight.value)]
    return [] if drawn.enough else [FEW.format(drawn.drawn, drawn.effective)]


def _changes(counts: Counts) -> str:
    share = counts.changed / counts.decided if counts.decided else 0.0
    parts = [
        f"{counts.changed:,} change ({share:.1%})",
        f"{counts.up:,} to a higher tier",
        f"{counts.down:,} to a lower",
        f"{counts.unserved:,} to nobody",
    ]
    return ", ".join(parts)


def _measures(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for name in ("before", "after", "change", "95 %", "calls"):
        table.add_column(name, justify="right")
    for measure in report.measures:
        for name, estimate in _ways(measure):
            scale, digits = SCALES.get(measure.name, 1.0), DIGITS[measure.name]
            table.add_row(
                Text(name),
                f"{estimate.before.value * scale:,.{digits}f}",
                f"{estimate.after.value * scale:,.{digits}f}",
                *_change(measure.name, estimate),
                f"{measure.calls:,}",
            )
        _add_drawn(table, measure)
    return table


def _ways(measure: Measure) -> list[tuple[str, Estimate]]:
    unit = UNITS[measure.name]
    ways = [(f"{measure.name} ({unit})", measure.recount)]
    if measure.robust is not None and measure.drawn is not None and measure.drawn.overlaps:
        ways.append(("  doubly robust", measure.robust))
    return ways


def _add_drawn(table: Table, measure: Measure) -> None:
    drawn = measure.drawn
    if drawn is None or not drawn.overlaps:
        return
    scale, digits = SCALES.get(measure.name, 1.0), DIGITS[measure.name]
    for name, estimate in (("  by weight (IPS)", drawn.ips), ("  self-normalised", drawn.snips)):
        bounds = f"{estimate.low * scale:,.{digits}f} to {estimate.high * scale:,.{digits}f}"
        size = f"{drawn.drawn:,} drawn, worth {drawn.effective:,.0f}"
        table.add_row(
            Text(name, style="dim"), "", f"{estimate.value * scale:,.{digits}f}", "", bounds, size
        )


def _change(name: str, estimate: Estimate) -> tuple[str, str]:
    if name == "quality" or estimate.relative is None:
        change, scale = estimate.change, SCALES.get(name, 1.0)
        digits = DIGITS[name]
        bounds = f"{change.low * scale:+.{digits}f} to {change.high * scale:+.{digits}f}"
        return f"{change.value * scale:+.{digits}f}", bounds
    relative = estimate.relative
    return f"{relative.value:+.1%}", f"{relative.low:+.1%} to {relative.high:+.1%}"


def _moves(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("from", "to", "calls", "cost, in all"):
        table.add_column(name, justify="left" if name in {"from", "to"} else "right")
    for each in report.moves[:MOST_LINES]:
        names = Text(shown(each.before or NOTHING)), Text(shown(each.after))
        table.add_row(*names, f"{each.calls:,}", f"{each.cost:+,.4f} $")
    _more(table, len(report.moves))
    return table


def _shares(shares: tuple[Share, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("route", "agent", "step"):
        table.add_column(name)
    for name in ("calls", "changed", "up", "down", "nobody", "cost"):
        table.add_column(name, justify="right")
    changed = [each for each in shares if each.changed]
    for each in changed[:MOST_LINES]:
        table.add_row(
            *[Text(shown(name or NOTHING)) for name in (each.route, each.agent, each.step)],
            *[f"{it:,}" for it in (each.calls, each.changed, each.up, each.down, each.unserved)],
            NOTHING if each.relative is None else f"{each.relative.value:+.1%}",
        )
    _more(table, len(changed))
    return table


def _more(table: Table, there: int) -> None:
    if there > MOST_LINES:
        table.add_row(Text(f"… {there - MOST_LINES:,} more", style="dim"))


def _percent(interval: Interval) -> str:
    if interval.low == interval.high:
        return f"{interval.value:.1%}"
    return f"{interval.value:+.1%} ({interval.low:+.1%} to {interval.high:+.1%})"

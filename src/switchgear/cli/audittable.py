"""Draws what an audit found."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from switchgear.cli.tree import NOTHING, shown
from switchgear.engine.audit.evidence import MOST_LABELS, Basis
from switchgear.engine.audit.finding import Advice, Finding, Spread
from switchgear.engine.audit.reckoning import Audit

MOST_LINES = 30
"""Of the table; --json has all."""
COLOURS = {Basis.LABELS: "green", Basis.LEARNT: "green", Basis.GUESS: "yellow"}
COLUMNS = (
    "agent", "route", "step", "calls", "needs", "first s", "whole s", "in", "out", "hard",
    "$ a call", "served by", "would do", "by", "saves",
)  # fmt: skip
LEFT = frozenset({"agent", "route", "step", "needs", "served by", "would do", "by"})


def draw(found: Audit) -> Iterator[RenderableType]:
    """Return the table, and a line above it."""
    yield Text(
        f"{found.calls:,} decided calls, {found.cost:,.4f} $;"
        f" {found.saving:,.4f} $ could be saved for sure",
        style="bold",
    )
    yield Text("percentiles are 50th / 95th; hard is the complexity, 0 to 1", style="dim")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in COLUMNS:
        table.add_column(name, justify="left" if name in LEFT else "right")
    for each in found.findings[:MOST_LINES]:
        table.add_row(*_cells(each))
    if len(found.findings) > MOST_LINES:
        table.add_row(Text(f"… {len(found.findings) - MOST_LINES:,} more", style="dim"))
    yield table
    yield Text("")


def notes_of(found: Audit, rules: Sequence[Finding]) -> list[str]:
    """Return what must be known beside the table."""
    ruled = sum(bool(each.kind.rule) for each in found.findings)
    named = sum(each.named for each in found.findings)
    unsure = [it for it in found.findings if it.advice is not None and not it.advice.known]
    said = [
        (found.unread, "{:,} row(s) could not be read, and are left out."),
        (found.undecided, "{:,} call(s) have no decision: refused before, or passed through."),
        (found.beyond, "{:,} call(s) are of more groups than are told apart."),
        (ruled, "{:,} group(s) are decided by a rule of the owner's, and get no other."),
        (named, "{:,} group(s) ask for a target by its name: only an alias can be routed."),
        (len(unsure), "Of {:,} group(s) only a guess says who would do; labels would tell."),
    ]
    notes = [words.format(number) for number, words in said if number]
    return [*notes, f"{len(rules):,} rule(s) follow; --out writes them into the config."]


def _cells(found: Finding) -> list[Text]:
    kind, needs = found.kind, found.needs
    wants = [f"stream {needs.streams:.0%}"] if needs.streams else []
    wants += [each for each in needs.capabilities if each != "streaming"]
    route = f"{kind.route} ({kind.rule})" if kind.rule else kind.route
    names = [kind.agent, route, kind.step.replace("_", " ")]
    told = [
        f"{found.calls:,}",
        ", ".join(wants),
        _pair(needs.first_content, 1),
        _pair(needs.took, 1),
        _pair(needs.input, 0),
        _pair(needs.output, 0),
        _pair(needs.complexity, 2),
        f"{found.cost / found.answered:.6f}" if found.answered else NOTHING,
        found.served[0][0] if found.served else NOTHING,
    ]
    return [
        *[Text(shown(each or NOTHING)) for each in names],
        *[Text(shown(each)) for each in told],
        *_advice(found.advice),
    ]


def _advice(advice: Advice | None) -> list[Text]:
    if advice is None:
        return [Text("unknown"), Text(NOTHING), Text(NOTHING)]
    target = Text(f"{shown(advice.target)} ({advice.tier.name.lower()})")
    return [target, Text(_by(advice), style=COLOURS[advice.basis]), Text(f"{advice.share:.0%}")]


def _by(advice: Advice) -> str:
    tried = advice.tried
    if advice.basis is Basis.LABELS:
        good = tried.labels - tried.failures
        return f"{good:,} of {tried.labels:,} labels, ≥ {advice.surely:.0%}"
    if advice.basis is Basis.LEARNT:
        return f"learnt, {advice.learnt or 0.0:.0%}"
    if advice.wanted >= MOST_LABELS:
        return f"a guess; {tried.failures:,} of {tried.labels:,} failed"
    return f"a guess; needs {advice.wanted:,} labels"


def _pair(spread: Spread, digits: int) -> str:
    if spread.p50 is None or spread.p95 is None:
        return NOTHING
    return f"{spread.p50:,.{digits}f} / {spread.p95:,.{digits}f}"

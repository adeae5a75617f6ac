"""Shows versions of what was learnt, and what came of trying them, in the terminal."""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from switchgear.cli.tree import NOTHING, date, money, shown
from switchgear.domain.odds import Bar
from switchgear.engine.explain import usd
from switchgear.engine.ground import Weighed
from switchgear.engine.refit import Report
from switchgear.engine.trial import Figures
from switchgear.pipeline.learning.version import Version

NAMES = ("version", "state", "made (UTC)", "labels", "log loss", "Brier", "ECE", "success", "why")
LEFT = frozenset({"version", "state", "made (UTC)", "why"})
LONGEST = 60
NEVER = 1.0


def table(versions: Sequence[Version]) -> Table:
    """Return all versions as a table; the figures are those of the candidate."""
    found = Table(box=None, header_style="bold")
    for name in NAMES:
        found.add_column(name, justify="left" if name in LEFT else "right", no_wrap=name != "why")
    for each in versions:
        found.add_row(*[Text(shown(cell)) for cell in _cells(each)])
    return found


def report_lines(report: Report) -> Iterator[str]:
    """Return what came of a refit, a line at a time."""
    yield report.why
    yield f"labels    {report.labels}, of which the newest {report.held} were held out"
    for name, figures in (("in force", report.force), ("candidate", report.candidate)):
        if figures is not None:
            yield f"{name:<10}{_told(figures)}"
    if report.prior is not None:
        yield f"prior     {_weighed(report.prior)}"
    if report.replayed:
        yield f"replayed  {report.replayed} decisions, of which {report.changed:.1%} change"
    for name, labels in report.targets:
        yield f"target    {shown(name)}: {labels:.0f} labels"
    for bar in report.bars:
        yield f"promise   {shown(bar.target)}: {_kept(bar)}"


def _told(figures: Figures) -> str:
    told = f"log loss {figures.log_loss:.4f}, Brier {figures.brier:.4f}, ECE {figures.ece:.4f}"
    if figures.success is not None:
        told += f"; its choices: success {figures.success:.3f}"
    if figures.cost is not None:
        told += f", {money(usd(figures.cost))} a call"
    return told


def _weighed(prior: Weighed) -> str:
    kept = "begun from it" if prior.kept else "left out"
    return f"log loss {prior.begun:.4f} with it, {prior.without:.4f} without: {kept}"


def _kept(bar: Bar) -> str:
    what = f"at most {bar.failures:.0%} fail, with confidence {bar.confidence:.0%}"
    if bar.least > NEVER:
        return f"{what}: nothing is known yet to keep that"
    return f"{what}: from a chance of {bar.least:.3f} on"


def _cells(version: Version) -> tuple[str, ...]:
    report, figures = version.report, version.report.candidate
    why = report.why if len(report.why) <= LONGEST else report.why[: LONGEST - 1] + "…"
    return (
        version.name,
        version.state.value.replace("_", " "),
        date(version.at),
        str(report.labels),
        NOTHING if figures is None else f"{figures.log_loss:.4f}",
        NOTHING if figures is None else f"{figures.brier:.4f}",
        NOTHING if figures is None else f"{figures.ece:.4f}",
        NOTHING if figures is None or figures.success is None else f"{figures.success:.3f}",
        why,
    )

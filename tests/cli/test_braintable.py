"""Versions of what was learnt, as they are shown."""

from rich.console import Console

from switchgear.cli.braintable import report_lines, table
from switchgear.domain.odds import Bar
from switchgear.domain.units import NanoUsd, UnixMs
from switchgear.engine.ground import Weighed
from switchgear.engine.refit import Report
from switchgear.engine.trial import Figures
from switchgear.pipeline.learning.version import State, Version

FIGURES = Figures(
    labels=40, log_loss=0.5, brier=0.25, ece=0.02, success=0.875, cost=NanoUsd(2_500_000)
)
REPORT = Report(
    labels=200,
    held=40,
    switched=True,
    why="better: " + "x" * 80,
    force=FIGURES,
    candidate=FIGURES,
    changed=0.25,
    replayed=12,
    targets=(("sm\x1ball", 120.4),),
    bars=(Bar("small", 0.1, 0.95, 0.8123), Bar("mid", 0.1, 0.95, 2.0)),
    prior=Weighed(0.52, 0.5, kept=True),
)


def test_a_report_is_told_in_lines() -> None:
    lines = list(report_lines(REPORT))
    assert lines[1] == "labels    200, of which the newest 40 were held out"
    assert lines[2].startswith("in force  log loss 0.5000, Brier 0.2500, ECE 0.0200; its choices:")
    assert "replayed  12 decisions, of which 25.0% change" in lines
    assert "prior     log loss 0.5000 with it, 0.5200 without: begun from it" in lines
    assert "target    sm·all: 120 labels" in lines
    told = "promise   small: at most 10% fail, with confidence 95%: from a chance of 0.812 on"
    assert told in lines
    assert lines[-1].endswith("nothing is known yet to keep that")


def test_a_report_of_nothing_is_short() -> None:
    bare = Report(labels=3, held=0, switched=False, why="too few")
    assert len(list(report_lines(bare))) == 2


def test_the_table_has_a_row_for_each() -> None:
    made = Version(name="v2", at=UnixMs(1_795_000_000_000), report=REPORT, state=State.CURRENT)
    bare = Report(labels=3, held=0, switched=False, why="too few")
    rejected = Version(name="v3", at=UnixMs(1), report=bare, state=State.ROLLED_BACK)
    console = Console(width=200, record=True)
    console.print(table((rejected, made)))
    text = console.export_text()
    assert "rolled back" in text
    assert "0.875" in text
    assert "…" in text

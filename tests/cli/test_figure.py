"""Reads the ledger page by page, and counts."""

from pathlib import Path

import pytest

from support.reckoned import HOUR, fill, row, said
from switchgear.adapters.clock import SystemClock
from switchgear.cli import figure
from switchgear.cli.figure import By, Wanted, figures
from switchgear.domain.outcome import Fitness
from switchgear.domain.units import UnixMs
from switchgear.engine.figure.frame import Frame


def test_all_pages_are_read_and_who_waits_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figure, "MOST_ROWS", 4)
    file = tmp_path / "ledger.db"
    rows = [(row(f"sg_{n}", ago=HOUR + n), said(Fitness.GOOD_FIT)) for n in range(10)]
    fill(file, *rows)
    ticks: list[int] = []
    frame = Frame(UnixMs(0), UnixMs(SystemClock().date() + 1))
    report = figures(Wanted(frame=frame, by=By.DAY), file, None, ticks.append)
    assert ticks == [4, 4, 2]
    assert report.all.calls == 10
    assert report.all.accuracy.labelled == 10
    assert {len(each.name) for each in report.groups} == {10}


def test_without_its_policy_a_decision_says_nothing_of_tiers(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    fill(file, (row("sg_1", decision=None), said(Fitness.GOOD_FIT)))
    frame = Frame(UnixMs(0), UnixMs(SystemClock().date() + 1))
    assert figures(Wanted(frame=frame), file, None, int).all.accuracy.labelled == 0

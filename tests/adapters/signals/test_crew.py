"""The figures of several workers, told by any of them as one."""

import re
from pathlib import Path

import msgspec

from support.entries import attempt, entry
from switchgear.adapters.signals.crew import STALE_MS, CrewSignals
from switchgear.adapters.signals.metric import LAG, UNDER_WAY
from switchgear.adapters.signals.prometheus import PrometheusSignals
from switchgear.domain.units import NanoUsd, Seconds, UnixMs
from switchgear.ports.worker import Post


class Dial:
    """Time as the test sets it."""

    at = UnixMs(1_000_000)

    def now(self) -> Seconds:
        return Seconds(0.0)

    def date(self) -> UnixMs:
        return self.at


class Worker:
    """One of them, with a level of its own."""

    def __init__(self, folder: Path, number: int, dial: Dial) -> None:
        self.own = PrometheusSignals()
        self.own.watch(UNDER_WAY, lambda: [((), 3)])
        self.own.watch(LAG, lambda: [((), number / 10)])
        self.signals = CrewSignals(self.own, Post(number=number, of=2, folder=str(folder)), dial)

    def answer(self, times: int, *, noted: bool = True) -> None:
        for _ in range(times):
            tried = attempt("small", cost=NanoUsd(7_000_000_000))
            self.own.observe(msgspec.structs.replace(entry(), attempts=(tried,)))
        if noted:
            self.signals.note()

    def figures(self, name: str) -> list[float]:
        lines = self.signals.exposition().decode().splitlines()
        return [
            float(line.rpartition(" ")[2]) for line in lines if re.match(rf"{name}(\{{|\s)", line)
        ]


def test_sums_are_added_up_and_levels_too_but_for_those_that_each_knows_whole(
    tmp_path: Path,
) -> None:
    dial = Dial()
    one, two = Worker(tmp_path, 1, dial), Worker(tmp_path, 2, dial)
    one.answer(2)
    two.answer(3)
    for each in (one, two):
        assert sum(each.figures("switchgear_calls_total")) == 5
        assert each.figures("switchgear_cost_usd_total") == [35.0]
        assert each.figures("switchgear_call_seconds_count") == [5.0]
        assert each.figures("switchgear_under_way") == [6.0]
        assert each.figures("switchgear_loop_lag_seconds") == [0.2]
        assert each.figures("switchgear_workers") == [2.0]


def test_what_somebody_was_told_is_not_lost_with_who_told_it(tmp_path: Path) -> None:
    dial = Dial()
    one, two = Worker(tmp_path, 1, dial), Worker(tmp_path, 2, dial)
    one.answer(2, noted=False)
    assert sum(one.figures("switchgear_calls_total")) == 2
    again = Worker(tmp_path, 1, dial)
    assert sum(again.figures("switchgear_calls_total")) == 2
    assert sum(two.figures("switchgear_calls_total")) == 2


def test_who_takes_a_dead_ones_place_goes_on_from_its_sums_and_not_from_its_levels(
    tmp_path: Path,
) -> None:
    dial = Dial()
    one, two = Worker(tmp_path, 1, dial), Worker(tmp_path, 2, dial)
    one.answer(2)
    two.answer(3)
    for again in (1, 2):
        one = Worker(tmp_path, 1, dial)
        one.answer(1)
        assert sum(two.figures("switchgear_calls_total")) == 5 + again
        assert sum(one.figures("switchgear_calls_total")) == 5 + again
        assert one.figures("switchgear_under_way") == [6.0]


def test_the_levels_of_a_worker_that_is_not_heard_of_any_more_are_not_told(tmp_path: Path) -> None:
    dial = Dial()
    one, two = Worker(tmp_path, 1, dial), Worker(tmp_path, 2, dial)
    two.answer(3)
    dial.at = UnixMs(dial.at + STALE_MS + 1)
    assert sum(one.figures("switchgear_calls_total")) == 3
    assert one.figures("switchgear_under_way") == [3.0]
    assert one.figures("switchgear_workers") == [1.0]


def test_a_page_that_cannot_be_read_or_left_costs_only_its_figures(tmp_path: Path) -> None:
    (tmp_path / "worker-2.json").write_bytes(b"{")
    one = Worker(tmp_path / "gone", 1, Dial())
    one.answer(1)
    assert sum(one.figures("switchgear_calls_total")) == 1
    one = Worker(tmp_path, 1, Dial())
    one.answer(2)
    assert sum(one.figures("switchgear_calls_total")) == 2

"""What is measured: each figure with its unit, its bar and its aim, and how rounds become one."""

from collections.abc import Sequence
from enum import Enum
from statistics import median

import msgspec


class Better(Enum):
    """Which way is good."""

    MORE = "at least"
    LESS = "at most"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to measure."""

    name: str
    """Its key in benchmarks.json; the unit is in it."""
    what: str
    unit: str
    bar: float | None = None
    """What it must reach; None where it is only told."""
    aim: float | None = None
    better: Better = Better.LESS

    def reached(self, value: float, goal: float | None) -> bool:
        """Whether ``value`` is as good as ``goal``; always when there is none."""
        if goal is None:
            return True
        return value >= goal if self.better is Better.MORE else value <= goal


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One figure's value over all rounds."""

    value: float
    """The median."""
    low: float
    high: float
    rounds: int


def fold(values: Sequence[float]) -> Measured:
    """Return the median of the rounds with their spread."""
    return Measured(
        value=float(median(values)), low=min(values), high=max(values), rounds=len(values)
    )


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _more(name: str, what: str, unit: str, bar: float | None, aim: float | None = None) -> Figure:
    return Figure(name=name, what=what, unit=unit, bar=bar, aim=aim, better=Better.MORE)


def _less(name: str, what: str, unit: str, bar: float | None, aim: float | None = None) -> Figure:
    return Figure(name=name, what=what, unit=unit, bar=bar, aim=aim)


FIGURES = (
    _more("whole_rps", "whole answers on one core", "req/s", 4000, 5500),
    _more("workers_1_rps", "whole answers, one worker on both cores, with the load", "req/s", None),
    _more("workers_2_rps", "the same with --workers 2", "req/s", None),
    _more("workers_2_over_1", "the same, as a multiple of one", "x", None),
    _more("cross_rps", "whole answers across dialects", "req/s", 3000),
    _more("whole_over_portkey", "the same, as a multiple of Portkey", "x", 5),
    _less("added_full_p50_ms", "added latency, one at a time, ledger FULL, p50", "ms", 0.8),
    _less("added_full_p99_ms", "the same, p99", "ms", 2.0),
    _less(
        "added_normal_p50_ms", "added latency, one at a time, ledger NORMAL, p50", "ms", 0.8, 0.5
    ),
    _less("added_normal_p99_ms", "the same, p99", "ms", 2.0),
    _more("stream_chunks_per_s", "streaming with tap and watchdog", "chunks/s", 15000, 22000),
    _less("first_content_added_p50_ms", "first content, later than direct, p50", "ms", 1.0),
    _more("cross_chunks_per_s", "streaming across dialects", "chunks/s", 12000),
    _more("open_streams_complete", "of 1,000 open streams, complete", "streams", 1000),
    _less("open_stream_kb", "memory for each open stream", "kB", 64),
    _more("open_streams_chunks_per_s", "delivered to them together", "chunks/s", None),
    _less("decide_12_us", "decide, 12 targets and 5 rules", "us", 40),
    _less("decide_50_us", "decide, 50 targets and 20 rules", "us", 150),
    _less("brain_us", "features, chances and decide, 12 targets all known, 1 kB", "us", 80),
    _less("brain_features_us", "of these, the features with the hashes of words", "us", None),
    _less("brain_read_us", "the same with the parse of the body", "us", 45),
    _less("brain_predict_us", "of these, the chances of 12 targets", "us", None),
    _less("brain_decide_us", "of these, decide with the chances", "us", None),
    _less("loops_anew_ms", "to look for loops in 200 messages, 227 kB, from nothing", "ms", 2.0),
    _less("loops_next_us", "the same, where all but the last two are known", "us", 300),
    _less("loops_small_us", "the same in three messages", "us", None, 10),
    _less("library_added_p50_ms", "library form over a direct call, p50", "ms", 0.3, 0.2),
    _less("large_cpu_ms", "200 kB, 200 messages with tool calls: CPU", "ms", 3.0),
    _less("loop_lag_ms", "longest stop of the loop while a 10 MB body passes", "ms", 10.0),
    _less("large_wait_ms", "longest wait of other calls beside three of them", "ms", None),
    _less("idle_mb", "idle memory", "MB", 120, 80),
    _less("ready_s", "start to ready", "s", 1.5),
    _less("import_s", "import switchgear", "s", 0.5),
    _less("replay_100k_s", "100,000 decisions replayed under another policy", "s", 20),
    _more("hedge_p99_cut_percent", "hedges in a simulated heavy tail: p99 cut by", "%", 40),
    _less("hedge_more_calls_percent", "the same: calls more", "%", 6),
    _less("hedge_p99_without_s", "the same: p99 of the first content, without hedges", "s", None),
    _less("hedge_p99_with_s", "the same, with them", "s", None),
    _less(
        "waiting_small_lanes_x",
        "simulated traces: p99 wait of small calls among heavy ones, of their own time",
        "x",
        2,
    ),
    _less("waiting_small_fifo_x", "the same, first come, first served", "x", None),
    _less("waiting_heavy_lanes_x", "the reverse: heavy calls among small ones", "x", 2),
    _less("waiting_heavy_fifo_x", "the same, first come, first served", "x", None),
    _less("waiting_bursts_lanes_x", "small calls that come in hundreds at once", "x", None),
    _less("waiting_bursts_alone_x", "the same, with no heavy call there", "x", None),
    _less("waiting_bursts_fifo_x", "the same, first come, first served", "x", None),
    _less(
        "crowd_places_x",
        "10 x batch beside, places are short: interactive p99, of alone",
        "x",
        1.5,
    ),
    _less("crowd_places_alone_ms", "the same: p99 alone, answers of about 100 ms", "ms", None),
    _less("crowd_core_x", "the same, where the gateway's core is short", "x", 1.5),
    _less("crowd_core_alone_ms", "the same: p99 alone", "ms", None),
    _more("crowd_core_batch_rps", "the same: batch calls answered", "req/s", None),
    _more("agents_answered", "200 agents, 25 at a time each: answered of 10,000", "", 10_000),
    _less("agents_unfair_percent", "the same: furthest from its weighted share", "%", 10),
    _less("agents_lag_p99_ms", "the same: lag of the loop, p99", "ms", 20),
    _less("agents_lag_own_p99_ms", "the same, less the waits for the core", "ms", None),
    _less(
        "books_differ_nano_usd", "10,000 mixed calls: rows, charges, accounts differ by", "n$", 0
    ),
    _more(
        "budget_exact_percent",
        "320 attempts of 4 processes, room for 100: rounds with exactly 100 let in",
        "%",
        100,
    ),
    _less("budget_lent_us", "to set money aside and charge it, where it is lent: CPU", "us", 40),
    _less("budget_reserve_ms", "the same in the ledger's file, alone", "ms", None),
    _more("budget_reserves_per_s", "the same, 64 at a time", "1/s", None),
    _less("books_held", "the same: reservations still open", "", 0),
    _less("ledger_row_bytes", "ledger row, mean, 12 targets", "bytes", 1000, 500),
)
"""Every figure that has a place in the table, in its order."""

PEERS = ("nginx", "portkey", "litellm")

"""Counts for Prometheus to scrape."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, islice
from typing import TypeVar

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector
from typing_extensions import override

from switchgear.adapters.signals.kind import Metric, Shape
from switchgear.adapters.signals.metric import (
    ATTEMPTS,
    CALL,
    CALLS,
    COST,
    ESCALATIONS,
    FIRST_CONTENT,
    METRICS,
    OWN,
    TASK_RUNGS,
    TOKENS,
    WAITED,
)
from switchgear.domain.attempt import Attempt
from switchgear.domain.entry import Entry
from switchgear.domain.units import NANO_PER_USD
from switchgear.engine.escalated import escalated, route_taken

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

MOST_SERIES = 2000
"""Of one metric. Labels come from the config and the error tree, never from a caller; should a
config be reloaded with new targets for ever, the rest is counted as OTHER."""

OTHER = "other"
OWN_SUMS = (CALLS, ATTEMPTS, ESCALATIONS, TOKENS, COST, TASK_RUNGS)
WATCHED = tuple(each for each in METRICS if each.shape is Shape.COUNTER and each not in OWN_SUMS)
"""Sums that are kept elsewhere."""
F = TypeVar("F", GaugeMetricFamily, CounterMetricFamily)
Labels = tuple[str, ...]
Level = tuple[Labels, float]
"""What a gauge shows for its labels."""


class PrometheusSignals(Collector):
    """Plain sums, turned into Prometheus's shape only when they are scraped.

    The client library's own counters take a lock for each figure: ten microseconds a call.
    """

    def __init__(self) -> None:
        """Start at zero, in a registry of its own."""
        self._calls = _Sums(CALLS)
        self._attempts = _Sums(ATTEMPTS)
        self._escalations = _Sums(ESCALATIONS)
        self._tokens = _Sums(TOKENS)
        self._nano_usd = _Sums(COST, unit=NANO_PER_USD)
        self._rungs = _Sums(TASK_RUNGS)
        self._first_content = _Spread(FIRST_CONTENT)
        self._call = _Spread(CALL)
        self._own = _Spread(OWN)
        self._waited = _Spread(WAITED)
        self._gauges: dict[str, Callable[[], Iterable[Level]]] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def observe(self, entry: Entry) -> None:
        """Take note of one call."""
        decision = entry.decision
        tier = "" if decision is None else decision.tier._name_.lower()
        self._calls.add((entry.dialect._value_, entry.end._value_, entry.code, tier))
        for attempt in entry.attempts:
            self._observe_attempt(attempt)
        for each in escalated(entry) if len(entry.attempts) > 1 else ():
            self._escalations.add((route_taken(entry), each.flaw, each.result.value))
        self._call.add(entry.took)
        if entry.first_content is not None:
            self._first_content.add(entry.first_content)
        if entry.own is not None:
            self._own.add(entry.own)
        if entry.waited:
            self._waited.add(entry.waited)
        for signal in entry.signals:
            self._rungs.add((entry.rung, signal))

    def watch(self, metric: Metric, read: Callable[[], Iterable[Level]]) -> None:
        """Show a gauge, or a sum kept elsewhere, which is read whenever it is scraped."""
        self._gauges[metric.name] = read

    def exposition(self) -> bytes:
        """Return all figures in Prometheus's text format, which is CONTENT_TYPE."""
        return generate_latest(self._registry)

    @override
    def collect(
        self,
    ) -> Iterator[CounterMetricFamily | HistogramMetricFamily | GaugeMetricFamily]:
        """Return every metric, also those that are still zero."""
        yield self._calls.family()
        for sums in (self._attempts, self._escalations, self._tokens, self._nano_usd, self._rungs):
            yield sums.family()
        for spread in (self._first_content, self._call, self._own, self._waited):
            yield spread.family()
        for metric in METRICS:
            if metric.shape is Shape.GAUGE:
                yield self._read(metric, GaugeMetricFamily)
        for metric in WATCHED:
            yield self._read(metric, CounterMetricFamily)

    def _read(self, metric: Metric, kind: type[F]) -> F:
        family = kind(metric.name, metric.meaning, labels=metric.labels)
        read = self._gauges.get(metric.name)
        for labels, level in islice(read(), MOST_SERIES) if read else ():
            family.add_metric(labels, level)
        return family

    def _observe_attempt(self, attempt: Attempt) -> None:
        target, usage = attempt.target, attempt.usage
        self._attempts.add((target, attempt.code))
        if usage is not None:
            self._tokens.add((target, "input"), usage.input)
            self._tokens.add((target, "cached"), usage.cached)
            self._tokens.add((target, "output"), usage.output)
        if attempt.cost:
            self._nano_usd.add((target,), attempt.cost)


class _Sums:
    """A counter; its figures are whole, and divided by ``unit`` only when shown."""

    def __init__(self, metric: Metric, unit: int = 1) -> None:
        self._metric = metric
        self._unit = unit
        self._sums: dict[Labels, int] = {}

    def add(self, labels: Labels, count: int = 1) -> None:
        try:
            self._sums[labels] += count
        except KeyError:
            if len(self._sums) >= MOST_SERIES:
                labels = (OTHER,) * len(labels)
            self._sums[labels] = self._sums.get(labels, 0) + count

    def family(self) -> CounterMetricFamily:
        metric = self._metric
        family = CounterMetricFamily(metric.name, metric.meaning, labels=metric.labels)
        for labels, count in self._sums.items():
            family.add_metric(labels, count / self._unit)
        return family


class _Spread:
    """A histogram."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._counts = [0] * (len(metric.buckets) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        self._counts[bisect_left(self._metric.buckets, value)] += 1
        self._sum += value

    def family(self) -> HistogramMetricFamily:
        metric = self._metric
        family = HistogramMetricFamily(metric.name, metric.meaning)
        bounds = [*(str(each) for each in metric.buckets), "+Inf"]
        cumulated = list(zip(bounds, accumulate(self._counts), strict=True))
        family.add_metric([], buckets=cumulated, sum_value=self._sum)
        return family

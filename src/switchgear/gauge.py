"""Which figures of a running gateway are shown, and where each is read."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from switchgear.adapters.ledgers.postgres import PostgresLedger
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.adapters.redis.connection import Redis
from switchgear.adapters.signals.figure import (
    ACCURACY,
    COST_RATIO,
    FIGURE_ALERT,
    FIGURE_MOVED,
    FIGURE_OF,
    FIGURE_SPAN,
    OVERRIDE,
    ROUTE_RATE,
    RULE_SHARE,
    TARGET_RATE,
    TASK_COST,
)
from switchgear.adapters.signals.kind import Metric
from switchgear.adapters.signals.learning import (
    EXPLORING_LEFT,
    EXPLORING_SPENT,
    LABELS_LEARNT,
    REFITS,
    VERSION_AGE,
)
from switchgear.adapters.signals.metric import (
    BREAKER,
    BUDGET_NOTICES,
    BUDGET_USED,
    HALT_CUTS,
    HALT_WORDS,
    HALTS,
    HALTS_BLIND,
    IN_FLIGHT,
    JOURNAL,
    LAG,
    LOST,
    QUEUE,
    QUEUED,
    RATE_REFUSALS,
    REDIS_BYPASSED,
    RESERVATIONS,
    STAGE_PAUSED,
    STAGE_SAMPLES,
    STAGE_SAVED,
    STAGE_SECONDS,
    STAGE_TYPICAL,
    TASKS,
    TICKETS_AWAITED,
    TICKETS_DECIDED,
    TICKETS_OPEN,
    TURNS,
    UNDER_WAY,
    WORKERS,
)
from switchgear.adapters.signals.prometheus import PrometheusSignals
from switchgear.domain.ticket import CLOSED
from switchgear.domain.units import NANO_PER_USD
from switchgear.engine.figure import level
from switchgear.engine.figure.report import Report
from switchgear.engine.worth import typical
from switchgear.house import House
from switchgear.pipeline.lane import lengths, spent, turns
from switchgear.pipeline.learning.brain import RESULTS

FIGURES: tuple[tuple[Metric, Callable[[Report], Iterable[level.Level]]], ...] = (
    (ACCURACY, level.accuracy),
    (OVERRIDE, level.override),
    (TASK_COST, level.cost),
    (COST_RATIO, level.cost_ratio),
    (FIGURE_OF, level.sizes),
    (FIGURE_ALERT, level.alerts),
    (FIGURE_MOVED, level.moves),
    (FIGURE_SPAN, level.span),
    (ROUTE_RATE, level.route_rates),
    (TARGET_RATE, level.target_rates),
    (RULE_SHARE, level.rules),
)
"""What is shown of the last report on how routing does."""


def show(house: House, signals: PrometheusSignals, redis: Redis | None) -> None:
    """Let the gauges be read from what outlives a reload."""
    signals.watch(BREAKER, lambda: [((it, state, why), 1) for it, state, why, _ in _levels(house)])
    signals.watch(IN_FLIGHT, lambda: [((it,), calls) for it, _, _, calls in _levels(house)])
    signals.watch(LAG, lambda: [((), house.lag.now())])
    signals.watch(UNDER_WAY, lambda: [((), house.slots.taken)])
    signals.watch(QUEUE, lambda: lengths(house.slots.lane, *house.lanes))
    signals.watch(TURNS, lambda: turns(house.slots.lane, *house.lanes))
    signals.watch(QUEUED, lambda: spent(house.slots.lane, *house.lanes))
    signals.watch(TASKS, lambda: [((), len(asyncio.all_tasks()))])
    signals.watch(BUDGET_USED, house.claims.used.items)
    signals.watch(BUDGET_NOTICES, house.claims.told.items)
    signals.watch(RESERVATIONS, lambda: [((), len(house.claims))])
    signals.watch(WORKERS, lambda: [((), 1)])
    signals.watch(RATE_REFUSALS, house.refusals.items)
    if redis is not None:
        signals.watch(REDIS_BYPASSED, lambda: [((), float(redis.bypassed))])
    _show_halts(house, signals)
    _show_tickets(house, signals)
    for metric, levels in FIGURES:
        signals.watch(metric, partial(_figures, house, levels))
    _show_stages(house, signals)
    _show_learning(house, signals)
    ledger = house.outside.ledger
    if isinstance(ledger, SqliteLedger | PostgresLedger):
        signals.watch(JOURNAL, lambda: [((), ledger.waiting)])
        signals.watch(LOST, lambda: [((), ledger.lost)])


def _figures(
    house: House, levels: Callable[[Report], Iterable[level.Level]]
) -> Iterable[level.Level]:
    report = house.figures.report
    return () if report is None else levels(report)


def _show_halts(house: House, signals: PrometheusSignals) -> None:
    halts, switch = house.halts, house.killswitch
    signals.watch(HALTS, lambda: Counter((each.kind.value,) for each in halts.on).items())
    signals.watch(
        HALT_WORDS, lambda: [(("halted",), switch.halted), (("resumed",), switch.resumed)]
    )
    signals.watch(HALT_CUTS, lambda: [((), halts.cut)])
    signals.watch(HALTS_BLIND, lambda: [((), float(switch.blind != ""))])


def _show_tickets(house: House, signals: PrometheusSignals) -> None:
    tickets = house.tickets
    signals.watch(TICKETS_OPEN, lambda: [((), tickets.open)])
    signals.watch(TICKETS_AWAITED, lambda: [((), len(tickets.waiting))])
    signals.watch(
        TICKETS_DECIDED,
        lambda: [((state.value,), tickets.decided[state]) for state in CLOSED],
    )


def _show_stages(house: House, signals: PrometheusSignals) -> None:
    taken, stages = house.overhead.taken, house.overhead.stages
    signals.watch(STAGE_SECONDS, lambda: [((it,), one.seconds) for it, one in taken.items()])
    signals.watch(STAGE_SAMPLES, lambda: [((it,), one.samples) for it, one in taken.items()])
    signals.watch(STAGE_PAUSED, lambda: [((it.name,), float(it.worth.paused)) for it in stages])
    signals.watch(STAGE_TYPICAL, lambda: [((it.name,), typical(it.worth)) for it in stages])
    signals.watch(
        STAGE_SAVED, lambda: [((it.name,), it.worth.saved / NANO_PER_USD) for it in stages]
    )


def _show_learning(house: House, signals: PrometheusSignals) -> None:
    brain = house.brain
    learnt, refits = brain.ear.learnt, brain.refits
    signals.watch(LABELS_LEARNT, lambda: [((kind,), learnt[kind]) for kind in ("said", "seen")])
    signals.watch(VERSION_AGE, lambda: [((), brain.age)])
    signals.watch(REFITS, lambda: [((result,), refits[result]) for result in RESULTS])
    signals.watch(EXPLORING_LEFT, lambda: [((), brain.left / NANO_PER_USD)])
    signals.watch(EXPLORING_SPENT, lambda: [((), brain.spent / NANO_PER_USD)])


def _levels(house: House) -> Iterator[tuple[str, str, str, int]]:
    for target, state, fault, calls in house.health.levels():
        yield target, state.value, "" if fault is None else fault.value, calls

"""What the gateway stands on, and what of it outlives a reload of the config."""

import asyncio
from collections.abc import Callable
from math import ceil

import msgspec

from switchgear.config.setup import Server, Setup
from switchgear.domain.learning import Use
from switchgear.engine.temper import Temper
from switchgear.pipeline.allowance import Allowances
from switchgear.pipeline.claim import Claims
from switchgear.pipeline.estimates import Estimates
from switchgear.pipeline.flaw import Flaws
from switchgear.pipeline.halt import Halts
from switchgear.pipeline.health import Health
from switchgear.pipeline.hint import Hints
from switchgear.pipeline.hold import Holds
from switchgear.pipeline.idempotency import Answers
from switchgear.pipeline.killswitch import KillSwitch
from switchgear.pipeline.lag import Lag
from switchgear.pipeline.lane import Lanes
from switchgear.pipeline.learning.brain import Brain, Footing
from switchgear.pipeline.learning.figures import Figures
from switchgear.pipeline.learning.notice import Notices
from switchgear.pipeline.learning.outcome import Outcomes
from switchgear.pipeline.limit import Slots
from switchgear.pipeline.overhead import Overhead
from switchgear.pipeline.quota import Quotas
from switchgear.pipeline.rate import Refusals
from switchgear.pipeline.ring import Ring
from switchgear.pipeline.statement import budgets_in
from switchgear.pipeline.task.bursar import Bursar
from switchgear.pipeline.task.context import Contexts
from switchgear.pipeline.task.cut import Cuts
from switchgear.pipeline.task.desk import TaskDesk
from switchgear.pipeline.task.friction import Frictions
from switchgear.pipeline.task.handoff import Handoffs, Stand
from switchgear.pipeline.task.identity import Finder
from switchgear.pipeline.task.opening import Opener
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.ticket import Tickets
from switchgear.pipeline.watchdog import Watchdog
from switchgear.ports.beacon import Beacon
from switchgear.ports.board import Board
from switchgear.ports.budget import Budgets
from switchgear.ports.chance import Chance
from switchgear.ports.clock import Clock
from switchgear.ports.keyring import Keyring
from switchgear.ports.ledger import Ledger
from switchgear.ports.meter import Meters
from switchgear.ports.nursery import Nursery
from switchgear.ports.opinion import NoOpinions, Opinions
from switchgear.ports.papers import Papers
from switchgear.ports.recollection import Recollections
from switchgear.ports.signals import Signals

MOST_WATCHED = 100
"""Budgets that the metrics show."""


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway stands on: one adapter for each port."""

    ledger: Ledger
    budgets: Budgets
    """In the ledger's database."""
    signals: Signals
    clock: Clock
    chance: Chance
    recollections: Recollections
    meters: Meters
    keyring: Keyring
    """In the ledger's database too."""
    papers: Papers
    """Tasks, their contexts, hand-offs and tickets; with the ledger too."""
    board: Board
    beacon: Beacon
    opinions: Opinions = msgspec.field(default_factory=NoOpinions)
    """The owner's functions, that say how good an answer is."""
    prior: Callable[[], bytes] = bytes
    """What learning may begin from; empty for nothing."""
    exposition: Callable[[], bytes]
    """The metrics as text."""


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What outlives a reload of the config: what was learnt, what is open, what is under way."""

    outside: Outside
    nursery: Nursery
    health: Health
    lag: Lag
    holds: Holds
    halts: Halts
    killswitch: KillSwitch
    hints: Hints
    allowances: Allowances
    flaws: Flaws
    estimates: Estimates
    brain: Brain
    outcomes: Outcomes
    notices: Notices
    figures: Figures
    overhead: Overhead
    quotas: Quotas
    watchdog: Watchdog
    answers: Answers
    ring: Ring
    lanes: Lanes
    slots: Slots
    claims: Claims
    refusals: Refusals
    tasks: Tasks
    tickets: Tickets
    bursar: Bursar
    contexts: Contexts
    handoffs: Handoffs
    frictions: Frictions
    desk: TaskDesk
    cuts: Cuts
    finder: Finder
    aside: asyncio.Lock
    """Held by the one large body that is being read."""
    share: float = 1.0
    """Of what this machine may use, this process's: the rest is for workers beside it."""


def furnish(outside: Outside, server: Server, share: float = 1.0) -> House:
    """Return a house in which nothing has happened yet."""
    nursery, lag = Nursery(), Lag(outside.clock)
    health = Health(Temper(), outside.clock, outside.chance, lag)
    halts = Halts(outside.clock, outside.chance)
    lanes = Lanes(outside.clock)
    tasks = Tasks(outside.papers, outside.clock, nursery)
    bursar = Bursar(tasks, outside.budgets, outside.clock)
    contexts = Contexts(tasks, outside.papers, outside.ledger, outside.clock)
    handoffs = _handoffs(outside, tasks, contexts, bursar)
    outcomes = Outcomes(outside.papers, outside.ledger, outside.clock)
    return House(
        outside=outside,
        nursery=nursery,
        health=health,
        lag=lag,
        holds=Holds(),
        halts=halts,
        hints=Hints(health, outside.beacon, outside.clock),
        killswitch=KillSwitch(halts, outside.board, outside.beacon, outside.clock),
        allowances=Allowances(outside.clock),
        flaws=Flaws(outside.clock, outside.chance),
        estimates=Estimates(),
        brain=_brain(outside, nursery),
        overhead=Overhead(outside.clock),
        outcomes=outcomes,
        notices=Notices(outcomes, outside.ledger, outside.clock, nursery),
        figures=Figures(outside.ledger, outside.papers, outcomes, outside.clock),
        quotas=Quotas(outside.clock, outside.chance),
        watchdog=Watchdog(lag),
        answers=Answers(outside.clock, nursery),
        ring=Ring(outside.keyring),
        lanes=lanes,
        slots=Slots(ceil(server.max_calls * share), outside.clock, lanes.full),
        claims=Claims(outside.budgets, nursery, outside.clock),
        refusals=Refusals(),
        tasks=tasks,
        tickets=Tickets(outside.papers, tasks, outside.clock, outside.chance),
        bursar=bursar,
        contexts=contexts,
        handoffs=handoffs,
        frictions=Frictions(handoffs.witness, outside.papers, outside.clock),
        cuts=Cuts(tasks),
        desk=TaskDesk(
            tasks,
            outside.papers,
            Opener(tasks, bursar, contexts, outside.clock, outside.chance),
            bursar,
            outside.clock,
        ),
        finder=Finder(tasks),
        aside=asyncio.Lock(),
        share=share,
    )


def _brain(outside: Outside, nursery: Nursery) -> Brain:
    return Brain(
        Footing(
            ledger=outside.ledger,
            papers=outside.papers,
            clock=outside.clock,
            nursery=nursery,
            prior=outside.prior,
        )
    )


def _handoffs(outside: Outside, tasks: Tasks, contexts: Contexts, bursar: Bursar) -> Handoffs:
    return Handoffs(
        Stand(
            tasks=tasks,
            contexts=contexts,
            bursar=bursar,
            papers=outside.papers,
            ledger=outside.ledger,
            clock=outside.clock,
            chance=outside.chance,
        )
    )


def put_right(setup: Setup, house: House) -> None:
    """Let what outlives a reload know what holds from now on."""
    house.flaws.tolerance = setup.flaws
    house.overhead.expect(setup.second)
    house.ring.declare(setup.keys)
    house.health.expect(setup.policy.targets, setup.temper)
    house.quotas.expect(setup.policy.targets)
    house.lanes.expect(setup.policy.targets, setup.lanes, house.share)
    house.slots.expect(setup.lanes, setup.tenants)
    house.tasks.lifetime = setup.tasks.lifetime
    house.bursar.settings = setup.tasks
    house.tasks.admit = house.bursar.admit
    house.desk.maker = house.ring.maker
    house.tickets.expect(setup.tasks.tickets, lambda: house.slots.draining)
    house.tickets.heard = house.notices.decided
    house.figures.goals = setup.learning.goals
    house.brain.expect(setup.learning, setup.policy)
    house.outcomes.told = house.brain.told
    house.outcomes.expect(setup.policy.version, setup.policy.targets)
    house.notices.watches = setup.learning.use is not Use.OFF
    house.claims.watched = budgets_in(setup, [each.key for each in setup.keys])[:MOST_WATCHED]

"""Every metric there is: what the exposition and its reference page are made from."""

from switchgear.adapters.signals.figure import FIGURES
from switchgear.adapters.signals.kind import Metric, Shape
from switchgear.adapters.signals.learning import LEARNING

FIRST_CONTENT_BUCKETS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0)
CALL_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 600.0)
OWN_BUCKETS = (0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.25, 1.0)
WAITED_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

CALLS = Metric(
    name="switchgear_calls",
    shape=Shape.COUNTER,
    labels=("dialect", "end", "code", "tier"),
    meaning="Calls that have ended; code is empty where one was answered, tier where none was set.",
    unit="calls",
)
ATTEMPTS = Metric(
    name="switchgear_attempts",
    shape=Shape.COUNTER,
    labels=("target", "code"),
    meaning="Tries at a target; code is empty where it answered to the end.",
    unit="attempts",
)
ESCALATIONS = Metric(
    name="switchgear_escalations",
    shape=Shape.COUNTER,
    labels=("route", "reason", "result"),
    meaning="Times that a stronger target was asked because of an answer: what was asked for, what"
    " was wrong, and whether its answer was better, no better, or failed; alert on a share of calls"
    " that grows.",
    unit="attempts",
)
TOKENS = Metric(
    name="switchgear_tokens",
    shape=Shape.COUNTER,
    labels=("target", "kind"),
    meaning="Tokens by kind: input (cached included), cached, output (reasoning included).",
    unit="tokens",
)
COST = Metric(
    name="switchgear_cost_usd",
    shape=Shape.COUNTER,
    labels=("target",),
    meaning="What the attempts at a target cost.",
    unit="US dollars",
)
FIRST_CONTENT = Metric(
    name="switchgear_first_content_seconds",
    shape=Shape.HISTOGRAM,
    meaning="From a call's arrival to its first content.",
    unit="seconds",
    buckets=FIRST_CONTENT_BUCKETS,
)
CALL = Metric(
    name="switchgear_call_seconds",
    shape=Shape.HISTOGRAM,
    meaning="From a call's arrival to its end.",
    unit="seconds",
    buckets=CALL_BUCKETS,
)
OWN = Metric(
    name="switchgear_own_seconds",
    shape=Shape.HISTOGRAM,
    meaning="Our own part of the time to the first content.",
    unit="seconds",
    buckets=OWN_BUCKETS,
)

BREAKER = Metric(
    name="switchgear_breaker",
    shape=Shape.GAUGE,
    labels=("target", "state", "fault"),
    meaning="1 for the state that a target's breaker is in, and for why it does not admit; alert on"
    ' `fault="denied"`.',
    unit="targets",
)
IN_FLIGHT = Metric(
    name="switchgear_in_flight",
    shape=Shape.GAUGE,
    labels=("target",),
    meaning="Calls under way at a target.",
    unit="calls",
)
LAG = Metric(
    name="switchgear_loop_lag_seconds",
    shape=Shape.GAUGE,
    meaning="How late the event loop was at most of late; it fades by half in 5 s.",
    unit="seconds",
    most=True,
)
UNDER_WAY = Metric(
    name="switchgear_under_way",
    shape=Shape.GAUGE,
    meaning="Calls under way, of which there may be `server.max_calls`.",
    unit="calls",
)
TASKS = Metric(
    name="switchgear_tasks",
    shape=Shape.GAUGE,
    meaning="Tasks of the event loop; with no caller there, few, and always as many.",
    unit="tasks",
)
WAITED = Metric(
    name="switchgear_waited_seconds",
    shape=Shape.HISTOGRAM,
    meaning="How long calls waited for a place, at a target or at the gateway; those that did.",
    unit="seconds",
    buckets=WAITED_BUCKETS,
)
QUEUE = Metric(
    name="switchgear_queue",
    shape=Shape.GAUGE,
    labels=("place", "lane"),
    meaning="Calls that wait for a place at a target; where `place` is empty, at the gateway.",
    unit="calls",
)
TURNS = Metric(
    name="switchgear_turns",
    shape=Shape.COUNTER,
    labels=("place", "lane", "outcome"),
    meaning="What became of calls that found no place: served, refused at once, shed for a higher"
    " lane, or expired; alert on `shed` and `refused` of the interactive lane.",
    unit="calls",
)
QUEUED = Metric(
    name="switchgear_queued_seconds",
    shape=Shape.COUNTER,
    labels=("place", "lane"),
    meaning="How long calls waited there, in all; by `switchgear_turns` it is the mean.",
    unit="seconds",
)
JOURNAL = Metric(
    name="switchgear_ledger_journal_rows",
    shape=Shape.GAUGE,
    meaning="Rows that wait in the journal because the ledger's file takes none; alert above 0.",
    unit="rows",
)
LOST = Metric(
    name="switchgear_ledger_lost_rows",
    shape=Shape.GAUGE,
    meaning="Calls since the start that were answered without a row: see `ledger.when_full`.",
    unit="rows",
)
HALTS = Metric(
    name="switchgear_halts",
    shape=Shape.GAUGE,
    labels=("kind",),
    meaning="What is stopped by the kill switch: everything, tenants, keys, agents, targets.",
    unit="halts",
    most=True,
)
HALT_WORDS = Metric(
    name="switchgear_halt_words",
    shape=Shape.GAUGE,
    labels=("word",),
    meaning="Words to the kill switch since the start that changed something: halted, resumed.",
    unit="words",
    most=True,
)
HALT_CUTS = Metric(
    name="switchgear_halt_cuts",
    shape=Shape.GAUGE,
    meaning="Attempts, and waits, that the kill switch has ended since the start.",
    unit="attempts",
)
HALTS_BLIND = Metric(
    name="switchgear_halts_blind",
    shape=Shape.GAUGE,
    meaning="1 while the kill switch's file cannot be read: what was stopped stays so; alert on 1.",
    unit="files",
    most=True,
)
WORKERS = Metric(
    name="switchgear_workers",
    shape=Shape.GAUGE,
    meaning="Processes that serve this address on this machine, as far as they have been heard of"
    " in the last 5 s.",
    unit="processes",
)
RATE_REFUSALS = Metric(
    name="switchgear_rate_refusals",
    shape=Shape.COUNTER,
    labels=("of", "what"),
    meaning="Calls, and attempts at targets, for which a limit had no room: whose (key, tenant,"
    " target), and of what (requests, tokens, concurrent, or quota where a target said so).",
    unit="refusals",
)
REDIS_BYPASSED = Metric(
    name="switchgear_redis_bypassed",
    shape=Shape.GAUGE,
    meaning="1 while Redis is slow or gone, and each node goes by its share; alert on 1.",
    unit="nodes",
    most=True,
)

BUDGET_USED = Metric(
    name="switchgear_budget_used",
    shape=Shape.GAUGE,
    labels=("payer", "name", "window"),
    meaning="The share of a declared budget that is spent or set aside, of what it has least left"
    " of; the first hundred of the file, some seconds old.",
    unit="share",
    most=True,
)
BUDGET_NOTICES = Metric(
    name="switchgear_budget_notices",
    shape=Shape.COUNTER,
    labels=("payer", "share"),
    meaning="Windows of budgets that came to 0.7, and to 0.9, of what may be spent.",
    unit="windows",
)
RESERVATIONS = Metric(
    name="switchgear_reservations",
    shape=Shape.GAUGE,
    meaning="Attempts of this process for which money is set aside, or not settled yet.",
    unit="attempts",
)
TASK_RUNGS = Metric(
    name="switchgear_task_rungs",
    shape=Shape.COUNTER,
    labels=("rung", "signal"),
    meaning="What was done about tasks that go in circles, by each signal that led there; alert on"
    " `pause` and `stop`.",
    unit="calls",
)
TICKETS_OPEN = Metric(
    name="switchgear_tickets_open",
    shape=Shape.GAUGE,
    meaning="Tickets that wait for a human, as counted each half minute, up to 1,000.",
    unit="tickets",
    most=True,
)
TICKETS_DECIDED = Metric(
    name="switchgear_tickets_decided",
    shape=Shape.COUNTER,
    labels=("state",),
    meaning="Tickets that were decided here, or fell due; alert on `expired`.",
    unit="tickets",
)
TICKETS_AWAITED = Metric(
    name="switchgear_tickets_awaited",
    shape=Shape.GAUGE,
    meaning="Callers that wait for a ticket to be decided.",
    unit="callers",
)
STAGE_SECONDS = Metric(
    name="switchgear_stage_seconds",
    shape=Shape.COUNTER,
    labels=("stage",),
    meaning="What layers of ours took in the calls that were timed, waiting included.",
    unit="seconds",
)
STAGE_SAMPLES = Metric(
    name="switchgear_stage_samples",
    shape=Shape.COUNTER,
    labels=("stage",),
    meaning="Calls that were timed through each layer: one in 64.",
    unit="calls",
)
STAGE_PAUSED = Metric(
    name="switchgear_stage_paused",
    shape=Shape.GAUGE,
    labels=("stage",),
    meaning="1 while a stage is left out because it costs more than it saves.",
    unit="0 or 1",
    most=True,
)
STAGE_TYPICAL = Metric(
    name="switchgear_stage_typical_seconds",
    shape=Shape.GAUGE,
    labels=("stage",),
    meaning="What a stage that may be left out takes in a call.",
    unit="seconds",
    most=True,
)
STAGE_SAVED = Metric(
    name="switchgear_stage_saved_usd",
    shape=Shape.GAUGE,
    labels=("stage",),
    meaning="What a stage that may be left out saves in a call, on average.",
    unit="US dollars",
    most=True,
)

METRICS = (
    CALLS,
    ATTEMPTS,
    ESCALATIONS,
    TOKENS,
    COST,
    FIRST_CONTENT,
    CALL,
    OWN,
    BREAKER,
    IN_FLIGHT,
    LAG,
    UNDER_WAY,
    TASKS,
    WAITED,
    QUEUE,
    TURNS,
    QUEUED,
    JOURNAL,
    LOST,
    HALTS,
    HALT_WORDS,
    HALT_CUTS,
    HALTS_BLIND,
    WORKERS,
    RATE_REFUSALS,
    REDIS_BYPASSED,
    BUDGET_USED,
    BUDGET_NOTICES,
    RESERVATIONS,
    TASK_RUNGS,
    TICKETS_OPEN,
    TICKETS_DECIDED,
    TICKETS_AWAITED,
    STAGE_SECONDS,
    STAGE_SAMPLES,
    STAGE_PAUSED,
    STAGE_TYPICAL,
    STAGE_SAVED,
    *FIGURES,
    *LEARNING,
)

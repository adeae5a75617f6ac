"""The metrics of how well routing does.

Each worker that has them knows all calls of the ledger, so over several it is the greatest.
"""

from switchgear.adapters.signals.kind import Metric, Shape

ACCURACY = Metric(
    name="switchgear_routing_accuracy",
    shape=Shape.GAUGE,
    labels=("route", "bound"),
    meaning="The share of decisions whose tier is the cheapest that would have passed, balanced"
    " over tiers; `bound` is value, low and high (95 %), or what always_cheapest and"
    " always_strongest would have scored. Route `all` is all of them.",
    unit="share",
    most=True,
)
OVERRIDE = Metric(
    name="switchgear_override_rate",
    shape=Shape.GAUGE,
    labels=("route", "bound"),
    meaning="The share of routed decisions that a person, a validator or an escalation corrected.",
    unit="share",
    most=True,
)
TASK_COST = Metric(
    name="switchgear_task_cost_usd",
    shape=Shape.GAUGE,
    labels=("route", "bound"),
    meaning="What a task costs, on average, that ended without override or takeover.",
    unit="US dollars",
    most=True,
)
COST_RATIO = Metric(
    name="switchgear_task_cost_ratio",
    shape=Shape.GAUGE,
    labels=("route", "bound"),
    meaning="That cost in the newer half of the window, by that in the older; below 1 it falls.",
    unit="ratio",
    most=True,
)
FIGURE_OF = Metric(
    name="switchgear_figure_of",
    shape=Shape.GAUGE,
    labels=("route", "figure"),
    meaning="What a figure stands on: labelled decisions, routed decisions, or automated tasks.",
    unit="decisions or tasks",
    most=True,
)
FIGURE_ALERT = Metric(
    name="switchgear_figure_alert",
    shape=Shape.GAUGE,
    labels=("route", "figure"),
    meaning="1 while a figure misses its goal by more than chance; alert on 1.",
    unit="figures",
    most=True,
)
FIGURE_MOVED = Metric(
    name="switchgear_figure_moved",
    shape=Shape.GAUGE,
    labels=("of", "name", "figure"),
    meaning="1 for a figure of a route or a target that changed within the window.",
    unit="figures",
    most=True,
)
FIGURE_SPAN = Metric(
    name="switchgear_figure_span_seconds",
    shape=Shape.GAUGE,
    meaning="How far back the calls go that the figures are taken over.",
    unit="seconds",
    most=True,
)
ROUTE_RATE = Metric(
    name="switchgear_route_rate",
    shape=Shape.GAUGE,
    labels=("route", "figure"),
    meaning="Shares of a route: disliked, thumbs down among those who said anything, and to_human,"
    " tasks that a person had to do among those that ended.",
    unit="share",
    most=True,
)
TARGET_RATE = Metric(
    name="switchgear_target_rate",
    shape=Shape.GAUGE,
    labels=("target", "figure"),
    meaning="Shares of a target: completed tasks, tools that were chosen right, and fell_back,"
    " calls that were planned for it and answered by another or by nobody.",
    unit="share",
    most=True,
)
RULE_SHARE = Metric(
    name="switchgear_rule_share",
    shape=Shape.GAUGE,
    labels=("rule",),
    meaning="The share of decisions that a rule took; empty where none matched.",
    unit="share",
    most=True,
)

FIGURES = (
    ACCURACY,
    OVERRIDE,
    TASK_COST,
    COST_RATIO,
    FIGURE_OF,
    FIGURE_ALERT,
    FIGURE_MOVED,
    FIGURE_SPAN,
    ROUTE_RATE,
    TARGET_RATE,
    RULE_SHARE,
)

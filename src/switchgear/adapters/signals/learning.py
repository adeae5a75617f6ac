"""The metrics of what is learnt from outcomes."""

from switchgear.adapters.signals.kind import Metric, Shape

LABELS_LEARNT = Metric(
    name="switchgear_labels_learnt",
    shape=Shape.COUNTER,
    labels=("kind",),
    meaning="Labels that were learnt: `said` by others, in any worker, or `seen` on calls.",
    unit="labels",
    most=True,
)
VERSION_AGE = Metric(
    name="switchgear_brain_age_seconds",
    shape=Shape.GAUGE,
    meaning="Since the version of what was learnt was made that is in force; 0 where none is.",
    unit="seconds",
    most=True,
)
REFITS = Metric(
    name="switchgear_refits",
    shape=Shape.COUNTER,
    labels=("result",),
    meaning="Refits by what came of them: switched, rejected, failed; alert on `failed`.",
    unit="refits",
)
EXPLORING_LEFT = Metric(
    name="switchgear_exploring_left_usd",
    shape=Shape.GAUGE,
    meaning="What exploring may spend now, of what was lent to this process for today.",
    unit="US dollars",
)
EXPLORING_SPENT = Metric(
    name="switchgear_exploring_spent_usd",
    shape=Shape.COUNTER,
    meaning="By how much exploring was expected to make calls dearer.",
    unit="US dollars",
)

LEARNING = (LABELS_LEARNT, VERSION_AGE, REFITS, EXPLORING_LEFT, EXPLORING_SPENT)

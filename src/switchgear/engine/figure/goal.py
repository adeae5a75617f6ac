"""How the three figures stand against the owner's goals."""

from switchgear.domain.goal import CostGoal, Goals
from switchgear.engine.figure.accuracy import Accuracy
from switchgear.engine.figure.report import Cost, Rate, State


def accuracy_state(accuracy: Accuracy, goals: Goals) -> State:
    """Return whether decisions are as often right as is wanted."""
    share = accuracy.share
    if share is None or accuracy.labelled < goals.least:
        return State.UNKNOWN
    if share.value >= goals.accuracy:
        return State.OK
    return State.ALERT if share.high < goals.accuracy else State.UNKNOWN


def override_state(override: Rate, goals: Goals) -> State:
    """Return whether decisions are as seldom corrected as is wanted."""
    share = override.share
    if share is None or override.of < goals.least:
        return State.UNKNOWN
    if share.value <= goals.override:
        return State.OK
    return State.ALERT if share.low > goals.override else State.UNKNOWN


def cost_state(cost: Cost, goals: Goals) -> State:
    """Return whether an automated task costs less than before."""
    ratio = cost.newer_to_older
    if goals.cost is CostGoal.NONE or ratio is None or min(cost.volumes) < goals.least:
        return State.UNKNOWN
    if ratio.value <= 1:
        return State.OK
    return State.ALERT if ratio.low > 1 else State.UNKNOWN

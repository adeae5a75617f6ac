"""When a figure is well, when it is not, and when nobody can tell."""

import pytest

from switchgear.domain.goal import CostGoal, Goals
from switchgear.engine.figure.accuracy import Accuracy
from switchgear.engine.figure.goal import accuracy_state, cost_state, override_state
from switchgear.engine.figure.interval import Interval
from switchgear.engine.figure.report import Cost, Rate, State

GOALS = Goals()


@pytest.mark.parametrize(
    ("share", "labelled", "state"),
    [
        (Interval(0.95, 0.90, 0.98), 100, State.OK),
        (Interval(0.92, 0.90, 0.98), 100, State.OK),
        (Interval(0.90, 0.85, 0.94), 100, State.UNKNOWN),
        (Interval(0.85, 0.80, 0.90), 100, State.ALERT),
        (Interval(0.85, 0.80, 0.90), 29, State.UNKNOWN),
        (None, 0, State.UNKNOWN),
    ],
)
def test_accuracy(share: Interval | None, labelled: int, state: State) -> None:
    assert accuracy_state(Accuracy(share=share, labelled=labelled), GOALS) is state


@pytest.mark.parametrize(
    ("share", "of", "state"),
    [
        (Interval(0.05, 0.04, 0.07), 900, State.OK),
        (Interval(0.09, 0.07, 0.12), 900, State.UNKNOWN),
        (Interval(0.12, 0.09, 0.15), 900, State.ALERT),
        (Interval(0.12, 0.09, 0.15), 10, State.UNKNOWN),
        (None, 0, State.UNKNOWN),
    ],
)
def test_overrides(share: Interval | None, of: int, state: State) -> None:
    assert override_state(Rate(share=share, of=of), GOALS) is state


@pytest.mark.parametrize(
    ("ratio", "volumes", "state"),
    [
        (Interval(0.9, 0.8, 1.1), (40, 40), State.OK),
        (Interval(1.1, 0.9, 1.3), (40, 40), State.UNKNOWN),
        (Interval(1.2, 1.1, 1.3), (40, 40), State.ALERT),
        (Interval(1.2, 1.1, 1.3), (40, 20), State.UNKNOWN),
        (None, (0, 40), State.UNKNOWN),
    ],
)
def test_cost(ratio: Interval | None, volumes: tuple[int, int], state: State) -> None:
    cost = Cost(newer_to_older=ratio, volumes=volumes)
    assert cost_state(cost, GOALS) is state
    assert cost_state(cost, Goals(cost=CostGoal.NONE)) is State.UNKNOWN

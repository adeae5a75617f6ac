"""What the file says of the figures' goals."""

import msgspec
import pytest

from switchgear.config.goal import GoalsEntry, goals_of
from switchgear.domain.goal import CostGoal, Goals
from switchgear.domain.units import NanoUsd, Seconds


def test_a_file_that_says_nothing_wants_what_is_usual() -> None:
    assert goals_of(GoalsEntry()) == Goals()


def test_what_is_wanted_is_kept() -> None:
    entry = GoalsEntry(
        accuracy=0.9,
        override=0.1,
        cost=CostGoal.NONE,
        window_s=86_400,
        least=5,
        quiet_s=60,
        own_second_usd=0.001,
        most_calls=0,
    )
    assert goals_of(entry) == Goals(
        accuracy=0.9,
        override=0.1,
        cost=CostGoal.NONE,
        window=Seconds(86_400.0),
        least=5,
        quiet=Seconds(60.0),
        own=NanoUsd(1_000_000),
        most=0,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"accuracy": 92},
        {"override": -0.1},
        {"cost": "rising"},
        {"window_s": 60},
        {"least": 0},
        {"quiet_s": 0},
        {"own_second_usd": 2},
        {"most_calls": 10_000_000},
        {"accurasy": 0.9},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, GoalsEntry)

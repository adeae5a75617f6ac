"""What the file says of learning."""

import msgspec
import pytest

from switchgear.config.learning import ExploreEntry, LearningEntry, learning_of
from switchgear.domain.learning import Exploring, Learning, Use
from switchgear.domain.units import NanoUsd, Seconds


def test_a_file_that_says_nothing_learns_and_uses_what_it_learnt() -> None:
    assert learning_of(LearningEntry()) == Learning()


def test_what_is_said_of_learning_is_kept() -> None:
    entry = LearningEntry(
        use=Use.WATCH,
        grams=False,
        explore=ExploreEntry(share=0.1, daily_usd=1.25),
        refit_h=2,
        refit_labels=30,
        min_labels=20,
        half_life_days=0.5,
        most_influence=1.0,
        prior=False,
    )
    assert learning_of(entry) == Learning(
        use=Use.WATCH,
        grams=False,
        explore=Exploring(share=0.1, daily=NanoUsd(1_250_000_000)),
        refit_every=Seconds(7200.0),
        refit_labels=30,
        min_labels=20,
        half_life=Seconds(43_200.0),
        most_influence=1.0,
        prior=False,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"explore": {"share": 1.1}},
        {"explore": {"daily_usd": -1}},
        {"refit_h": -1},
        {"min_labels": 1},
        {"half_life_days": 0},
        {"most_influence": 0},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, LearningEntry)

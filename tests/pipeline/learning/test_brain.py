"""What is learnt."""

from support.cast import ask
from switchgear.domain.odds import NO_ODDS
from switchgear.pipeline.learning.brain import Brain


def test_a_brain_that_has_learnt_nothing_says_nothing() -> None:
    assert Brain().odds(ask()) == NO_ODDS

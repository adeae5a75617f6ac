"""What the file says of learning."""

from switchgear.config.learning import LearningEntry, learning_of
from switchgear.domain.learning import Learning, Use


def test_a_file_that_says_nothing_learns_and_uses_what_it_learnt() -> None:
    assert learning_of(LearningEntry()) == Learning()


def test_what_is_said_of_learning_is_kept() -> None:
    said = learning_of(LearningEntry(use=Use.WATCH, grams=False))
    assert said == Learning(use=Use.WATCH, grams=False)

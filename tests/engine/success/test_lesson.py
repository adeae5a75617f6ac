from math import nan

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.gram import grams_of
from switchgear.engine.success.lesson import MOST_WEIGHT, Lesson, learnt
from switchgear.engine.success.model import UNTAUGHT, SuccessModel, predict
from switchgear.engine.success.trait import COUNTS, Traits

EASY = Traits(("", "g"), (0,) * COUNTS, grams_of("say hello to my friend"))
HARD = Traits(("", "g"), (0,) * COUNTS, grams_of("prove this theorem of algebra"))


def chance(model: SuccessModel, traits: Traits = EASY, target: str = "a") -> float:
    return predict(model, traits, (target,))[0].p


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 1)), max_size=20))
def test_the_same_lessons_make_the_same_model(rows: list[tuple[str, float]]) -> None:
    lessons = [Lesson(EASY, target, good) for target, good in rows]
    assert learnt(UNTAUGHT, lessons) == learnt(UNTAUGHT, lessons)
    halves = learnt(learnt(UNTAUGHT, lessons[:9]), lessons[9:])
    whole = learnt(UNTAUGHT, lessons)
    assert (halves.table, halves.grams, halves.sides) == (whole.table, whole.grams, whole.sides)


@given(st.lists(st.floats(0, 1), max_size=15))
def test_a_good_label_raises_a_chance_and_the_model_before_stays(before: list[float]) -> None:
    model = learnt(UNTAUGHT, [Lesson(EASY, "a", good) for good in (*before, 0.5)])
    kept = msgspec.json.encode(model.table)
    after = learnt(model, [Lesson(EASY, "a", 1.0)])
    assert chance(after) >= chance(model)
    assert msgspec.json.encode(model.table) == kept


def test_words_tell_calls_of_one_group_apart() -> None:
    lessons = [Lesson(EASY, "a", 1.0), Lesson(HARD, "a", 0.0)] * 30
    model = learnt(UNTAUGHT, lessons)
    assert chance(model, EASY) > 0.7
    assert chance(model, HARD) < 0.3


def test_what_words_say_of_one_target_says_a_little_of_another() -> None:
    lessons = [Lesson(EASY, "a", 1.0), Lesson(HARD, "a", 0.0)] * 30
    model = learnt(UNTAUGHT, [*lessons, Lesson(EASY, "b", 0.5)])
    assert chance(model, EASY, "b") > chance(model, HARD, "b") + 0.05


def test_a_target_that_breaks_is_known_to_within_fifty_labels() -> None:
    model = learnt(UNTAUGHT, [Lesson(EASY, "a", 1.0)] * 500)
    broken = learnt(model, [Lesson(EASY, "a", 0.0)] * 50)
    assert chance(model) > 0.9
    assert chance(broken) < 0.2


def test_what_is_no_label_teaches_nothing() -> None:
    odd = [
        Lesson(EASY, "a", nan),
        Lesson(EASY, "a", 1.5),
        Lesson(EASY, "a", 1.0, 0.0),
        Lesson(EASY, "a", 1.0, nan),
        Lesson(EASY, "", 1.0),
    ]
    assert learnt(UNTAUGHT, odd) is UNTAUGHT


def test_no_label_counts_for_more_than_the_most() -> None:
    assert learnt(UNTAUGHT, [Lesson(EASY, "a", 1.0, 1e300)]).labels == MOST_WEIGHT

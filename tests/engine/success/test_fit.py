from random import Random  # noqa: TID251  (seeded: the same draws each time)

import msgspec

from switchgear.domain.units import UnixMs
from switchgear.engine.gram import grams_of
from switchgear.engine.success.fit import MOST_SAMPLE, Fitting, fitted
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.model import UNTAUGHT, predict, promised, scores
from switchgear.engine.success.trait import COUNTS, Traits


def lessons(count: int, seed: int = 1) -> list[Lesson]:
    """Return lessons of a target that is good at greetings, and half good at proofs."""
    draw = Random(seed)  # noqa: S311  (seeded)
    found = []
    for place in range(count):
        easy = draw.random() < 0.5
        text = (
            f"greet {int(99 * draw.random())}"
            if easy
            else f"prove n{int(99 * draw.random())} word{place}"
        )
        traits = Traits(("", "g"), (int(100 * draw.random()) - 50,) * COUNTS, grams_of(text))
        good = draw.random() < (0.97 if easy else 0.5)
        found.append(Lesson(traits, "a", float(good), 1.0, UnixMs(place)))
    return found


def test_it_tells_calls_apart_and_says_how_likely_they_are() -> None:
    model = fitted(lessons(600))
    fresh = lessons(400, seed=2)
    chances = [predict(model, it.traits, ("a",))[0].p for it in fresh]
    mean = sum(it.good for it in fresh) / len(fresh)
    loss = sum((p - it.good) ** 2 for p, it in zip(chances, fresh, strict=True))
    assert loss < 0.9 * sum((mean - it.good) ** 2 for it in fresh)
    assert abs(sum(chances) / len(chances) - mean) < 0.06


def test_a_promise_may_be_made_of_the_calls_that_it_does_well() -> None:
    model = fitted(lessons(600))
    bar = promised(model, "a", 0.15, 0.05)
    assert 0.5 < bar <= 1.0
    assert promised(model, "a", 0.001, 0.05) > 1


def test_the_same_lessons_make_the_same_model_and_other_settings_another() -> None:
    some = lessons(60)
    assert fitted(some) == fitted(some)
    assert fitted(some).version != fitted(some, Fitting(rounds=2)).version


def test_without_lessons_it_is_what_was_before() -> None:
    assert fitted([]) is UNTAUGHT
    prior = fitted(lessons(10))
    assert fitted([], before=prior) is prior


def test_few_labels_make_no_curve_and_many_no_endless_sample() -> None:
    few = fitted(lessons(150)).sides["a"]
    assert not few.curve.scores
    assert len(few.sample) == 150
    assert (
        len(fitted(lessons(MOST_SAMPLE + 10), Fitting(rounds=1)).sides["a"].sample) == MOST_SAMPLE
    )


def test_traits_are_trusted_as_far_as_held_out_lessons_are_foreseen_by_them() -> None:
    told = lessons(300)
    draw = Random(5)  # noqa: S311  (seeded)
    noise = [msgspec.structs.replace(it, good=float(draw.random() < 0.7)) for it in told]

    def strength(some: list[Lesson]) -> float:
        model = fitted(some)
        points = [scores(model.grams, model.counts, it.traits, model.places) for it in some]
        return sum(abs(each[0] + each[1]) for each in points) / len(points)

    assert strength(noise) < 0.3 * strength(told)

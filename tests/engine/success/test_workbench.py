import pytest

from switchgear.engine.gram import grams_of
from switchgear.engine.success.model import UNTAUGHT, shifted
from switchgear.engine.success.trait import COUNTS, Traits
from switchgear.engine.success.workbench import PLAIN_RIDGE, Point, Workbench

TRAITS = Traits(("",), (30,) * COUNTS, grams_of("some words"))


def point(bench: Workbench, good: float, weight: float = 1.0) -> Point:
    return Point(TRAITS, (good, weight), bench.side("a").place, PLAIN_RIDGE)


@pytest.mark.parametrize("offset", [-20.0, -3.0, 0.0, 3.0, 20.0])
@pytest.mark.parametrize("good", [0.0, 0.3, 1.0])
def test_a_step_solves_for_its_lesson_however_far_off_it_was(offset: float, good: float) -> None:
    bench = Workbench(UNTAUGHT)
    lesson = point(bench, good)
    held = bench.step(lesson, offset, 0.0)
    p = shifted(0.5, offset + bench.head(lesson))
    assert held == pytest.approx(good - p, abs=0.02)


def test_many_lessons_of_one_call_settle_at_their_mean() -> None:
    bench = Workbench(UNTAUGHT)
    lessons = [point(bench, float(place % 5 > 0)) for place in range(100)]
    held = [0.0] * 100
    for _ in range(20):
        for place, lesson in enumerate(lessons):
            held[place] = bench.step(lesson, 0.0, held[place])
    assert shifted(0.5, bench.head(lessons[0])) == pytest.approx(0.8, abs=0.05)


def test_the_model_that_was_taken_apart_stays_as_it_was() -> None:
    bench = Workbench(UNTAUGHT)
    bench.count(TRAITS, "a", 1.0, 1.0)
    bench.step(point(bench, 1.0), 0.0, 0.0)
    assert not UNTAUGHT.table
    assert not any(UNTAUGHT.grams)
    assert any(bench.put_together("v", 1.0).grams)


def test_what_changed_is_doubted_in_every_group() -> None:
    bench = Workbench(UNTAUGHT)
    for _ in range(50):
        bench.count(Traits(("", "g"), (), b""), "a", 1.0, 1.0)
    bench.doubt("a", 4.0)
    assert bench.table["g"]["a"] == bench.table[""]["a"] == (4.0, 4.0)


def test_weakened_weights_add_so_much_less() -> None:
    bench = Workbench(UNTAUGHT)
    bench.step(point(bench, 1.0), 0.0, 0.0)
    whole = bench.head(point(bench, 1.0))
    bench.weaken(0.25)
    assert bench.head(point(bench, 1.0)) == pytest.approx(whole / 4, abs=1e-3)
    bench.weaken(0.0)
    assert bench.head(point(bench, 1.0)) == 0.0

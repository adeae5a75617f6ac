from evaluation.routing.fold import task_of
from evaluation.routing.item import Answer, Item
from evaluation.routing.stream import Plan, Stream, best_single, last_quarter, of_best, rolling

SMALL, STRONG = "gemini-1.5-flash", "gpt-4o-2024-08-06"


def items(count: int) -> list[Item]:
    """Both are mostly right, and the small one costs a tenth."""
    return [
        Item(
            f"What is {number} times {number + 7}?",
            "sums",
            {SMALL: Answer(float(number % 5 > 0), 1e-5), STRONG: Answer(1.0, 1e-4)},
        )
        for number in range(count)
    ]


def test_who_is_used_most_breaks_half_way_and_the_money_for_exploring_is_kept() -> None:
    task = task_of(items(240), (SMALL, STRONG), labelled=False)
    plan = Plan(worth=0.002, daily=0.0004, rate=0.2)
    course = Stream(task, plan).run()
    assert course.broke in {SMALL, STRONG}
    broken = last_quarter(course.singles[course.broke])
    assert sum(broken) / len(broken) < 0.5
    assert best_single(course) != course.broke
    assert course.extra <= plan.daily
    assert len(course.took) == len(course.right) == 240
    assert 0 <= of_best(course, range(60)) <= 1


def test_a_rolling_mean_ends_with_the_last_calls() -> None:
    found = rolling([0.0] * 8 + [1.0] * 8, 8)
    assert found[0] == (8, 0.0)
    assert found[-1] == (16, 1.0)

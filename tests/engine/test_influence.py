"""How much one key's word may weigh."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.influence import LEAST, Said, ceiling, evened, faded, later, parted
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.trait import Traits

DAY = 86_400_000
MONTH = Seconds(30 * 86_400.0)
NOW = UnixMs(1_795_000_000_000)
weights = st.lists(st.floats(0.01, 10_000), min_size=2, max_size=30)


def lesson(good: float = 1.0, *cells: str, at: int = NOW, weight: float = 1.0) -> Lesson:
    return Lesson(Traits(cells or ("", "route"), (1,), b"ab"), "small", good, weight, UnixMs(at))


def told(by: str, good: float, times: int, *cells: str) -> list[Said]:
    return [Said(lesson(good, *cells), by) for _ in range(times)]


def bad_share(lessons: tuple[Lesson, ...], cell: str = "") -> float:
    here = [each for each in lessons if cell in each.traits.cells]
    return sum(each.weight for each in here if each.good < 0.5) / sum(each.weight for each in here)


@given(weights, st.floats(0.05, 0.9))
def test_no_key_weighs_more_than_its_share_of_what_is_left_or_the_least(
    said: list[float], most: float
) -> None:
    top = ceiling(said, most)
    left = [min(each, top) for each in said]
    share = max(most, 1 / max(2, len(said) - 1))
    assert max(left) <= max(LEAST, share * sum(left)) * (1 + 1e-9)


@given(weights)
def test_words_that_are_shared_out_alike_all_count(said: list[float]) -> None:
    assert ceiling([5.0] * len(said), 0.25) == inf


def test_a_key_that_is_alone_is_not_bounded() -> None:
    assert ceiling([10_000.0], 0.25) == inf


def test_one_that_said_little_does_not_hold_back_two_that_agree() -> None:
    assert ceiling([1.0, 100.0, 100.0], 0.25) == inf


def test_ten_thousand_hostile_words_of_one_key_weigh_less_than_a_hundred_honest_of_ten() -> None:
    honest = [each for name in "abcdefghij" for each in told(name, 1.0, 10)]
    lessons = evened([*honest, *told("hostile", 0.0, 10_000)], 0.25, MONTH, NOW)
    assert 0.2 < bad_share(lessons) <= 0.25 + 1e-9


def test_without_the_bound_they_would_have_it_all() -> None:
    honest = [each for name in "abcdefghij" for each in told(name, 1.0, 10)]
    assert bad_share(evened([*honest, *told("hostile", 0.0, 10_000)], 1.0, MONTH, NOW)) > 0.98


def test_the_owner_is_never_bounded() -> None:
    lessons = evened(
        [*told("a", 1.0, 30), *told("b", 1.0, 30), *told("", 0.0, 900)], 0.25, MONTH, NOW
    )
    assert bad_share(lessons) > 0.9


def test_a_key_that_is_held_back_among_others_still_teaches_its_own_agents() -> None:
    others = [each for name in "abcdefgh" for each in told(name, 1.0, 10, "", "theirs")]
    lessons = evened([*others, *told("loud", 0.0, 2_000, "", "mine")], 0.25, MONTH, NOW)
    mine = sum(each.weight for each in lessons if "mine" in each.traits.cells)
    assert abs(mine - 2_000) < 1
    assert bad_share(lessons, "") <= 0.25 + 1e-9
    assert all(not each.traits.grams for each in lessons if each.traits.cells == ("mine",))


@given(st.floats(20, 500), st.floats(0.1, 1))
def test_what_is_said_beyond_the_ceiling_counts_something_and_never_much(
    top: float, weight: float
) -> None:
    said = counted = 0.0
    for _ in range(3_000):
        said += weight
        more = later(weight, said, top)
        assert more > 0
        counted += more
    assert counted <= 1.25 * top + weight


def test_an_outcome_counts_half_after_its_half_life() -> None:
    assert faded(1.0, 30 * DAY, MONTH) == 0.5
    assert faded(1.0, -5, MONTH) == 1.0
    old = [Said(lesson(1.0, at=NOW - 30 * DAY), "a")]
    assert [each.weight for each in evened(old, 0.25, MONTH, NOW)] == [0.5]


def test_a_lesson_that_counts_nowhere_is_left_out() -> None:
    assert parted(lesson(), (0.0, 0.0)) == ()

"""What follows where a target is not good enough, too dear or too slow."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.decision import Limit
from switchgear.engine.shortfall import ENOUGH, UNLIKELY, WEAK, shortfall_of, shortfalls

combinations = st.lists(st.sampled_from(Limit), unique=True).map(tuple)
orders = st.permutations(list(Limit)).flatmap(
    lambda every: st.integers(0, 4).map(lambda count: tuple(every[:count]))
)


@given(combinations, orders, st.sampled_from([True, False]))
def test_who_keeps_more_is_never_ranked_behind(
    over: tuple[Limit, ...],
    relax: tuple[Limit, ...],
    floored: bool,  # noqa: FBT001 (hypothesis gives it by its place)
) -> None:
    whole = shortfall_of(over, relax, floored=floored)
    assert (whole.rank == 0) <= (not over or whole.hard is not None)
    for each in over:
        less = tuple(limit for limit in over if limit is not each)
        fewer = shortfall_of(less, relax, floored=floored)
        assert fewer.rank <= whole.rank
        assert fewer.hard is None or whole.hard is not None


@given(combinations, orders)
def test_what_is_not_in_the_order_is_never_given_up_but_a_chance_that_nobody_asked_for(
    over: tuple[Limit, ...], relax: tuple[Limit, ...]
) -> None:
    missing = set(over) - set(relax)
    assert (shortfall_of(over, relax, floored=True).hard is not None) == bool(missing)
    plain = shortfall_of(over, relax, floored=False)
    assert (plain.hard is not None) == bool(missing - {Limit.SUCCESS})


def test_with_a_floor_quality_and_success_are_one_question() -> None:
    relax = (Limit.QUALITY, Limit.COST, Limit.SUCCESS)
    fine, weak, unlikely, both = shortfalls(relax, floored=True)
    assert (fine.rank, weak.rank, unlikely.rank, both.rank) == (0, 3, 3, 3)
    assert [each.leads for each in (fine, weak, unlikely, both)] == [False, True, True, True]


def test_without_a_floor_the_unlikely_stand_behind_all_others_and_in_their_order() -> None:
    relax = (Limit.LATENCY, Limit.COST, Limit.QUALITY)
    fine, weak, unlikely, both = shortfalls(relax, floored=False)
    assert fine.rank < weak.rank < unlikely.rank < both.rank
    assert not unlikely.leads
    assert (weak.over, unlikely.over) == ((Limit.QUALITY,), (Limit.SUCCESS,))
    assert both == shortfalls(relax, floored=False)[WEAK | UNLIKELY]


def test_one_may_be_tried_whom_only_doubt_speaks_against() -> None:
    for limit in Limit:
        assert shortfall_of((limit,), (), floored=True).free == (limit in ENOUGH)

"""What is left to the draw, and how probable each end of it is."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import CALC, LARGE, MID, SMALL, target
from switchgear.domain.decision import Strategy
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.engine.draw import EXPLORED, FEW, Luck, cuts, drawn, share_by_parts
from switchgear.engine.order import Candidate, Ranking, ordered

TWINS = [target(f"twin-{number}", weight=number / 2) for number in range(4)]
candidates = st.lists(
    st.builds(
        Candidate,
        number=st.just(0),
        target=st.sampled_from([SMALL, MID, LARGE, *TWINS]),
        cost=st.sampled_from([100, 101, 5_000]).map(NanoUsd),
        latency=st.sampled_from([1.0, 1.01, 9.0]).map(Seconds),
        rank=st.sampled_from([0, 0, 0, 1]),
        load=st.sampled_from([0, 4, 8, 64]),
        known=st.booleans(),
    ),
    unique_by=lambda each: each.target.id,
)


def replica(number: int, load: int = 0, latency: float = 1.0) -> Candidate:
    twin = target(f"replica-{number}")
    return Candidate(number, twin, NanoUsd(100), latency, load=load, known=True)


def winners(some: list[Candidate], strategy: Strategy, steps: int = 1000) -> dict[str, int]:
    """How often each comes first over all draws."""
    counts = {each.target.id: 0 for each in some}
    for step in range(steps):
        ranking, _, _ = drawn(ordered(some, strategy, step / steps), strategy, step / steps)
        counts[ranking[0][0].target.id] += 1
    return counts


@given(candidates, st.sampled_from(Strategy), st.floats(0, 1, exclude_max=True))
def test_the_draw_puts_another_first_and_leaves_the_rest_in_order_but_for_the_best_known(
    some: list[Candidate], strategy: Strategy, draw: float
) -> None:
    before = ordered(some, strategy, draw)
    ranking, luck, share = drawn(before, strategy, draw)
    assert (ranking, luck, share) == drawn(before, strategy, draw)
    first = ranking[:1]
    rest = [each for each in before if each not in first]
    known = next((each for each in rest if each[0].known and each[0].rank == rest[0][0].rank), None)
    assert ranking[1:] in (rest, [known, *(each for each in rest if each is not known)])
    assert [each.rank for each, _ in first] == [each.rank for each, _ in before[:1]]


def test_of_equals_the_less_loaded_gets_more_and_none_gets_all() -> None:
    counts = winners([replica(1, load=64), replica(2), replica(3)], Strategy.COST)
    assert counts["replica-1"] < 120  # only when it is drawn twice: 1 of 9
    assert counts["replica-2"] > 300
    assert counts["replica-3"] > 300
    two = winners([replica(1, load=64), replica(2)], Strategy.COST)
    assert two == {"replica-1": 250, "replica-2": 750}


def test_of_equals_with_equal_load_the_faster_gets_more() -> None:
    counts = winners([replica(1, latency=2.0), replica(2, latency=1.0)], Strategy.COST)
    assert counts == {"replica-1": 250, "replica-2": 750}


def test_what_costs_more_or_is_less_good_is_no_equal() -> None:
    dearer = msgspec.structs.replace(replica(2), cost=NanoUsd(103))
    weaker = msgspec.structs.replace(replica(2), target=target("replica-2", quality=0.49))
    for other in (dearer, weaker, msgspec.structs.replace(replica(2), rank=1)):
        for strategy in (Strategy.COST, Strategy.QUALITY):
            counts = winners([replica(1, load=64), other], strategy)
            assert counts == {"replica-1": 1000, "replica-2": 0}


def measured(*, load: int = 0) -> list[Candidate]:
    """One that is known, and two that are not, of which one seems faster."""
    return [
        Candidate(0, SMALL, NanoUsd(9), 2.0, known=True),
        Candidate(1, MID, NanoUsd(9), 1.0, load=load),
        Candidate(2, LARGE, NanoUsd(9), 9.0, load=load),
    ]


def test_where_latency_decides_a_cold_target_gets_a_small_share_however_fast_it_seems() -> None:
    for strategy in (Strategy.LATENCY, Strategy.BALANCED):
        counts = winners(measured(), strategy)
        explored = round(1000 * EXPLORED)
        assert counts["small"] == 1000 - explored
        assert 20 <= counts["mid"] <= 30  # half of them, but for rounding


def test_a_cold_target_that_has_enough_calls_under_way_gets_no_more() -> None:
    assert winners(measured(load=FEW), Strategy.LATENCY)["small"] == 1000


def test_where_nothing_is_known_there_is_nothing_to_explore() -> None:
    cold = [msgspec.structs.replace(each, known=False) for each in measured()]
    assert winners(cold, Strategy.LATENCY) == {"small": 0, "mid": 1000, "large": 0}


def test_a_tool_needs_no_exploring_and_is_not_passed_over() -> None:
    tool = Candidate(3, CALC, NanoUsd(0), 0.0)
    assert winners([*measured()[:1], tool], Strategy.LATENCY) == {"small": 0, "calc": 1000}


def test_no_other_strategy_explores() -> None:
    for strategy in (Strategy.COST, Strategy.QUALITY):
        assert lucks(ordered(measured(), strategy, 0.99), strategy) == Luck.NONE
    assert lucks(ordered(measured(), Strategy.LATENCY, 0.99), Strategy.LATENCY) == Luck.EXPLORED


def lucks(ranking: Ranking, strategy: Strategy) -> Luck:
    return drawn(ranking, strategy, 0.99)[1]


@given(candidates, st.sampled_from(Strategy), st.floats(0, 1, exclude_max=True))
def test_the_share_of_the_first_is_the_length_of_the_draws_that_put_it_there(
    some: list[Candidate], strategy: Strategy, draw: float
) -> None:
    ranking = ordered(some, strategy, draw)
    won, _, share = drawn(ranking, strategy, draw)
    if not won:
        return

    def first_at(point: float) -> str:
        return drawn(ordered(some, strategy, point), strategy, point)[0][0][0].target.id

    counted = share_by_parts(first_at, cuts(ranking, strategy), won[0][0].target.id)
    assert share == pytest.approx(counted, abs=1e-9)


@given(candidates, st.sampled_from(Strategy))
def test_over_a_grid_of_draws_the_frequencies_are_the_shares_and_these_sum_to_one(
    some: list[Candidate], strategy: Strategy
) -> None:
    steps = 500
    counts: dict[str, int] = {}
    shares: dict[str, float] = {}
    for step in range(steps if some else 0):
        draw = (step + 0.5) / steps
        ranking, _, share = drawn(ordered(some, strategy, draw), strategy, draw)
        name = ranking[0][0].target.id
        counts[name] = counts.get(name, 0) + 1
        assert shares.setdefault(name, share) == share
    assert sum(shares.values()) == pytest.approx(1.0 if some else 0.0)
    for name, count in counts.items():
        assert count / steps == pytest.approx(shares[name], abs=0.05)


def test_of_five_equals_each_has_its_exact_share() -> None:
    five = [replica(number, load=number) for number in range(1, 6)]
    found = {
        drawn(ordered(five, Strategy.COST, step / 25), Strategy.COST, (step + 0.5) / 25)[2]
        for step in range(25)
    }
    assert found == {9 / 25, 7 / 25, 5 / 25, 3 / 25, 1 / 25}

"""The order of those that can serve."""

from hypothesis import given
from hypothesis import strategies as st

from support.cast import LARGE, MID, SMALL, target
from switchgear.domain.decision import Strategy
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.engine.order import SCORERS, Candidate, ordered

candidates = st.lists(
    st.builds(
        Candidate,
        number=st.just(0),
        target=st.sampled_from([SMALL, MID, LARGE]),
        cost=st.integers(0, 10**9).map(NanoUsd),
        latency=st.floats(0, 900).map(Seconds),
        rank=st.integers(0, 3),
        load=st.sampled_from([0, 4, 8, 64]),
        known=st.booleans(),
    ),
    unique_by=lambda each: each.target.id,
)


@given(candidates, st.sampled_from(Strategy), st.floats(0, 1, exclude_max=True))
def test_every_candidate_is_ordered_once_and_by_rank_first(
    some: list[Candidate], strategy: Strategy, draw: float
) -> None:
    ranking = ordered(some, strategy, draw)
    assert {each.target.id for each, _ in ranking} == {each.target.id for each in some}
    ranks = [each.rank for each, _ in ranking]
    assert ranks == sorted(ranks)
    assert ranking == ordered(some[::-1], strategy, draw)


def test_every_strategy_has_its_scores() -> None:
    assert set(SCORERS) == set(Strategy)


def test_a_target_of_no_weight_is_never_drawn() -> None:
    idle = target("idle", weight=0.0)
    some = [Candidate(0, one, NanoUsd(1), Seconds(1.0)) for one in (idle, SMALL)]
    draws = [ordered(some, Strategy.WEIGHTED, step / 100)[0][0].target.id for step in range(100)]
    assert set(draws) == {"small"}

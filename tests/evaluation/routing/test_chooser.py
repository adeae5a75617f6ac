from evaluation.routing.asked import asked
from evaluation.routing.chooser import Weighing, decided, policy_of
from evaluation.routing.target import target_of
from hypothesis import given, settings
from hypothesis import strategies as st

from switchgear.domain.odds import Chance

TARGETS = tuple(
    target_of(f"model-{number}", price, price * 4)
    for number, price in enumerate((0.05, 0.15, 0.59, 2.5, 3.5, 15.0))
)
ASKS = [asked("How many legs has a spider?"), asked("word " * 900)]
chances = st.tuples(
    *(
        st.builds(
            Chance,
            st.just(each.id),
            st.integers(0, 10_000).map(lambda n: n / 10_000),
            st.just(0.1),
            st.booleans(),
        )
        for each in TARGETS
    )
)


@settings(max_examples=60)
@given(chances, chances, st.floats(-5, 1).map(lambda n: 10**n))
def test_the_short_way_to_weigh_finds_what_the_decision_holds_to_be_worth_most(
    one: tuple[Chance, ...], other: tuple[Chance, ...], usd: float
) -> None:
    policy = policy_of(TARGETS, ["auto"], usd)
    short = Weighing(TARGETS, ASKS).chosen((one, other), usd)
    for ask, said, name in zip(ASKS, (one, other), short, strict=True):
        decision = decided(ask, said, policy)
        scores = {each.target: each.score or 0.0 for each in decision.verdicts}
        best = min(scores.values())
        assert scores[name] <= best + 1 + 1e-9 * abs(best)

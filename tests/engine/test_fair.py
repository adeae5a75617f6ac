"""Who is next among calls that wait for the same."""

from collections import Counter
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.units import Tokens
from switchgear.engine.fair import SPARE, Fair
from switchgear.engine.waiter import Waiter

WEIGHTS = {"a": 1.0, "b": 2.0, "c": 0.5}
flows = st.sampled_from(sorted(WEIGHTS))
costs = st.integers(min_value=1, max_value=5000)


def a_waiter(flow: str, cost: int = 100) -> Waiter:
    return Waiter(flow, Tokens(cost), weight=WEIGHTS.get(flow, 1.0))


def served(fair: Fair) -> Waiter:
    found = fair.next()
    assert found is not None
    fair.serve(found)
    return found


@given(st.lists(st.tuples(flows, costs), min_size=1))
def test_between_flows_that_both_wait_the_service_is_within_one_call_of_each_of_their_shares(
    calls: list[tuple[str, int]],
) -> None:
    fair = Fair()
    for flow, cost in calls:
        fair.add(a_waiter(flow, cost))
    most: Counter[str] = Counter()
    for flow, cost in calls:
        most[flow] = max(most[flow], cost)
    got: Counter[str] = Counter()
    while True:
        for one, other in combinations(sorted(most), 2):
            if fair.before(one) and fair.before(other):
                apart = abs(got[one] / WEIGHTS[one] - got[other] / WEIGHTS[other])
                assert apart <= most[one] / WEIGHTS[one] + most[other] / WEIGHTS[other] + 1e-6
        if not len(fair):
            break
        waiter = served(fair)
        got[waiter.flow] += waiter.cost


@given(st.lists(st.tuples(st.sampled_from(["come", "serve", "drop"]), flows, costs), max_size=60))
def test_calls_of_one_flow_are_served_in_the_order_in_which_they_came(
    steps: list[tuple[str, str, int]],
) -> None:
    fair, waiting = Fair(), dict[str, list[Waiter]]()
    for step, flow, cost in steps:
        mine = waiting.setdefault(flow, [])
        if step == "come":
            mine.append(a_waiter(flow, cost))
            fair.add(mine[-1])
        elif step == "drop" and mine:
            fair.drop(mine.pop(cost % len(mine)))
        elif step == "serve" and len(fair):
            found = served(fair)
            assert waiting[found.flow].pop(0) is found
        assert len(fair) == sum(map(len, waiting.values()))
        assert (fair.next() is None) == (not len(fair))


def test_a_flow_that_comes_late_has_its_share_from_then_on_and_nothing_saved_up() -> None:
    fair = Fair()
    for _ in range(20):
        fair.add(a_waiter("old"))
    for _ in range(10):
        served(fair)
    for _ in range(10):
        fair.add(a_waiter("new"))
    assert Counter(served(fair).flow for _ in range(10)) == {"old": 5, "new": 5}


def test_a_call_that_leaves_costs_its_flow_nothing() -> None:
    fair = Fair()
    dear = a_waiter("a", 5000)
    fair.add(a_waiter("b", 100))
    for each in (dear, a_waiter("a", 100), a_waiter("b", 100)):
        fair.add(each)
    fair.drop(dear)
    assert [served(fair).flow for _ in range(3)] == ["b", "a", "b"]


def test_flows_and_marks_that_no_longer_matter_are_forgotten() -> None:
    fair, stays = Fair(), a_waiter("stays")
    fair.add(stays)
    for number in range(10 * SPARE):
        comes = a_waiter(f"flow {number}", 1)
        fair.add(comes)
        fair.drop(comes)
    assert len(fair._flows) <= 3 * SPARE
    assert len(fair._marks) <= 8 * SPARE
    assert fair.next() is stays
    fair.drop(stays)
    assert not fair._flows
    assert not fair._marks


def test_the_oldest_and_the_youngest_are_known() -> None:
    fair = Fair()
    assert (fair.oldest, fair.youngest, fair.next()) == (None, None, None)
    first, last = a_waiter("a"), a_waiter("b")
    fair.add(first)
    fair.add(last)
    assert (fair.oldest, fair.youngest) == (first, last)

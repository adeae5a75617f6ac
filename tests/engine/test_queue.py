"""Who gets a place, who waits, and who goes without."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from typing_extensions import override

from switchgear.domain.priority import Priority
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.queue import EVERY, HEAVY, LINGER, SMALL, Bounds, Queue
from switchgear.engine.waiter import EVER, Standing, Waiter

NOW = Seconds(100.0)
BOUNDS = Bounds(places=4, waiting=8, in_lane=6)
HIGH, MIDDLE, LOW = Priority.INTERACTIVE, Priority.STANDARD, Priority.BATCH
HOLDING, WAITING = Standing.HOLDING, Standing.WAITING


def a_waiter(
    lane: Priority = HIGH, *, flow: str = "a", heavy: bool = False, until: float = EVER
) -> Waiter:
    made = Waiter(flow, Tokens(10_000 if heavy else 100), lane, heavy=heavy)
    made.until = Seconds(until)
    return made


def come(queue: Queue, waiter: Waiter, now: float = NOW) -> Standing:
    queue.come(waiter, Seconds(now))
    return waiter.standing


def filled(bounds: Bounds = BOUNDS, lane: Priority = HIGH) -> tuple[Queue, list[Waiter]]:
    """All its places are held by small calls."""
    queue = Queue(bounds)
    held = [a_waiter(lane) for _ in range(bounds.places)]
    assert {come(queue, each) for each in held} == {HOLDING}
    return queue, held


class Life(RuleBasedStateMachine):
    """Anything may happen, in any order; the queue keeps its word all the time."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = Queue(BOUNDS)
        self.now = 1000.0
        self.all: list[Waiter] = []

    @rule(
        lane=st.sampled_from(Priority),
        flow=st.sampled_from("ab"),
        heavy=st.booleans(),
        span=st.floats(min_value=0.0, max_value=40.0),
    )
    def one_comes(self, lane: Priority, flow: str, span: float, *, heavy: bool) -> None:
        waiter = a_waiter(lane, flow=flow, heavy=heavy, until=self.now + span)
        self.all.append(waiter)
        shed = self.queue.come(waiter, Seconds(self.now))
        if shed is not None:
            assert shed.standing is Standing.SHED
            assert shed.priority < lane or (shed.priority is lane and shed.heavy is not heavy)
        self.look()

    @rule(which=st.integers(min_value=0))
    def one_leaves(self, which: int) -> None:
        if self.all:
            waiter = self.all[which % len(self.all)]
            before = waiter.standing
            self.queue.leave(waiter, Seconds(self.now))
            if before in {HOLDING, WAITING}:
                assert waiter.standing is Standing.GONE
            else:
                assert waiter.standing is before
        self.look()

    @rule(span=st.floats(min_value=0.0, max_value=15.0))
    def time_passes(self, span: float) -> None:
        self.now += span
        self.look()

    def look(self) -> None:
        gone = self.queue.expire(Seconds(self.now))
        assert [each.until for each in gone] == sorted(each.until for each in gone)
        for each in self.queue.serve(Seconds(self.now)):
            assert each.standing is HOLDING
            assert self.now < each.until

    def those(self, standing: Standing) -> list[Waiter]:
        return [each for each in self.all if each.standing is standing]

    @invariant()
    def what_is_counted_is_there(self) -> None:
        held, waiting = self.those(HOLDING), self.those(WAITING)
        assert self.queue.held == len(held)
        assert self.queue.waiting == len(waiting)
        assert self.queue.low == sum(each.priority is not HIGH for each in held)
        assert all(self.now < each.until for each in waiting)
        assert self.queue.due == min((each.until for each in waiting), default=EVER)

    @invariant()
    def the_bounds_hold(self) -> None:
        assert self.queue.held <= BOUNDS.places
        assert self.queue.waiting <= BOUNDS.waiting
        assert all(self.queue.length(lane) <= BOUNDS.in_lane for lane in Priority)
        assert sum(each.heavy for each in self.those(HOLDING)) < BOUNDS.places

    @invariant()
    def no_place_is_free_that_somebody_who_waits_may_have(self) -> None:
        for each in self.those(WAITING):
            size = HEAVY if each.heavy else SMALL
            fits = self.queue._fits(size, Seconds(self.now))
            may = each.priority is HIGH or self.queue._low_may(Seconds(self.now))
            assert not (fits and may)

    @override
    def teardown(self) -> None:
        """Everybody who still waits is served, or its time comes."""
        while held := self.those(HOLDING):
            self.queue.leave(held[0], Seconds(self.now))
            self.look()
        assert not self.those(WAITING)
        assert (self.queue.held, self.queue.low, self.queue.waiting) == (0, 0, 0)


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase


def test_places_are_given_to_higher_lanes_first_and_in_a_lane_to_who_came_first() -> None:
    queue, held = filled(msgspec.structs.replace(BOUNDS, kept=0.0))
    waiters = [a_waiter(lane) for lane in (LOW, MIDDLE, HIGH, HIGH, MIDDLE)]
    assert {come(queue, each) for each in waiters} == {WAITING}
    order = []
    for each in held:
        queue.leave(each, NOW)
        order += queue.serve(NOW)
    assert order == [waiters[2], waiters[3], waiters[1], waiters[4]]


def test_heavy_calls_never_hold_all_places_and_small_ones_do_while_no_heavy_one_comes() -> None:
    queue = Queue(BOUNDS)
    heavy = [come(queue, a_waiter(heavy=True)) for _ in range(4)]
    assert heavy == [HOLDING, HOLDING, HOLDING, WAITING]
    assert come(queue, a_waiter()) is HOLDING
    small, _ = filled()
    assert small.held == 4


def test_a_place_stays_kept_for_small_calls_however_long_heavy_ones_wait() -> None:
    queue = Queue(BOUNDS)
    for _ in range(4):
        come(queue, a_waiter(heavy=True))
    assert not queue.serve(Seconds(NOW + 2 * LINGER))


def test_a_place_is_kept_for_heavy_calls_while_such_come() -> None:
    queue = Queue(BOUNDS)
    heavy = a_waiter(heavy=True)
    assert come(queue, heavy) is HOLDING
    queue.leave(heavy, NOW)
    small = [come(queue, a_waiter()) for _ in range(4)]
    assert small == [HOLDING, HOLDING, HOLDING, WAITING]
    assert come(queue, a_waiter(heavy=True)) is HOLDING
    assert len(queue.serve(Seconds(NOW + LINGER))) == 0, "none is free"


def test_a_place_kept_for_heavy_calls_is_let_go_when_none_has_come_for_long() -> None:
    queue = Queue(BOUNDS)
    heavy, small = a_waiter(heavy=True), [a_waiter() for _ in range(4)]
    come(queue, heavy)
    queue.leave(heavy, NOW)
    assert [come(queue, each) for each in small][-1] is WAITING
    assert not queue.serve(Seconds(NOW + LINGER - 1))
    assert queue.serve(Seconds(NOW + LINGER)) == [small[-1]]


def test_with_a_single_place_the_sizes_take_turns_by_tokens() -> None:
    queue = Queue(msgspec.structs.replace(BOUNDS, places=1, waiting=400, in_lane=400))
    holds = a_waiter(heavy=True)
    assert come(queue, holds) is HOLDING
    for _ in range(3):
        assert come(queue, a_waiter(heavy=True)) is WAITING
    for _ in range(300):
        assert come(queue, a_waiter()) is WAITING
    order = []
    for _ in range(250):
        queue.leave(holds, NOW)
        [holds] = queue.serve(NOW)
        order.append(holds.heavy)
    assert order[:2] == [False, True]
    assert sum(order[:103]) == 2, "a hundred small calls for each heavy one"


def test_batch_leaves_a_place_to_interactive_calls_while_such_come() -> None:
    queue = Queue(BOUNDS)
    early = [a_waiter(LOW) for _ in range(4)]
    assert {come(queue, each) for each in early} == {HOLDING}
    assert come(queue, a_waiter()) is WAITING
    for each in early[:2]:
        queue.leave(each, NOW)
    assert len(queue.serve(NOW)) == 1
    assert come(queue, a_waiter(LOW)) is HOLDING
    assert come(queue, a_waiter(LOW)) is WAITING
    assert come(queue, a_waiter(HIGH)) is WAITING, "three batch calls are there, and it"


def test_a_batch_call_among_endless_interactive_ones_waits_a_bounded_time() -> None:
    queue, held = filled(msgspec.structs.replace(BOUNDS, waiting=20, in_lane=10))
    batch = [a_waiter(LOW) for _ in range(3)]
    for each in batch:
        come(queue, each)
    grants, now = 0, NOW
    while any(each.standing is WAITING for each in batch):
        now = Seconds(now + 0.5)
        while come(queue, more := a_waiter(), now) is WAITING:
            assert more.standing is WAITING
        queue.leave(held.pop(0), now)
        held += queue.serve(now)
        grants += 1
    aged = BOUNDS.ageing / 0.5
    assert grants <= aged + 3 * EVERY
    assert grants > aged, "before that interactive calls go first"


def test_a_lane_that_has_waited_too_long_gets_one_place_in_so_many_and_no_more() -> None:
    queue, held = filled(msgspec.structs.replace(BOUNDS, waiting=200, in_lane=100, kept=0.0))
    for lane in (LOW, HIGH):
        for _ in range(90):
            come(queue, a_waiter(lane))
    got = []
    for _ in range(4 * EVERY):
        queue.leave(held.pop(0), Seconds(NOW + 60))
        held += queue.serve(Seconds(NOW + 60))
        got.append(held[-1].priority)
    assert got.count(LOW) == 4


def test_a_full_queue_sheds_the_youngest_of_the_lowest_lane_for_a_higher_one() -> None:
    queue, _ = filled()
    low = [a_waiter(LOW) for _ in range(4)]
    middle = [a_waiter(MIDDLE) for _ in range(4)]
    for age, each in enumerate([*low, *middle]):
        assert come(queue, each, NOW + age) is WAITING
    assert queue.full(LOW, NOW)
    assert come(queue, a_waiter(LOW), NOW + 9) is Standing.REFUSED
    assert come(queue, a_waiter(MIDDLE), NOW + 9) is WAITING
    assert low[3].standing is Standing.SHED
    for _ in range(6):
        assert come(queue, a_waiter(HIGH), NOW + 9) is WAITING
    assert {each.standing for each in low} == {Standing.SHED}
    assert come(queue, a_waiter(HIGH), NOW + 9) is Standing.REFUSED, "its lane is full"


def test_a_lane_full_of_heavy_calls_makes_room_for_small_ones() -> None:
    queue = Queue(msgspec.structs.replace(BOUNDS, in_lane=8))
    for _ in range(3 + 8):
        come(queue, a_waiter(heavy=True))
    small = [come(queue, a_waiter()) for _ in range(5)]
    assert small == [HOLDING, WAITING, WAITING, Standing.REFUSED, Standing.REFUSED]
    assert queue.waiting == 8


@pytest.mark.parametrize("lane", Priority)
def test_full_says_what_would_become_of_a_call(lane: Priority) -> None:
    queue = Queue(BOUNDS)
    for _ in range(30):
        told = queue.full(lane, NOW)
        standing = come(queue, a_waiter(lane))
        assert told == (standing is Standing.REFUSED)


def test_a_call_that_cannot_be_served_in_its_time_is_refused_at_once() -> None:
    queue, held = filled()
    queue.leave(held[0], Seconds(NOW + 8.0))
    assert come(queue, a_waiter(), NOW + 8.0) is HOLDING
    assert come(queue, a_waiter(), NOW + 8.0) is WAITING
    assert come(queue, a_waiter(until=NOW + 9.0), NOW + 8.0) is Standing.REFUSED
    assert come(queue, a_waiter(until=NOW + 9.0, flow="other"), NOW + 8.0) is WAITING
    assert come(queue, a_waiter(until=NOW + 8.0, flow="other"), NOW + 8.0) is Standing.REFUSED
    assert queue.clears == 4.0


def test_the_time_of_a_call_is_up_to_the_instant_and_in_order() -> None:
    queue, _ = filled()
    late, soon = a_waiter(until=NOW + 2), a_waiter(until=NOW + 1)
    come(queue, late)
    come(queue, soon)
    assert queue.due == NOW + 1
    assert queue.expire(Seconds(NOW + 0.9)) == []
    assert queue.expire(Seconds(NOW + 5)) == [soon, late]
    assert {late.standing, soon.standing} == {Standing.EXPIRED}
    assert queue.due == EVER


def test_everybody_who_waits_can_be_sent_away() -> None:
    queue, _ = filled()
    waiters = [a_waiter(lane) for lane in Priority]
    for each in waiters:
        come(queue, each)
    assert sorted(queue.dismiss(), key=lambda each: each.priority) == waiters
    assert queue.waiting == 0


def test_more_places_can_be_given_and_fewer_wait_for_who_holds_them() -> None:
    queue, held = filled()
    more = a_waiter()
    come(queue, more)
    queue.resize(msgspec.structs.replace(BOUNDS, places=5))
    assert queue.serve(NOW) == [more]
    queue.resize(msgspec.structs.replace(BOUNDS, places=1))
    assert come(queue, a_waiter()) is WAITING
    for each in held:
        queue.leave(each, NOW)
        assert not queue.serve(NOW)
    queue.leave(more, NOW)
    assert len(queue.serve(NOW)) == 1


def test_lower_lanes_can_be_held_back_to_one_call_and_never_to_none() -> None:
    queue, held = filled(lane=LOW)
    queue.spare(0)
    come(queue, a_waiter(LOW))
    late = Seconds(NOW + 1)
    come(queue, a_waiter(), late)
    queue.leave(held.pop(), late)
    assert [each.priority for each in queue.serve(late)] == [HIGH]
    while held:
        queue.leave(held.pop(), late)
    assert [each.priority for each in queue.serve(late)] == [LOW]
    assert (queue.most_low, queue.places) == (1, 4)


@given(st.integers(min_value=1, max_value=200), st.floats(min_value=0.0, max_value=0.5))
def test_what_is_kept_never_leaves_a_size_without_any_place(places: int, kept: float) -> None:
    bounds = msgspec.structs.replace(BOUNDS, places=places, kept=kept)
    assert 0 <= 2 * bounds.reserve <= places
    for heavy in (False, True):
        assert come(Queue(bounds), a_waiter(heavy=heavy)) is HOLDING

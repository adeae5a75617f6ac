from evaluation.routing.cache import Request, Trip, Way, more_read, parents
from hypothesis import given
from hypothesis import strategies as st

EVEN = [(0.7, 0.7)]
LEAPS = [(0.9, 0.9), (0.0, 1.0)]


def talk(turns: int, first: int = 0, at: int = 0) -> list[Request]:
    """A conversation whose every turn shares all blocks before it."""
    blocks = [0, *range(first + 1, first + 1 + 2 * turns)]
    return [
        Request(at + turn, 512 * (2 * turn + 3), 100, tuple(blocks[: 2 * turn + 3]))
        for turn in range(turns)
    ]


@given(st.integers(1, 6), st.integers(1, 6))
def test_each_turn_goes_on_from_the_one_before_and_a_new_talk_from_nobody(
    one: int, other: int
) -> None:
    trace = [*talk(one), *talk(other, first=1000)]
    assert parents(trace) == [
        *(number - 1 if number else None for number in range(one)),
        *(one + number - 1 if number else None for number in range(other)),
    ]


def test_what_is_pinned_reads_each_block_once() -> None:
    paid = Trip(Way.PINNED, 0.5, EVEN).run(talk(5))
    assert paid.read == 11 * 512
    assert paid.switched == 0
    assert paid.tokens == sum(each.input for each in talk(5))


def test_by_its_own_score_each_request_goes_astray_and_reads_again_and_a_loop_does_not() -> None:
    trace = talk(40, at=5 * 60_000)  # while both are well
    pinned = Trip(Way.PINNED, 5.0, LEAPS).run(trace)
    naive = Trip(Way.NAIVE, 5.0, LEAPS).run(trace)
    held = Trip(Way.HELD, 5.0, LEAPS).run(trace)
    assert naive.switched > 5
    assert more_read(naive, pinned) > 0.5
    assert held.switched == 0
    assert more_read(held, pinned) == 0


def test_a_target_that_is_out_of_order_gives_its_conversations_away() -> None:
    trace = talk(3, at=0)  # the first minute is the weak one's to be out of order
    assert set(Trip(Way.HELD, 0.0001, EVEN).run(trace).took) == {"gemini-1.5-pro"}
    assert set(Trip(Way.PINNED, 0.0001, EVEN).run(trace).took) == {"gemini-1.5-flash"}

from sys import getrefcount

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from support.recollected import MINE, answer
from switchgear.adapters.recollections.shelf import Bounds, Shelf
from switchgear.domain.turn import Tool
from switchgear.domain.units import Seconds
from switchgear.ports.recollection import Recollection

NOW = Seconds(0.0)
ROOMY = Bounds(most_bytes=10_000_000, span=Seconds(60.0))


def chained(shelf: Shelf, length: int, size: int) -> list[Recollection]:
    found: list[Recollection] = []
    for number in range(length):
        found.append(answer(f"r{number}", "x" * size, after=found[-1] if found else None))
        shelf.keep(MINE, found[-1], NOW)
    return found


def test_a_long_conversation_takes_as_much_room_as_was_said_however_many_answers_it_has() -> None:
    short, long = Shelf(ROOMY), Shelf(ROOMY)
    chained(short, 20, 1000)
    chained(long, 200, 1000)
    assert 9 < long.size / short.size < 11


def test_a_conversation_may_be_of_any_depth() -> None:
    shelf = Shelf(ROOMY)
    last: Recollection | None = None
    for number in range(2000):
        new = answer(f"r{number}", after=last)
        shelf.keep(MINE, new, NOW)
        last = shelf.find(MINE, new.id, NOW)[0]
    assert last is not None
    assert len(last.earlier) == 2 * 1999
    for number in range(2000):
        assert shelf.forget(MINE, f"r{number}", NOW)[0]
    assert shelf.size == 0


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from("kkf"), st.integers(0, 3000))))
def test_it_never_takes_more_than_its_bound_and_nothing_when_all_is_forgotten(
    acts: list[tuple[int, str, int]],
) -> None:
    shelf = Shelf(Bounds(most_bytes=20_000, span=Seconds(60.0)))
    known = [answer("first")]
    for place, act, size in acts:
        which = known[place % len(known)]
        if act == "f":
            shelf.forget(MINE, which.id, NOW)
        else:
            known.append(answer(f"a{len(known)}", "x" * size, after=which))
            shelf.keep(MINE, known[-1], NOW)
        assert shelf.size <= 20_000
    for each in known:
        shelf.forget(MINE, each.id, NOW)
    assert (shelf.size, len(shelf)) == (0, 0)


def test_strands_that_nobody_needs_any_more_are_told_with_what_went() -> None:
    shelf = Shelf(ROOMY)
    chained(shelf, 3, 10)
    assert shelf.forget(MINE, "r1", NOW)[1].loose == ()
    change = shelf.forget(MINE, "r2", NOW)[1]
    assert change.gone == ((MINE, "r2"),)
    assert sorted(change.loose) == [2, 3]


def test_a_schema_is_kept_without_the_request_that_it_came_in() -> None:
    request = b'[{"name":"look","schema":{"type":"object"}},"' + b"x" * 100_000 + b'"]'
    before = getrefcount(request)
    tool = msgspec.json.decode(request, type=tuple[Tool, str])[0]
    new = answer("r0")
    new = msgspec.structs.replace(new, asked=msgspec.structs.replace(new.asked, tools=(tool,)))
    shelf = Shelf(ROOMY)
    shelf.keep(MINE, new, NOW)
    found = shelf.find(MINE, "r0", NOW)[0]
    assert found == new
    del tool, new
    assert getrefcount(request) == before

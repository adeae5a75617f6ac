"""Which kill switches hold, and what several words about them come to."""

from itertools import permutations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.halt import Halt, Halted
from switchgear.domain.units import UnixMs
from switchgear.engine.halt import (
    MOST,
    MOST_LIFTED,
    Halts,
    Subject,
    find,
    holds,
    indexed,
    merged,
    name_of,
    room,
    said,
)

NAMES = ("", "a", "b")
names = st.sampled_from(NAMES)
halts = st.builds(
    Halt,
    kind=st.sampled_from(Halted),
    name=names,
    at=st.integers(1, 4).map(UnixMs),
    by=names,
    note=names,
    tenant=names,
    on=st.booleans(),
)
subjects = st.builds(Subject, names, st.lists(names, max_size=3).map(tuple), names)
lists = st.lists(halts, max_size=6)


@given(lists, lists, lists)
def test_news_come_to_the_same_in_any_order_and_however_often(
    one: list[Halt], two: list[Halt], three: list[Halt]
) -> None:
    found = []
    for order in permutations((one, two, three)):
        known: Halts = {}
        for news in (*order, order[0]):
            known = merged(known, news)
        found.append(known)
    assert all(each == found[0] for each in found)
    whole = merged(merged({}, one), two)
    assert merged(whole, merged({}, two).values()) == whole


@given(lists, halts, st.integers(0, 9).map(UnixMs))
def test_a_new_word_stands_against_all_that_is_known_whatever_the_clock_says(
    news: list[Halt], word: Halt, now: UnixMs
) -> None:
    known = merged({}, news)
    assert merged(known, [said(known, word, now)])[name_of(word)].on is word.on


@given(lists, subjects, names)
def test_what_is_found_is_what_holds(news: list[Halt], subject: Subject, target: str) -> None:
    known = {
        name: each
        for name, each in merged({}, news).items()
        if each.kind is not Halted.EVERYTHING or not each.name
    }
    found = find(indexed(known), subject, target)
    holding = [each for each in known.values() if holds(each, subject, target)]
    assert (found is not None) is (holding != [])
    if found is not None:
        assert found in holding
        for_all = any(each.kind is not Halted.TARGET for each in holding)
        assert (found.kind is not Halted.TARGET) is for_all


@given(halts, subjects, names)
def test_what_a_tenants_admin_says_stops_nobody_elses_calls(
    halt: Halt, subject: Subject, target: str
) -> None:
    of_a = msgspec.structs.replace(halt, tenant="a")
    if subject.tenant != "a":
        assert not holds(of_a, subject, target)


def test_a_keys_halt_holds_for_the_keys_that_it_made() -> None:
    halt = Halt(kind=Halted.KEY, name="maker")
    assert holds(halt, Subject(keys=("child", "between", "maker")))
    assert not holds(halt, Subject(keys=("maker2", "other")))
    assert not holds(msgspec.structs.replace(halt, on=False), Subject(keys=("maker",)))


def test_of_two_words_at_once_the_one_that_stops_stands() -> None:
    stops = Halt(kind=Halted.TENANT, name="a", at=UnixMs(5))
    lifts = msgspec.structs.replace(stops, on=False)
    for order in ((stops, lifts), (lifts, stops)):
        assert merged({}, order)[name_of(stops)].on


def test_only_so_many_of_those_let_go_are_remembered_and_none_that_is_set_is_forgotten() -> None:
    lifted = [
        Halt(kind=Halted.KEY, name=f"k{number}", at=UnixMs(number), on=False)
        for number in range(MOST_LIFTED + 10)
    ]
    set_now = [Halt(kind=Halted.AGENT, name=f"a{number}") for number in range(MOST)]
    known = merged(merged({}, lifted), set_now)
    assert sum(not each.on for each in known.values()) == MOST_LIFTED
    assert (Halted.KEY, "k0", "") not in known
    assert sum(each.on for each in known.values()) == MOST
    assert not room(known)
    assert room(merged({}, set_now[1:]))

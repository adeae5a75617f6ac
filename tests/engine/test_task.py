"""What tasks are called, whose they are, when they begin anew, and what two make of one."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.caller import Key, Maker
from switchgear.domain.ids import ALPHABET
from switchgear.domain.task import Identity, Status, Task
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.task import (
    MOST_GENERATIONS,
    account_name,
    begun,
    below,
    lapsed,
    looks_minted,
    may_use,
    merged,
    renewed,
    task_id,
)

DAY = Seconds(86_400.0)
NOON = UnixMs(43_200_000)
names = st.text(max_size=8)
BASE = Task(id="t", opened=UnixMs(0))
FREE = ("goal", "agent", "home", "why", "name", "ticket")


@given(names, names, names, names)
def test_two_keys_or_names_never_have_one_id(k1: str, n1: str, k2: str, n2: str) -> None:
    assert (task_id(k1, n1) == task_id(k2, n2)) is ((k1, n1) == (k2, n2))


@given(names, names)
def test_an_id_looks_like_one_and_names_do_not(key: str, name: str) -> None:
    found = task_id(key, name)
    assert looks_minted(found)
    assert set(found.removeprefix("tk_")) <= set(ALPHABET)
    assert not looks_minted(name)


def test_a_task_is_for_its_key_its_keys_children_and_its_tenant() -> None:
    mine = Task(id="t", key="a", opened=UnixMs(0))
    assert may_use(Key(id="a"), mine)
    assert may_use(Key(id="b", makers=(Maker("a"),)), mine)
    assert not may_use(Key(id="b"), mine)
    assert not may_use(Key(id="a", tenant="acme"), mine)
    ours = msgspec.structs.replace(mine, tenant="acme")
    assert may_use(Key(id="b", tenant="acme"), ours)
    assert not may_use(Key(id="a", tenant="other"), ours)
    assert not may_use(Key(id="a"), ours)


def test_a_life_lapses_when_nobody_has_heard_of_it_for_so_long() -> None:
    assert not lapsed(BASE, UnixMs(0), UnixMs(86_400_000), DAY)
    assert lapsed(BASE, UnixMs(0), UnixMs(86_400_001), DAY)
    assert not lapsed(BASE, UnixMs(1), UnixMs(86_400_001), DAY)


@pytest.mark.parametrize("status", [Status.PAUSED, Status.STOPPED])
def test_what_waits_for_somebody_never_lapses(status: Status) -> None:
    waits = msgspec.structs.replace(BASE, status=status)
    assert not lapsed(waits, UnixMs(0), UnixMs(10**12), DAY)


def test_what_is_done_begins_anew_at_once() -> None:
    done = msgspec.structs.replace(BASE, status=Status.DONE)
    assert lapsed(done, NOON, NOON, DAY)
    again = renewed(done, NOON)
    assert (again.status, again.run, again.steps, again.began) == (Status.RUNNING, 2, 0, NOON)
    assert account_name(again) != account_name(done)


def test_a_new_life_keeps_only_a_deadline_that_is_ahead() -> None:
    for deadline, kept in ((NOON - 1, None), (NOON, None), (NOON + 1, NOON + 1)):
        task = msgspec.structs.replace(BASE, deadline=UnixMs(deadline))
        assert renewed(task, NOON).deadline == kept


def test_a_task_that_begins_with_a_call_is_its_keys() -> None:
    identity = Identity(task="t", name="n", agent="writer")
    task = begun(identity, Key(id="k", tenant="acme"), ("p", "g"), NOON)
    assert (task.key, task.tenant, task.agent) == ("k", "acme", "writer")
    assert (task.parent, task.ancestors, task.seen) == ("p", ("p", "g"), NOON)
    assert not task.declared


def test_a_childs_ancestors_are_its_parent_and_that_ones() -> None:
    parent = msgspec.structs.replace(BASE, id="p", ancestors=("g",))
    assert below(parent, "c") == ("p", "g")
    assert below(parent, "g") == below(parent, "p") == ()


def test_at_some_depth_all_are_siblings() -> None:
    chain: tuple[str, ...] = ()
    for number in range(3 * MOST_GENERATIONS):
        parent = msgspec.structs.replace(BASE, id=f"t{number}", ancestors=chain)
        chain = below(parent, "c")
        assert chain[-1] == "t0"
    assert len(chain) <= MOST_GENERATIONS


def changed(task: Task, words: dict[str, str]) -> Task:
    return msgspec.structs.replace(task, **words)


words = st.dictionaries(st.sampled_from(FREE), st.sampled_from(["a", "b"]))


@given(words, words)
def test_what_only_one_side_has_changed_is_kept_and_theirs_wins_the_rest(
    mine: dict[str, str], theirs: dict[str, str]
) -> None:
    found = merged(BASE, changed(BASE, mine), changed(BASE, theirs))
    assert {name: getattr(found, name) for name in FREE} == {
        name: theirs.get(name, mine.get(name, "")) for name in FREE
    }


@given(words, words)
def test_who_knows_of_a_later_life_is_right(mine: dict[str, str], theirs: dict[str, str]) -> None:
    later = renewed(changed(BASE, theirs), NOON)
    assert merged(BASE, changed(BASE, mine), later) == later
    found = merged(BASE, msgspec.structs.replace(BASE, run=3, began=NOON), later)
    assert (found.run, found.began) == (3, NOON)


def test_the_later_of_two_sights_is_kept_and_steps_are_the_stores() -> None:
    mine = msgspec.structs.replace(BASE, seen=NOON, steps=9)
    theirs = msgspec.structs.replace(BASE, goal="x", steps=4)
    found = merged(BASE, mine, theirs)
    assert (found.seen, found.steps, found.goal) == (NOON, 4, "x")

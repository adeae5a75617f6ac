"""What is done to a task by hand, and who may do it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.caller import ANONYMOUS, Key, Maker, Right
from switchgear.domain.errors import NotAllowed
from switchgear.domain.supervision import TaskConflict
from switchgear.domain.task import NO_CAPS, AtCap, Caps, Status, Task
from switchgear.domain.units import UnixMs
from switchgear.engine.handling import (
    BY_CALLER,
    HALTED,
    Hand,
    Verb,
    above,
    handled,
    narrower,
    sees,
)

NOW = UnixMs(1000)
OWN, ADMIN = Hand(key="k", above=False), Hand(key="root", note="enough")
ADMINS = frozenset({Right.ADMIN})
MADE = {"k": "team", "team": "root"}


def maker(key: str) -> str:
    return MADE.get(key, "")


def a_task(status: Status = Status.RUNNING, code: str = "", tenant: str = "acme") -> Task:
    fixed = Task(id="t", key="k", tenant=tenant, opened=UnixMs(0))
    return msgspec.structs.replace(fixed, status=status, code=code, why="because" if code else "")


HELD = ["loop", "cap", "budget", "deadline", "by_hand", ""]


@pytest.mark.parametrize("code", HELD)
@pytest.mark.parametrize("status", sorted(HALTED, key=str))
def test_its_own_key_does_not_let_go_what_holds_a_task(code: str, status: Status) -> None:
    held = a_task(status, code)
    for verb in (Verb.RESUME, Verb.DONE):
        with pytest.raises(NotAllowed, match="admin"):
            handled(held, verb, OWN, NOW)
    assert handled(held, Verb.RESUME, ADMIN, NOW).status is Status.RUNNING


deeds = st.lists(st.tuples(st.sampled_from(Verb), st.sampled_from([OWN, ADMIN])), max_size=8)


@given(st.sampled_from(sorted(HALTED, key=str)), st.sampled_from(HELD), deeds)
def test_whatever_its_own_key_does_first_it_never_lets_itself_go(
    status: Status, code: str, done: list[tuple[Verb, Hand]]
) -> None:
    task = a_task(status, code)
    for verb, hand in done:
        if hand is ADMIN:
            continue
        try:
            task = handled(task, verb, hand, NOW)
        except (NotAllowed, TaskConflict):
            continue
        assert task.status in HALTED


@given(deeds)
def test_only_what_its_own_key_has_halted_it_lets_go(done: list[tuple[Verb, Hand]]) -> None:
    task = a_task()
    for verb, hand in done:
        before = task
        try:
            task = handled(task, verb, hand, NOW)
        except (NotAllowed, TaskConflict):
            continue
        freed = before.status in HALTED and task.status not in HALTED
        assert not freed or hand.above or before.code == BY_CALLER


def test_a_halt_says_who_and_why_and_what_goes_on_has_no_reason() -> None:
    stopped = handled(a_task(), Verb.STOP, ADMIN, NOW)
    assert (stopped.code, stopped.why) == ("by_hand", "by the key root (enough)")
    running = handled(stopped, Verb.RESUME, ADMIN, NOW)
    assert (running.code, running.why, running.ticket, running.seen) == ("", "", "", NOW)
    assert handled(a_task(), Verb.PAUSE, Hand(), NOW).why == "by its owner"


@pytest.mark.parametrize(
    ("status", "verb"),
    [
        (Status.RUNNING, Verb.RESUME),
        (Status.PAUSED, Verb.PAUSE),
        (Status.STOPPED, Verb.STOP),
        (Status.DONE, Verb.DONE),
    ],
)
def test_what_is_so_already_stays_as_it_is(status: Status, verb: Verb) -> None:
    task = a_task(status)
    assert handled(task, verb, OWN, NOW) is task


@pytest.mark.parametrize(
    ("status", "verb"),
    [
        (Status.STOPPED, Verb.PAUSE),
        (Status.DONE, Verb.PAUSE),
        (Status.DONE, Verb.RESUME),
        (Status.DONE, Verb.STOP),
    ],
)
def test_what_cannot_be_from_there_is_a_conflict(status: Status, verb: Verb) -> None:
    with pytest.raises(TaskConflict):
        handled(a_task(status), verb, ADMIN, NOW)


@pytest.mark.parametrize(
    ("by", "may"),
    [
        (None, True),
        (ANONYMOUS, True),
        (Key(id="k", tenant="acme"), False),
        (Key(id="mate", tenant="acme"), False),
        (Key(id="team", tenant="acme"), True),
        (Key(id="root", tenant="acme"), True),
        (Key(id="team", tenant="other"), False),
        (Key(id="a", tenant="acme", rights=ADMINS), True),
        (Key(id="a", rights=ADMINS), True),
        (Key(id="a", tenant="other", rights=ADMINS), False),
    ],
)
def test_who_stands_above_a_task(by: Key | None, may: bool) -> None:  # noqa: FBT001  (what is expected)
    assert above(by, a_task(), maker) is may


def test_who_sees_a_task() -> None:
    task = a_task()
    assert sees(Key(id="mate", tenant="acme"), task, maker)
    assert sees(Key(id="a", rights=ADMINS), task, maker)
    assert not sees(Key(id="a", tenant="other", rights=ADMINS), task, maker)
    assert not sees(Key(id="mate"), task, maker)
    own = a_task(tenant="")
    assert sees(Key(id="child", makers=(Maker("k"),)), own, maker)
    assert sees(Key(id="team"), own, maker)
    assert not sees(Key(id="mate"), own, maker)


def test_makers_that_go_in_a_circle_are_looked_at_once() -> None:
    circle = {"k": "a", "a": "k"}
    assert not above(Key(id="x", tenant="acme"), a_task(), circle.__getitem__)


@pytest.mark.parametrize(
    ("after", "before", "fits"),
    [
        (Caps(steps=3), Caps(steps=4), True),
        (Caps(steps=5), Caps(steps=4), False),
        (NO_CAPS, Caps(steps=4), False),
        (Caps(steps=5), NO_CAPS, True),
        (Caps(at_cap=AtCap.STOP), Caps(at_cap=AtCap.PAUSE), False),
    ],
)
def test_what_is_not_more(after: Caps, before: Caps, fits: bool) -> None:  # noqa: FBT001  (what is expected)
    assert narrower(after, before) is fits

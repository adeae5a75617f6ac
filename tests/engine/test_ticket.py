"""What may become of a ticket, whatever is said to it."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.caller import Key, Maker, Right
from switchgear.domain.errors import MalformedBody, NotAllowed
from switchgear.domain.supervision import TicketDecided
from switchgear.domain.task import Caps, Status, Task
from switchgear.domain.ticket import Question, Ruling, Ticket, TicketKind, TicketState, Verdict
from switchgear.domain.units import UnixMs
from switchgear.engine.ticket import (
    MOST_ACTION,
    VERDICTS,
    canonical,
    check,
    claim,
    decide,
    digest_of,
    expire,
    may_decide,
    may_see,
    owns,
    paused,
    resumed,
    same,
    told,
    waits,
)

ASKED, LATE = UnixMs(1000), UnixMs(9000)
ACTION = '{"a":1}'

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
verdicts = st.sampled_from(Verdict)
kinds = st.sampled_from(TicketKind)


def ticket(kind: TicketKind = TicketKind.APPROVAL, **more: object) -> Ticket:
    fields = {"key": "agent", "asked": ASKED, "deadline": LATE, "digest": digest_of(ACTION), **more}
    question = Question(kind=kind, text="May I?", action=ACTION, task="tk_1")
    return Ticket(id="ti_1", question=question, **fields)  # type: ignore[arg-type]  # checked by use


def ruling(verdict: Verdict, name: str = "", note: str = "") -> Ruling:
    answer = "7" if verdict is Verdict.ANSWER else ""
    return Ruling(verdict=verdict, answer=answer, id=name, note=note)


def backwards(value: object) -> object:
    if isinstance(value, dict):
        return {name: backwards(value[name]) for name in reversed(value)}
    return [backwards(each) for each in value] if isinstance(value, list) else value


@given(values)
def test_the_order_of_keys_and_spaces_do_not_change_an_action(value: object) -> None:
    spaced = json.loads(json.dumps(backwards(value), indent=3))
    assert canonical(spaced) == canonical(value)
    assert msgspec.json.decode(canonical(value)) == value


@given(values, values)
def test_different_actions_have_different_digests(one: object, other: object) -> None:
    alike = msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted")
    assert (digest_of(canonical(one)) == digest_of(canonical(other))) is alike


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 1.0), (1, "1"), (1, True), (0, None), (2**70, 2**70 + 1), ("é", "e\u0301")],
)
def test_what_only_looks_alike_is_not_the_same_action(one: object, other: object) -> None:
    assert digest_of(canonical(one)) != digest_of(canonical(other))


def test_an_action_has_a_bound() -> None:
    assert canonical("x" * (MOST_ACTION - 2))
    with pytest.raises(MalformedBody):
        canonical("x" * (MOST_ACTION - 1))


@given(kinds, verdicts, verdicts)
def test_a_ticket_is_decided_once_and_by_what_fits_its_kind(
    kind: TicketKind, first: Verdict, second: Verdict
) -> None:
    asked = ticket(kind)
    if first not in VERDICTS[kind]:
        with pytest.raises(MalformedBody, match=kind.value):
            decide(asked, ruling(first), "human", ASKED)
        return
    done = decide(asked, ruling(first), "human", ASKED)
    assert (done.verdict, done.state is TicketState.OPEN) == (first, False)
    with pytest.raises((TicketDecided, MalformedBody)):
        decide(done, ruling(second), "human", ASKED)
    assert asked.state is TicketState.OPEN


@given(verdicts, st.sampled_from(["", "a", "b"]), st.sampled_from(["human", "other"]))
def test_only_the_same_decider_with_the_same_id_and_words_said_the_same(
    verdict: Verdict, name: str, by: str
) -> None:
    done = decide(ticket(), ruling(Verdict.APPROVE, "a"), "human", ASKED)
    alike = (verdict, name, by) == (Verdict.APPROVE, "a", "human")
    assert same(done, ruling(verdict, name), by) is alike


def test_after_the_deadline_nobody_decides_and_the_default_holds() -> None:
    asked = ticket(default=Verdict.APPROVE)
    assert decide(asked, ruling(Verdict.DENY), "human", UnixMs(LATE - 1)).verdict is Verdict.DENY
    with pytest.raises(TicketDecided):
        decide(asked, ruling(Verdict.DENY), "human", LATE)
    done = expire(asked, LATE)
    assert (done.state, done.verdict) == (TicketState.EXPIRED, Verdict.APPROVE)
    assert claim(done, ACTION, "agent", LATE).claimed == LATE


@given(st.sampled_from([each for each in Verdict if each is not Verdict.APPROVE]))
def test_only_what_was_approved_is_claimed(verdict: Verdict) -> None:
    kind = TicketKind.INPUT if verdict is Verdict.ANSWER else TicketKind.APPROVAL
    done = decide(ticket(kind), ruling(verdict), "human", ASKED)
    with pytest.raises(TicketDecided, match="not approved"):
        claim(done, ACTION, "agent", ASKED)


def test_what_was_asked_without_an_action_cannot_be_claimed() -> None:
    done = decide(ticket(digest=""), ruling(Verdict.APPROVE), "human", ASKED)
    for action in ("", ACTION):
        with pytest.raises(NotAllowed):
            claim(done, action, "agent", ASKED)


@pytest.mark.parametrize(
    ("key", "mine", "seen"),
    [
        (Key(id="agent"), True, True),
        (Key(id="child", makers=(Maker("agent"),)), True, True),
        (Key(id="other"), False, False),
        (Key(), False, False),
        (Key(id="agent", tenant="t"), False, False),
        (Key(id="boss", rights=frozenset({Right.DECIDE})), False, True),
        (Key(id="boss", rights=frozenset({Right.METRICS})), False, False),
        (Key(id="boss", tenant="t", rights=frozenset({Right.ADMIN})), False, False),
    ],
)
def test_a_ticket_without_tenant_is_its_keys_and_seen_by_who_decides(
    key: Key, *, mine: bool, seen: bool
) -> None:
    assert (owns(key, ticket()), may_see(key, ticket())) == (mine, seen)


@pytest.mark.parametrize(
    ("key", "mine", "seen"),
    [
        (Key(id="x", tenant="t"), True, True),
        (Key(id="agent"), False, False),
        (Key(id="agent", tenant="u", rights=frozenset({Right.ADMIN})), False, False),
        (Key(id="owner", rights=frozenset({Right.ADMIN})), False, True),
    ],
)
def test_a_ticket_of_a_tenant_is_the_tenants(key: Key, *, mine: bool, seen: bool) -> None:
    ours = ticket(tenant="t")
    assert (owns(key, ours), may_see(key, ours)) == (mine, seen)


def test_only_the_rights_to_decide_and_to_manage_let_a_key_decide() -> None:
    able = [each for each in Right if may_decide(Key(rights=frozenset({each})))]
    assert able == [Right.ADMIN, Right.DECIDE]


@given(st.sampled_from(Status), verdicts)
def test_a_task_that_waited_goes_on_only_when_that_was_approved(
    status: Status, verdict: Verdict
) -> None:
    kind = TicketKind.INPUT if verdict is Verdict.ANSWER else TicketKind.APPROVAL
    asked = ticket(kind)
    before = Task(id="tk_1", opened=ASKED, status=status, caps=Caps(depth=3))
    halted = paused(before, asked)
    assert waits(halted, asked)
    assert not waits(before, asked)
    given_caps = None if verdict in {Verdict.DENY, Verdict.TAKE_OVER} else Caps(steps=9)
    said = msgspec.structs.replace(ruling(verdict), caps=given_caps)
    after = resumed(halted, decide(asked, said, "human", ASKED))
    goes_on = verdict in {Verdict.APPROVE, Verdict.ANSWER}
    assert (after.status is Status.RUNNING) is goes_on
    assert after.caps == Caps(depth=3, steps=9 if goes_on else None)
    assert after.ticket == ""
    assert bool(after.why) is not goes_on


@given(kind=kinds, by_default=st.booleans())
def test_how_a_ticket_was_decided_is_said_without_its_content(
    *, kind: TicketKind, by_default: bool
) -> None:
    asked, verdict = ticket(kind), VERDICTS[kind][0]
    done = (
        expire(asked, LATE)
        if by_default
        else decide(asked, ruling(verdict, note="secret"), "human", ASKED)
    )
    words = told(done)
    assert "secret" not in words
    assert "May I" not in words
    assert ("deadline" in words) is by_default
    assert ("human" in words) is not by_default


@pytest.mark.parametrize(
    "question",
    [
        Question(text=""),
        Question(text="x" * 4001),
        Question(text="x", agent="y" * 201),
        Question(text="x", default=Verdict.ANSWER),
        Question(text="x", kind=TicketKind.INPUT, default=Verdict.APPROVE),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(question: Question) -> None:
    with pytest.raises(MalformedBody):
        check(question)


def test_an_ordinary_question_is_asked() -> None:
    check(Question(text="May I?", default=Verdict.APPROVE))

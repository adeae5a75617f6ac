"""What the figures read of a call."""

import msgspec
import pytest

from support.entries import attempt
from support.figured import call, case, chosen, said
from switchgear.domain.attempt import Role
from switchgear.domain.caller import Mode
from switchgear.domain.decision import Reason, Verdict
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.entry import End
from switchgear.domain.outcome import Fitness, Outcome, Source
from switchgear.domain.target import Tier
from switchgear.domain.units import UnixMs
from switchgear.engine.figure.case import Correction, case_of


def test_a_call_is_told_by_its_route_and_by_who_answered() -> None:
    found = case("sg_7", "mid", decision=chosen("mid", rule="long"), task="t", step=3, agent="a")
    assert (found.id, found.route, found.rule) == ("sg_7", "auto, rule long", "long")
    assert (found.target, found.planned, found.task, found.step) == ("mid", "mid", "t", 3)
    assert (found.auto, found.answered, found.asked) == (True, True, True)
    assert found.need is None


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": Mode.OBSERVE},
        {"decision": chosen("small", sticky=True)},
        {"decision": None},
        {"endpoint": Endpoint.COUNT},
        {"replayed": "sg_0"},
        {
            "decision": chosen(
                "small",
                verdicts=(Verdict("small", Reason.CHOSEN), Verdict("mid", Reason.NOT_ASKED)),
            )
        },
    ],
)
def test_what_the_router_did_not_choose_is_not_its_decision(changes: dict[str, object]) -> None:
    found = case("sg_1", "small", said(Fitness.GOOD_FIT), **changes)
    assert not found.auto
    assert found.need is None


@pytest.mark.parametrize(
    ("word", "correction"),
    [
        (said(override="large", source=Source.HUMAN), Correction.PERSON),
        (said(override="human", source=Source.LABEL), Correction.PERSON),
        (said(override="small", source=Source.USER), Correction.NONE),
        (said(override="large", source=Source.EVAL), Correction.VALIDATOR),
        (said(score=0.2, source=Source.VALIDATOR), Correction.VALIDATOR),
        (said(Fitness.FAILED), Correction.NONE),
        (said(Fitness.GOOD_FIT), Correction.NONE),
        (said(score=0.0, source=Source.ESCALATION), Correction.ESCALATION),
        (said(score=0.0, source=Source.USER), Correction.NONE),
        (said(score=0.0, source=Source.RETRY), Correction.NONE),
        (said(score=0.0, source=Source.LOOP), Correction.NONE),
    ],
)
def test_who_put_it_right_is_told_by_what_was_said(word: Outcome, correction: Correction) -> None:
    assert case("sg_1", "small", word).correction is correction


def test_an_escalation_and_a_flaw_are_seen_on_the_call_itself() -> None:
    tries = (attempt("small", flaw="empty"), attempt("mid", role=Role.ESCALATION))
    assert case("sg_1", "mid", attempts=tries).correction is Correction.ESCALATION
    assert case("sg_1", "small", attempts=tries[:1]).correction is Correction.VALIDATOR
    person = said(override="large", source=Source.HUMAN)
    assert case("sg_1", "mid", person, attempts=tries).correction is Correction.PERSON


def test_a_person_who_does_it_himself_takes_the_task_over() -> None:
    assert case("sg_1", "small", said(override="human", source=Source.HUMAN)).human
    assert not case("sg_1", "small", said(override="large", source=Source.HUMAN)).human


def test_of_what_its_user_says_the_last_word_counts() -> None:
    up = said(score=1.0, source=Source.USER, id="1", at=UnixMs(1))
    down = said(score=0.0, source=Source.USER, id="2", at=UnixMs(2))
    assert case("sg_1", "small", down, up).liked is False
    assert case("sg_1", "small", up).liked is True
    assert case("sg_1", "small", said(score=0.0)).liked is None
    assert case("sg_1", "small", said(Fitness.UNDERPOWERED, Source.USER)).liked is False


def test_whether_the_right_tool_was_chosen_is_what_was_said_last() -> None:
    right, wrong = said(tool=True, id="1", at=UnixMs(1)), said(tool=False, id="2", at=UnixMs(2))
    assert case("sg_1", "small", wrong, right).tool is False
    assert case("sg_1", "small", said(score=1.0)).tool is None


def test_who_left_or_failed_was_not_answered() -> None:
    assert case("sg_1", "small", end=End.LEFT).left
    found = case_of(msgspec.structs.replace(call(), end=End.FAILED, target=""), (), {})
    assert (found.answered, found.left, found.target) == (False, False, "small")


def test_what_is_known_of_its_need_goes_along() -> None:
    found = case("sg_1", "small", said(Fitness.UNDERPOWERED))
    assert found.need is not None
    assert found.need.needed is Tier.MID
    assert case_of(call(), (said(Fitness.GOOD_FIT),), {}).need is None

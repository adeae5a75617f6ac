"""What a row tells of a call that went up, and what a preview tells of one that may."""

import msgspec
import pytest

from support.cast import AUTO, NEVER, ask, policy
from support.entries import attempt, decision, entry
from switchgear.domain.attempt import Attempt, Role
from switchgear.domain.escalation import CERTAIN, Escalation
from switchgear.domain.situation import Situation
from switchgear.domain.units import Seconds
from switchgear.engine.decide import decide
from switchgear.engine.escalated import Escalated, Result, escalated, may_escalate, route_taken


def up(name: str, at: float, **changes: object) -> Attempt:
    return attempt(name, role=Role.ESCALATION, began=Seconds(at), **changes)


WEAK = attempt("small", flaw="empty")


@pytest.mark.parametrize(
    ("strong", "by", "result"),
    [
        (up("mid", 1), "mid", Result.BETTER),
        (up("mid", 1, flaw="empty"), "small", Result.NO_BETTER),
        (up("mid", 1, code="upstream_lost"), "small", Result.FAILED),
    ],
)
def test_each_time_is_told_with_what_came_of_it(strong: Attempt, by: str, result: Result) -> None:
    row = entry(attempts=(WEAK, strong), target=by)
    assert escalated(row) == (Escalated("small", "empty", "mid", result),)


def test_who_failed_is_not_whose_answer_was_poor() -> None:
    lost = up("mid", 1, code="upstream_lost")
    row = entry(attempts=(WEAK, lost, up("large", 2)), target="large")
    assert [(each.weak, each.strong) for each in escalated(row)] == [
        ("small", "mid"),
        ("small", "large"),
    ]


def test_other_calls_tell_nothing() -> None:
    assert escalated(entry()) == ()
    assert escalated(entry(attempts=())) == ()
    fallback = attempt("mid", role=Role.FALLBACK, began=Seconds(1.0))
    assert escalated(entry(attempts=(WEAK, fallback))) == ()


def test_a_route_is_what_was_asked_for_and_the_rule() -> None:
    assert route_taken(entry()) == "auto"
    assert route_taken(entry(decision=decision(rule="r"))) == "auto, rule r"
    assert route_taken(entry(decision=None)) == "", "its name is a caller's"


def test_a_preview_says_who_would_be_asked() -> None:
    rules = policy(version="may")
    found = may_escalate(rules, decide(ask(), Situation(), rules, NEVER), "auto")
    assert found is not None
    assert found.targets == ("mid", "large")
    assert found.when == CERTAIN
    assert (found.most, found.most_usd, found.streams) == (1, 0.1, False)


def test_where_it_is_off_or_nobody_can_serve_nothing_may_go_up() -> None:
    rules = policy(version="off", escalate=Escalation(on=False))
    assert may_escalate(rules, decide(ask(), Situation(), rules, NEVER), "auto") is None
    alone = msgspec.structs.replace(AUTO, targets=())
    nobody = policy(version="none", aliases={"auto": alone})
    assert may_escalate(nobody, decide(ask(), Situation(), nobody, NEVER), "auto") is None

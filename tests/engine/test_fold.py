"""The facts of a call, folded into its entry."""

import pytest

from support.stage import a_call
from switchgear.domain.attempt import Attempt
from switchgear.domain.entry import End
from switchgear.domain.fact import (
    Answered,
    Committed,
    Cut,
    Fact,
    Failed,
    Given,
    Left,
    Replayed,
    Skipped,
    Tried,
)
from switchgear.domain.fact import Ending as EndingFact
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.engine.fold import fold

FAILED = Attempt(target="a", model="m", code="upstream_busy", began=Seconds(0.1), took=Seconds(0.2))
GOOD = Attempt(
    target="b",
    model="m",
    began=Seconds(0.4),
    first_content=Seconds(0.3),
    took=Seconds(2.0),
    cost=NanoUsd(7),
)
FACTS: list[Fact] = [
    Tried(FAILED),
    Skipped("x"),
    Skipped("y", "over_budget"),
    Committed(first_content=Seconds(0.7), target="b", own=Seconds(0.05)),
    Tried(GOOD),
]


@pytest.mark.parametrize(
    ("ending", "end", "code", "status"),
    [
        (Answered(), End.ANSWERED, "", 200),
        (Cut("upstream_lost"), End.CUT, "upstream_lost", 200),
        (Left(), End.LEFT, "client_left", 499),
        (Failed("no_target", 503), End.FAILED, "no_target", 503),
    ],
)
def test_each_ending_has_its_row(ending: EndingFact, end: End, code: str, status: int) -> None:
    entry = fold(a_call(), [*FACTS, ending], now=Seconds(9.0), digest="d")
    assert (entry.end, entry.code, entry.status) == (end, code, status)
    assert entry.attempts == (FAILED, GOOD)
    assert entry.skipped == ("x", "y(over_budget)")
    assert (entry.target, entry.cost, entry.took, entry.own) == ("b", 7, 9.0, 0.05)
    assert entry.first_content == pytest.approx(0.7)


def test_a_call_that_was_never_decided_has_a_row_too() -> None:
    entry = fold(a_call(), [Failed("malformed_body", 400)], now=Seconds(1.0), digest="d")
    assert (entry.ask, entry.decision, entry.attempts, entry.target) == (None, None, (), "")


def test_a_call_that_got_an_earlier_answer_says_whose_and_cost_nothing() -> None:
    facts: list[Fact] = [Replayed("c0"), Committed(target="b", own=Seconds(0.1)), Answered()]
    entry = fold(a_call(), facts, now=Seconds(1.0), digest="d")
    assert (entry.replayed, entry.target, entry.cost, entry.attempts) == ("c0", "b", 0, ())


def test_what_two_layers_put_into_a_call_is_all_told() -> None:
    facts: list[Fact] = [
        Given(handoff="ho_1"),
        Given(entries=(("a", 1),)),
        Given(entries=(("b", 2),)),
    ]
    entry = fold(a_call(), [*facts, Answered()], now=Seconds(1.0), digest="d")
    assert (entry.given, entry.handoff) == ((("a", 1), ("b", 2)), "ho_1")

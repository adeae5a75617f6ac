import io

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from support.cast import policy
from support.entries import attempt, entries, entry
from switchgear.cli.tree import date, draw, money, shown, span
from switchgear.domain.attempt import Role
from switchgear.domain.entry import Entry
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.engine.escalated import May
from switchgear.engine.explain import Explanation, explain


def drawn(found: Entry) -> str:
    return drawing(explain(found, policy(), None))


def drawing(explanation: Explanation) -> str:
    console = Console(file=io.StringIO(), width=200)
    with console.capture() as capture:
        console.print(draw(explanation))
    return capture.get()


@given(entries)
def test_any_call_can_be_drawn_and_none_steers_the_terminal(found: Entry) -> None:
    said = drawn(found)
    assert all(each.isprintable() for each in said.replace("\n", ""))


@given(st.text())
def test_only_what_can_be_printed_is_shown(text: str) -> None:
    assert shown(text).isprintable()
    assert len(shown(text)) == len(text)


def test_markup_is_shown_as_it_is() -> None:
    assert "[bold]auto[/bold]" in drawn(entry(model="[bold]auto[/bold]"))


def test_what_a_translation_dropped_and_what_we_estimated_is_told() -> None:
    said = drawn(entry(attempts=(attempt(dropped=("seed", "logprobs"), estimated=True),)))
    assert "not carried over: seed, logprobs" in said
    assert "60 out (our estimate)" in said


def test_what_observing_would_have_saved_is_told() -> None:
    assert "what was asked for would have cost $0.008550" in drawn(
        entry(baseline=NanoUsd(8_550_000))
    )


def test_a_call_outside_every_tier_of_tries_says_nobody_was_tried() -> None:
    assert "tried    nobody" in drawn(msgspec.structs.replace(entry(), attempts=()))


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (span(None), "-"),
        (span(0.0123), "12.3 ms"),
        (span(12.345), "12.35 s"),
        (money(None), "-"),
        (money(0.000001), "$0.000001"),
        (date(0), "1970-01-01 00:00:00"),
    ],
)
def test_figures_are_said_as_people_would(said: str, wanted: str) -> None:
    assert said == wanted


def test_a_call_that_got_an_earlier_answer_says_which() -> None:
    said = drawn(entry(replayed="sg_first", attempts=(), decision=None, ask=None, situation=None))
    assert "it got the answer to sg_first" in said
    assert "refused" not in said


def test_each_time_that_it_went_up_is_told() -> None:
    weak = attempt("small", flaw="empty")
    strong = attempt("mid", role=Role.ESCALATION, began=Seconds(1.0))
    said = drawn(entry(attempts=(weak, strong), target="mid"))
    assert "went up" in said
    assert "from small to mid: empty" in said
    assert "its answer was delivered" in said
    assert "because the answer before was not good enough" in said
    assert "an earlier answer was delivered" in drawn(entry(attempts=(weak, strong)))


def test_a_preview_tells_whether_it_may_go_up() -> None:
    found = explain(entry(), policy(), None)
    may = May(when=("empty",), targets=("mid",), most=1, most_usd=0.1, streams=False)
    said = drawing(msgspec.structs.replace(found, may_escalate=may))
    assert "to mid" in said
    assert "1 x at most, for $0.100000" in said
    nobody = msgspec.structs.replace(may, targets=())
    assert "none that could serve it is stronger" in drawing(
        msgspec.structs.replace(found, may_escalate=nobody)
    )


def test_what_was_done_about_a_loop_is_told() -> None:
    seen = "look gave the same result 4 times in 4 turns"
    said = drawn(entry(rung="nudge", signals=("exact_repeat",), evidence=seen))
    assert f"circles  nudge, {seen}" in said
    assert "The target was told" in said

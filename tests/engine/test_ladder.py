"""The ladder: what is done about a task that goes in circles."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.looping import RUNGS, Looping, Stance
from switchgear.domain.mandate import Rung
from switchgear.engine.ladder import (
    BOTTOM,
    MOST_EVIDENCE,
    MOST_SEEN,
    RESTRICT,
    Standing,
    climb,
    evidence_of,
    highest_of,
    rested,
)
from switchgear.engine.loop.signal import Signal

ACTING = Looping()


def signal(occurrence: str, code: str = "exact_repeat", *, act: bool = True) -> Signal:
    return Signal(code=code, act=act, evidence=f"{code} was seen", occurrence=occurrence)


def climbed(
    *calls: Sequence[Signal], human: int = 1, sure: bool = True, looping: Looping = ACTING
) -> list[str]:
    """The rungs that these calls come to, one after the other; empty for nothing."""
    standing, found = BOTTOM, []
    for signals in calls:
        standing, rung = climb(standing, signals, human, sure=sure, looping=looping)
        found.append(rung.name if rung else "")
    return found


def test_nothing_seen_is_nothing_done() -> None:
    assert climb(BOTTOM, (), 0, sure=True, looping=ACTING) == (BOTTOM, None)


def test_a_rung_that_was_ignored_twice_is_left_for_the_next() -> None:
    calls = [[signal(str(number))] for number in range(11)]
    ladder = ["nudge", "escalate", "restrict", "pause"]
    assert climbed(*calls) == [name for name in ladder for _ in range(2)] + ["stop"] * 3


def test_the_same_occurrence_is_dealt_with_once() -> None:
    assert climbed([signal("a")], [signal("a")], [signal("a"), signal("b")]) == [
        *("nudge", "", "nudge")
    ]


def test_several_signals_of_one_call_are_one_rung_with_all_their_codes() -> None:
    signals = [signal("a"), signal("b", "cycle"), signal("c", "cycle")]
    _, rung = climb(BOTTOM, signals, 1, sure=True, looping=ACTING)
    assert rung == Rung("nudge", ("exact_repeat", "cycle"))


def test_a_signal_that_is_only_observed_is_written_down_and_moves_nothing() -> None:
    calls = [[signal(str(number), "growth", act=False)] for number in range(20)]
    assert climbed(*calls, [signal("x")]) == ["observe"] * 20 + ["nudge"]


def test_observed_signals_beside_one_to_act_on_are_not_what_led_there() -> None:
    signals = [signal("a"), signal("b", "growth", act=False)]
    _, rung = climb(BOTTOM, signals, 1, sure=True, looping=ACTING)
    assert rung == Rung("nudge", ("exact_repeat",))


def test_a_message_of_the_human_begins_anew_and_what_was_seen_before_is_not_new() -> None:
    standing, _ = climb(BOTTOM, [signal("a")], 1, sure=True, looping=ACTING)
    standing, _ = climb(standing, [signal("b")], 1, sure=True, looping=ACTING)
    standing, rung = climb(standing, [signal("a"), signal("b")], 2, sure=True, looping=ACTING)
    assert (standing.level, rung) == (0, None)
    _, rung = climb(standing, [signal("c")], 2, sure=True, looping=ACTING)
    assert rung is not None
    assert rung.name == "nudge"


def test_a_history_that_the_client_made_shorter_is_no_new_message() -> None:
    standing, _ = climb(BOTTOM, [signal("a")], 5, sure=True, looping=ACTING)
    standing, _ = climb(standing, [signal("b")], 2, sure=True, looping=ACTING)
    _, rung = climb(standing, [signal("c")], 5, sure=True, looping=ACTING)
    assert rung is not None
    assert rung.name == "escalate"


def test_patience_is_the_owners() -> None:
    calls = [[signal(str(number))] for number in range(4)]
    assert climbed(*calls, looping=Looping(patience=1)) == [
        "nudge",
        "escalate",
        "restrict",
        "pause",
    ]


@pytest.mark.parametrize("highest", RUNGS)
def test_no_rung_above_the_owners_highest_is_climbed(highest: str) -> None:
    calls = [[signal(str(number))] for number in range(20)]
    found = climbed(*calls, looping=Looping(highest=highest))
    assert found[-1] == highest
    assert all(RUNGS.index(each) <= RUNGS.index(highest) for each in found)


def test_a_task_that_is_not_surely_the_calls_is_never_paused() -> None:
    calls = [[signal(str(number))] for number in range(20)]
    assert climbed(*calls, sure=False)[-1] == RUNGS[RESTRICT]


@pytest.mark.parametrize("stance", [Stance.OBSERVE, Stance.OFF])
def test_who_only_observes_does_nothing(stance: Stance) -> None:
    calls = [[signal(str(number))] for number in range(6)]
    assert climbed(*calls, looping=Looping(stance=stance)) == ["observe"] * 6
    assert highest_of(Looping(stance=stance), sure=True) == 0


def test_a_task_that_somebody_lets_go_on_has_a_fresh_ladder() -> None:
    high = Standing(level=4, ignored=1, human=3, seen=("a",))
    standing, rung = climb(rested(high), [signal("a")], 3, sure=True, looping=ACTING)
    assert (standing.level, standing.seen, rung) == (0, ("a",), None)


def test_what_was_seen_is_said_of_the_signals_that_led_there_and_is_bounded() -> None:
    signals = [signal("a"), signal("b", "growth", act=False), signal("c")]
    assert evidence_of(signals, Rung("nudge", ("exact_repeat",))) == "exact_repeat was seen"
    many = [
        Signal(code="cycle", act=True, evidence=f"{number} " * 40, occurrence=str(number))
        for number in range(9)
    ]
    assert len(evidence_of(many, Rung("stop", ("cycle",)))) == MOST_EVIDENCE


signals = st.lists(
    st.builds(signal, st.text("abcdef", min_size=1, max_size=2), act=st.booleans()), max_size=3
)
loopings = st.builds(
    Looping,
    stance=st.sampled_from(Stance),
    highest=st.sampled_from(RUNGS),
    patience=st.integers(1, 4),
)


@given(
    st.lists(st.tuples(signals, st.integers(0, 3), st.booleans()), max_size=40),
    loopings,
)
def test_it_climbs_at_most_one_rung_at_once_and_comes_down_for_a_human_alone(
    calls: list[tuple[list[Signal], int, bool]], looping: Looping
) -> None:
    standing = BOTTOM
    for found, human, sure in calls:
        before = standing
        standing, rung = climb(before, found, human, sure=sure, looping=looping)
        spoke = human > before.human
        assert standing.level - (0 if spoke else before.level) in {0, 1}
        assert spoke or standing.level >= before.level
        assert len(standing.seen) <= MOST_SEEN
        new = [each for each in found if each.occurrence not in before.seen]
        assert (rung is None) == (not new)
        if rung is not None:
            assert RUNGS.index(rung.name) <= highest_of(looping, sure=sure)
            assert rung.signals
        if not any(each.act for each in new):
            assert rung is None or rung.name == "observe"
            assert standing.level == (0 if spoke else before.level)
        again, nothing = climb(standing, found, human, sure=sure, looping=looping)
        assert (again, nothing) == (standing, None), "the same was dealt with twice"

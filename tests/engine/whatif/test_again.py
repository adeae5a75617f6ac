import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.cast import NEVER, ask, policy
from support.entries import asks, situations
from support.pastime import NOW, POLICY, STRICT, observed, past
from switchgear.domain.ask import Ask, Step
from switchgear.domain.decision import Strategy
from switchgear.domain.entry import Entry
from switchgear.domain.odds import Odds
from switchgear.domain.situation import Situation
from switchgear.engine.decide import decide
from switchgear.engine.policy import Policy
from switchgear.engine.whatif.again import MOST_TASKS, Again, Replayer, chosen, differences


def replayer(under: Policy) -> Replayer:
    return Replayer(under, NEVER, lambda entry: entry.odds)


def again(by: Replayer, entry: Entry) -> Again:
    found = by.again(entry)
    assert found is not None
    return found


def in_loop(task: str, held: str) -> Entry:
    asked = ask(step=Step.TOOL_RESULT, held=held, task=task)
    return past("sg_2", asked, served=held)


def test_a_tool_loop_goes_on_where_the_other_policy_would_have_begun_it() -> None:
    by = replayer(STRICT)
    assert again(by, past("sg_1", ask(task="t1"))).decision.winner == "large"
    found = again(by, in_loop("t1", "small"))
    assert (found.ask.held, found.decision.winner, found.decision.sticky) == (
        "large",
        "large",
        True,
    )


def test_a_conversation_is_warm_where_the_other_policy_would_have_had_it() -> None:
    by = replayer(STRICT)
    again(by, past("sg_1", ask(task="t1")))
    found = again(by, past("sg_2", ask(task="t1", warm="small")))
    assert (found.ask.held, found.ask.warm) == ("", "large")
    assert again(by, past("sg_3", ask(task="t1", warm="mid"))).ask.warm == "mid"


def test_a_loop_that_began_before_stays_with_whom_it_was() -> None:
    found = again(replayer(STRICT), in_loop("t2", "mid"))
    assert (found.ask.held, found.decision.winner) == ("mid", "mid")


def test_what_holds_a_loop_is_not_taken_for_another_s() -> None:
    by = replayer(STRICT)
    again(by, past("sg_1", ask(task="t1")))
    assert again(by, in_loop("t1", "mid")).ask.held == "mid"


def test_no_more_tasks_are_kept_in_mind_than_there_is_room_for() -> None:
    by = replayer(POLICY)
    call = past()
    for number in range(MOST_TASKS + 5):
        by._remember(f"t{number}", call.target, "mid")
    assert len(by._moved) == MOST_TASKS
    assert "t4" not in by._moved


def test_a_call_without_an_ask_is_not_decided() -> None:
    assert replayer(POLICY).again(past(ask=None)) is None


def test_before_is_the_decision_s_first_and_in_observe_mode_who_served() -> None:
    assert chosen(past()) == "small"
    assert chosen(past(target="mid")) == "small"  # it fell back, but was sent there
    assert chosen(observed()) == "large"
    assert chosen(past(decision=None)) == ""


@pytest.mark.parametrize("strategy", list(Strategy))
@settings(max_examples=25, deadline=None)
@given(asked=asks, now=situations, draw=st.floats(0, 1, exclude_max=True))
def test_the_same_policy_makes_the_same_of_every_call(
    strategy: Strategy, asked: Ask, now: Situation, draw: float
) -> None:
    under = policy(strategy=strategy)
    fixed = msgspec.structs.replace(asked, draw=draw)
    decision = decide(fixed, now, under, NEVER)
    call = past(ask=fixed, situation=now, decision=decision)
    assert differences(call, under, NEVER) == ()


def test_what_came_out_otherwise_is_named() -> None:
    call = past()
    assert call.decision is not None
    other = msgspec.structs.replace(call.decision, plan=("mid",), why="")
    assert differences(past(decision=other), POLICY, NEVER) == ("plan", "why")
    assert differences(past(decision=None), POLICY, NEVER) is None


def test_a_share_of_the_draws_is_right_on_average() -> None:
    """Two thirds of the calls go to small by weight, whatever draw the row itself had."""
    under = policy(strategy=Strategy.WEIGHTED)
    by = replayer(under)
    found = []
    for number in range(400):
        call = past(asked=ask(draw=(number + 0.5) / 400))
        made = again(by, call)
        fresh = (number * 0.6180339887) % 1
        found.append(by.probable(made, call, "small", fresh))
    sure = decide(ask(draw=0.0), NOW, under, NEVER)
    expected = 3 / (3 + 1 + 1) if sure.propensity < 1 else 1.0
    assert sum(found) / len(found) == pytest.approx(expected, abs=0.03)


def test_other_chances_may_be_asked_for() -> None:
    asked: list[str] = []

    def odds(entry: Entry) -> Odds:
        asked.append(entry.id)
        return Odds(version="v9")

    assert again(Replayer(POLICY, NEVER, odds), past("sg_7")).odds.version == "v9"
    assert asked == ["sg_7"]

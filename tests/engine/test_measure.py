"""What a rung asks of a call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import policy
from switchgear.domain.edit import Append, ChooseTool
from switchgear.domain.target import Tier
from switchgear.domain.turn import Choice, Conversation, Role, Text, Tool, ToolChoice, Turn
from switchgear.engine.measure import (
    MOST_FIRST,
    SPEAKING,
    last_words,
    nudge,
    restriction,
    stronger,
)

TALK = Conversation(model="auto", turns=(Turn(Role.USER, (Text("Go."),)),))
SEEN = "look gave the same result 4 times"


def words(edit: object) -> str:
    assert isinstance(edit, Append)
    (turn,) = edit.turns
    (part,) = turn.parts
    assert turn.role is Role.USER
    assert isinstance(part, Text)
    return part.text


@pytest.mark.parametrize("again", [False, True])
def test_a_nudge_is_one_turn_at_the_tail_and_says_what_was_seen(*, again: bool) -> None:
    (edit,) = nudge(SEEN, again=again)
    assert SEEN in words(edit)
    assert ("still" in words(edit)) is again


def test_a_restriction_switches_tools_off_and_leaves_them_where_they_are() -> None:
    with_tools = Conversation(model="auto", turns=TALK.turns, tools=(Tool(name="look"),))
    choice, last = restriction(with_tools, SEEN)
    assert choice == ChooseTool(ToolChoice(choice=Choice.NONE))
    assert "final answer" in words(last)


def test_who_has_no_tools_is_only_told() -> None:
    (last,) = restriction(TALK, "")
    assert "brought nothing new" in words(last)


@given(st.sampled_from(Tier))
def test_stronger_targets_are_above_and_the_next_tier_comes_first(tier: Tier) -> None:
    targets = {each.id: each for each in policy().targets}
    found = [targets[name] for name in stronger(targets.values(), tier)]
    assert all(each.tier > tier and each.kind in SPEAKING for each in found)
    assert [each.tier for each in found] == sorted(each.tier for each in found)
    assert len(found) <= MOST_FIRST
    assert found or tier >= max(each.tier for each in targets.values() if each.kind in SPEAKING)


def test_nobody_is_stronger_than_who_is_not_known() -> None:
    assert stronger(policy().targets, None) == ()


def test_the_last_words_say_what_was_done_and_why() -> None:
    assert SEEN in last_words("paused", SEEN)
    assert "paused" in last_words("paused", SEEN)
    assert "nothing new" in last_words("stopped", "")

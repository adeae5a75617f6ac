"""Where a task is at home, by what its answers' heads say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.overseen import GO, looks
from switchgear.domain.dialect import Dialect
from switchgear.domain.mandate import Mandate
from switchgear.domain.target import Tier
from switchgear.domain.task import Task
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.domain.units import UnixMs
from switchgear.pipeline.task.home import at_home, learn
from switchgear.pipeline.task.live import Live
from switchgear.ports.handler import Head

USUAL, FORCED = Mandate(), Mandate(first=("strong",))


def a_task() -> Live:
    return Live(Task(id="tk_1", opened=UnixMs(0)), revision=1)


def head(target: str, instead: str = "", tier: str = "small") -> Head:
    return Head(
        target=target,
        model="m",
        dialect=Dialect.OPENAI_CHAT,
        stream=False,
        tier=tier,
        reason="",
        attempts=1,
        instead=instead,
    )


def talk(*turns: object) -> Conversation:
    return Conversation(model="auto", turns=turns)  # type: ignore[arg-type]  # a test's shorthand


def test_who_serves_it_undisturbed_is_its_home() -> None:
    live = a_task()
    learn(live, USUAL, head("a"))
    assert (live.task.home, live.course.away, live.dirty) == ("a", False, True)
    live.dirty = False
    learn(live, USUAL, head("a"))
    assert not live.dirty, "what is known was kept again"


@pytest.mark.parametrize(("mandate", "instead"), [(USUAL, "a"), (FORCED, "")])
def test_it_stays_away_until_its_home_serves_it_again(mandate: Mandate, instead: str) -> None:
    live = a_task()
    learn(live, USUAL, head("a"))
    learn(live, mandate, head("strong", instead))
    assert (live.task.home, live.course.away) == ("a", True)
    learn(live, USUAL, head("strong"))
    assert live.course.away
    assert at_home(USUAL, live, talk(GO)).home == "a"
    assert at_home(USUAL, live, talk(*looks(1))).home == "", "a tool loop was torn apart"
    learn(live, USUAL, head("a"))
    assert not live.course.away
    assert at_home(USUAL, live, talk(GO)).home == ""


def test_a_task_that_begins_with_a_failure_is_at_home_where_it_was_to_go() -> None:
    live = a_task()
    learn(live, USUAL, head("b", "a"))
    assert (live.task.home, live.course.away) == ("a", True)


def test_an_escalation_of_which_nothing_came_displaces_nobody() -> None:
    live = a_task()
    learn(live, USUAL, head("a"))
    learn(live, FORCED, head("a"))
    assert not live.course.away


def test_the_tier_that_answered_last_is_known() -> None:
    live = a_task()
    learn(live, USUAL, head("a", tier="mid"))
    assert live.course.tier is Tier.MID
    learn(live, USUAL, head("", tier=""))
    assert live.course.tier is Tier.MID


SAID = Turn(Role.ASSISTANT, (Text("Done."),))


def test_who_served_a_conversation_so_far_is_warm_there_and_nowhere_else() -> None:
    live = a_task()
    assert at_home(USUAL, live, talk(GO, SAID, GO)) == USUAL, "nobody has served it"
    learn(live, USUAL, head("a"))
    on = at_home(USUAL, live, talk(GO, SAID, GO))
    assert (on.warm, on.home) == ("a", "")
    assert not at_home(USUAL, live, talk(GO)).warm, "another conversation of it begins"
    assert not at_home(USUAL, live, talk(*looks(2))).warm, "a tool loop is held, and no more"
    learn(live, USUAL, head("strong", "a"))
    away = at_home(USUAL, live, talk(GO, SAID, GO))
    assert (away.warm, away.home) == ("", "a")


NAMES = st.sampled_from(["a", "b", "c"])


@given(st.lists(st.tuples(NAMES, st.sampled_from(["", "a", "b"]), st.booleans())))
def test_who_is_away_has_a_home_elsewhere(answers: list[tuple[str, str, bool]]) -> None:
    live = a_task()
    for target, instead, forced in answers:
        learn(live, FORCED if forced else USUAL, head(target, instead))
        if live.course.away:
            assert live.task.home not in {"", target}

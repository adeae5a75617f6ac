"""What is wrong with a whole answer, among the things that somebody wants to know of it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.escalation import CERTAIN, CHECKS, REFUSED
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    RefusalDelta,
    Stop,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Tokens
from switchgear.engine.validate.finding import Heard, found, heard, truncated

TALK = Conversation(model="auto", turns=())
END = Finished(stop=Stop.END)
SAID = Heard(text="hi", end=END)
CUT = Heard(text="hi", end=Finished(stop=Stop.LENGTH, usage=Usage(output=Tokens(50))))


def asking(limit: int | None) -> Conversation:
    return msgspec.structs.replace(TALK, max_output=limit)


def test_the_words_of_an_answer_are_put_together_without_its_thinking() -> None:
    events: list[Event] = [Opened(id="a", model="m"), ThinkingDelta("hm"), TextDelta("h")]
    said = heard([*events, TextDelta("i"), END], flaw="empty")
    assert said == Heard(text="hi", end=END, flaw="empty")
    assert heard(events) is None


@pytest.mark.parametrize("stop", Stop)
def test_a_refusal_is_known_by_its_words_or_its_end(stop: Stop) -> None:
    end = Finished(stop=stop)
    plain, refusing = heard([TextDelta("no"), end]), heard([RefusalDelta("no"), end])
    assert plain is not None
    assert refusing is not None
    assert refusing.refused
    assert plain.refused is (stop in {Stop.REFUSED, Stop.FILTERED})


@given(
    st.sets(st.sampled_from(CHECKS)).map(tuple),
    st.sampled_from(["", *CERTAIN]),
    st.floats(-10, 10),
    st.sampled_from(["hi", "on and on " * 99]),
)
def test_of_a_refusal_nothing_is_said_unless_it_was_named(
    when: tuple[str, ...], flaw: str, margin: float, text: str
) -> None:
    said = Heard(flaw=flaw, text=text, end=CUT.end, refused=True, margin=margin)
    assert found(said, TALK, when, 1.0) == (REFUSED if REFUSED in when else "")


@given(st.sets(st.sampled_from(CHECKS)).map(tuple), st.sampled_from(["", *CERTAIN]))
def test_what_is_found_was_named(when: tuple[str, ...], flaw: str) -> None:
    said = Heard(flaw=flaw, text="on and on " * 99, end=CUT.end, margin=0.0)
    assert found(said, TALK, when, 1.0) in {"", *when}


def test_each_is_found_by_its_own_sign() -> None:
    loop = Heard(text="on and on " * 99, end=END)
    unsure = msgspec.structs.replace(SAID, margin=0.9)
    for said, name in ((loop, "repeated"), (unsure, "unsure"), (CUT, "truncated")):
        assert found(said, TALK, CHECKS, 1.0) == name
        assert found(said, TALK, tuple(set(CHECKS) - {name}), 1.0) == ""
    assert found(SAID, TALK, CHECKS, 1.0) == ""
    assert found(msgspec.structs.replace(SAID, margin=1.0), TALK, CHECKS, 1.0) == ""


@pytest.mark.parametrize(
    ("asked", "allowed", "wrote", "whose"),
    [
        (None, None, 50, True),
        (None, None, None, True),
        (100, None, 50, True),
        (50, None, 50, False),
        (50, None, None, False),
        (None, 50, 50, False),
        (None, 100, 50, True),
        (100, 50, 50, False),
        (100, None, 0, False),
    ],
)
def test_a_target_is_blamed_only_for_a_bound_of_its_own(
    asked: int | None, allowed: int | None, wrote: int | None, *, whose: bool
) -> None:
    usage = None if wrote is None else Usage(output=Tokens(wrote))
    said = msgspec.structs.replace(
        CUT,
        end=Finished(stop=Stop.LENGTH, usage=usage),
        most_output=None if allowed is None else Tokens(allowed),
    )
    assert truncated(said, asking(asked)) is whose
    assert not truncated(SAID, asking(asked))

"""What we say in a call beside its caller's words."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.edit import Append, CapOutput
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.engine.addition import widened
from switchgear.engine.features import survey


def said(text: str) -> Turn:
    return Turn(Role.USER, (Text(text),))


def talk(*texts: str) -> Conversation:
    return Conversation(model="m", turns=tuple(said(each) for each in texts))


@given(st.text(max_size=200), st.text(max_size=200))
def test_it_counts_as_if_the_caller_had_said_it(one: str, other: str) -> None:
    wide = widened(survey(talk(one)), (CapOutput(5), Append((said(other),))))
    whole = survey(talk(one, other))
    assert (wide.chars, wide.turns) == (whole.chars, whole.turns)
    assert abs(wide.counts.gaps - whole.counts.gaps) <= 1
    assert (wide.counts.lower, wide.counts.marks) == (whole.counts.lower, whole.counts.marks)
    assert (wide.counts.ideographs, wide.counts.known) == (whole.counts.ideographs, True)


def test_the_last_word_of_the_user_is_still_the_callers() -> None:
    plain = survey(talk("Hi"))
    wide = widened(plain, (Append((said("You must prove it: 1 + 1 = 2? Only so!"),)),))
    assert (wide.last_chars, wide.constraints, wide.questions, wide.digits) == (2, 0, 0, 0)
    assert wide.maths == plain.maths


def test_what_says_nothing_changes_nothing() -> None:
    plain = survey(talk("Hi"))
    assert widened(plain, (CapOutput(5),)) is plain

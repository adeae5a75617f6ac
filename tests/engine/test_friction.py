"""What a hand-off costs the one who goes on."""

from collections.abc import Sequence

from switchgear.domain.handoff import Deed, Friction, Handoff, HandoffState
from switchgear.domain.units import Seconds, Tokens, UnixMs
from switchgear.engine.friction import MOST_CALLS, Watched, began, edges_of, reread, stepped


def deed(ask: str, answer: str) -> Deed:
    return Deed(tool="f", arguments=ask, result=answer, ask=ask.encode(), answer=answer.encode())


SENT = [deed("1", "one"), deed("2", "two")]


def watched(*steps: Sequence[Deed]) -> Watched:
    found = began("a", "b", SENT, Seconds(10.0), "ho_1")
    for number, fresh in enumerate(steps, 1):
        found = stepped(found, fresh, Seconds(10.0 + number))
    return found


def test_what_the_sender_had_asked_is_asked_again() -> None:
    found = watched([deed("1", "one")], [deed("2", "two"), deed("1", "one")], []).friction
    assert found == Friction(calls=4, repeated=3)


def test_the_first_new_result_says_how_long_it_took() -> None:
    found = watched([deed("1", "one")], [deed("3", "three")], [deed("4", "four")]).friction
    assert (found.turns, found.seconds, found.repeated) == (2, Seconds(2.0), 1)


def test_the_same_answer_to_another_question_is_nothing_new() -> None:
    assert watched([deed("3", "one")]).friction.turns is None
    assert watched([deed("1", "one, changed")]).friction.turns == 1


def test_what_is_taken_in_until_then_is_read_again() -> None:
    before = reread(watched(), Tokens(100))
    assert reread(before, Tokens(50)).friction.reread == 150
    after = stepped(before, [deed("3", "three")], Seconds(11.0))
    assert reread(after, Tokens(50)).friction.reread == 100
    assert before.reading
    assert not after.reading


def test_enough_is_enough() -> None:
    assert not watched(*[[]] * (MOST_CALLS - 2)).over
    assert watched(*[[]] * (MOST_CALLS - 1)).over


def handoff(sender: str, receiver: str, *frictions: Friction, times: int = 0) -> Handoff:
    state = HandoffState.IMPLICIT if times else HandoffState.GIVEN
    return Handoff(
        id=f"{sender}{receiver}{times}",
        task="t",
        sender=sender,
        receiver=receiver,
        at=UnixMs(1),
        state=state,
        times=times or 1,
        friction=frictions,
    )


def test_edges_have_medians_of_all_that_were_watched_the_busiest_first() -> None:
    one = Friction(calls=1, reread=Tokens(10), repeated=1, turns=1, seconds=Seconds(1.0))
    two = Friction(calls=1, reread=Tokens(30), repeated=4)
    three = Friction(calls=1, reread=Tokens(50), repeated=2, turns=3, seconds=Seconds(2.0))
    found = edges_of(
        [handoff("x", "y"), handoff("a", "b", one), handoff("a", "b", two, three, times=3)]
    )
    assert [(it.sender, it.receiver, it.count, it.said) for it in found] == [
        ("a", "b", 4, 1),
        ("x", "y", 1, 1),
    ]
    busy, idle = found
    assert (busy.watched, busy.reread, busy.repeated) == (3, 30, 2)
    assert (busy.turns, busy.seconds) == (2, 1.5)
    assert (idle.watched, idle.reread, idle.turns, idle.seconds) == (0, 0.0, None, None)
    assert edges_of([]) == ()

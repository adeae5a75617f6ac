import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from support.circling import TOLERANCE, Chat
from switchgear.domain.turn import Conversation, Image, Role, Text, ToolResult, ToolUse, Turn
from switchgear.engine.loop.detect import detect
from switchgear.engine.loop.move import Kind
from switchgear.engine.loop.read import moves_of
from switchgear.engine.loop.ring import EMPTY, MOST_MOVES, Ring

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["call", "say", "human", "pair"]),
        st.integers(0, 3),
        st.sampled_from(["", "thought"]),
    ),
    max_size=30,
)
IDS = st.sampled_from([None, "call_0", ""])


def play(chat: Chat, steps: list[tuple[str, int, str]], call_id: str | None) -> None:
    for kind, number, thought in steps:
        if kind == "call":
            chat.call("look", f"result {number}", thought, call_id, page=number)
        elif kind == "pair":
            chat.calls([("a", {"n": number}, "x"), ("b", {"n": number}, "y")], thought, call_id)
        elif kind == "say":
            chat.say(f"text {number}")
        else:
            chat.human(f"words {number}")


@settings(max_examples=40)
@given(STEPS, IDS)
def test_the_same_list_again_adds_nothing(
    steps: list[tuple[str, int, str]], call_id: str | None
) -> None:
    chat = Chat()
    play(chat, steps, call_id)
    before = chat.ring
    assert moves_of(chat.talk, before) == ()
    assert chat.send() == []
    assert chat.ring is before


@settings(max_examples=40)
@given(STEPS, IDS)
def test_a_list_read_as_it_grew_gives_what_it_gives_at_once(
    steps: list[tuple[str, int, str]], call_id: str | None
) -> None:
    chat = Chat()
    play(chat, steps, call_id)
    at_once = EMPTY.add(moves_of(chat.talk, EMPTY))
    names = [(move.kind, move.id, move.turn, move.place) for move in chat.ring.moves]
    found = [(move.kind, move.id, move.turn, move.place) for move in at_once.moves]
    assert found == names


@settings(max_examples=40)
@given(STEPS, STEPS, st.integers(2, 8))
def test_a_list_that_is_cut_to_its_last_turns_gives_only_what_is_new(
    steps: list[tuple[str, int, str]], more: list[tuple[str, int, str]], kept: int
) -> None:
    whole, cut = Chat(), Chat()
    play(whole, [*steps, *more], None)
    play(cut, steps, None)
    for step in more:
        start = max(len(cut.turns) - kept, 1)
        while start > 1 and cut.turns[start].role is not Role.ASSISTANT:
            start -= 1
        cut.turns = [cut.turns[0], *cut.turns[start:]]
        play(cut, [step], None)
    calls = [move.id for move in whole.ring.moves if move.kind is Kind.CALL]
    found = [move.id for move in cut.ring.moves if move.kind is Kind.CALL]
    shorter = min(len(calls), len(found))
    assert found[len(found) - shorter :] == calls[len(calls) - shorter :]


@settings(max_examples=40)
@given(STEPS, IDS)
def test_a_ring_holds_no_more_than_its_bound_and_counts_all(
    steps: list[tuple[str, int, str]], call_id: str | None
) -> None:
    chat = Chat()
    play(chat, steps * 3, call_id)
    assert len(chat.ring.moves) <= MOST_MOVES
    assert chat.ring.total >= len(chat.ring.moves)
    assert detect(chat.ring, TOLERANCE) == detect(
        Ring(chat.ring.moves, 0, chat.ring.total), TOLERANCE
    )


def test_compaction_hides_no_repetition_that_the_ring_has_seen() -> None:
    chat = Chat()
    for _ in range(3):
        chat.call("search", "a flight", to="SEA")
    summary = Turn(Role.USER, (Text("What happened so far: " + "I searched for flights. " * 60),))
    chat.turns = [chat.turns[0], summary]
    chat.send()
    assert not chat.acted
    chat.call("search", "a flight", to="SEA")
    assert chat.acted == {"exact_repeat"}
    assert chat.ring.humans == 1, "a summary is no human"


def test_a_short_new_list_of_a_known_task_is_a_human_who_begins_anew() -> None:
    chat = Chat()
    chat.call("search", "a flight", to="SEA")
    chat.turns = [chat.turns[0]]
    chat.human("Something else now: book the train.")
    assert chat.ring.humans == 2


def test_reminders_of_an_agents_program_are_no_human_and_hide_no_repetition() -> None:
    chat = Chat()
    for number in range(4):
        chat.call("search", "a flight", to="SEA")
        last = chat.turns[-1]
        reminder = Text(f"<system-reminder>{number} left</system-reminder>")
        chat.turns[-1] = Turn(Role.USER, (*last.parts, reminder))
    chat.send()
    assert chat.acted == {"exact_repeat"}
    assert chat.ring.humans == 1


def test_a_human_beside_a_result_is_heard() -> None:
    chat = Chat()
    chat.call("search", "a flight", to="SEA")
    last = chat.turns.pop()
    chat.turns.append(Turn(Role.USER, (*last.parts, Text("Stop, take the train."))))
    ring = EMPTY.add(moves_of(chat.talk, EMPTY))
    assert ring.humans == 2


def test_results_without_calls_calls_without_results_and_pictures_are_borne() -> None:
    turns = (
        Turn(Role.USER, (ToolResult(id="lost", parts=(Text("x"),)),)),
        Turn(Role.ASSISTANT, (ToolUse(id="open", name="t", arguments=""),)),
        Turn(Role.USER, (ToolResult(id="", parts=(Image(url="https://a.example/b.png"),)),)),
        Turn(Role.ASSISTANT, ()),
        Turn(Role.USER, (ToolResult(id="x", parts=(), failed=True),)),
        Turn(Role.SYSTEM, (Text("more"),)),
    )
    moves = moves_of(Conversation(model="m", turns=turns), EMPTY)
    assert [move.kind for move in moves] == [Kind.CALL] * 3
    assert moves_of(Conversation(model="m", turns=()), EMPTY) == ()


def test_a_move_keeps_nothing_of_what_was_said() -> None:
    chat = Chat("planner")
    chat.call("search", "SECRET result", "SECRET thought", "SECRET-id", to="SECRET city")
    chat.say("SECRET " * 80)
    assert b"SECRET" not in msgspec.msgpack.encode(chat.ring)


def test_a_long_list_is_read_from_its_end() -> None:
    chat = Chat()
    for number in range(300):
        chat.turns += [
            Turn(Role.ASSISTANT, (ToolUse(id=f"{number}", name="t", arguments="{}"),)),
            Turn(Role.USER, (ToolResult(id=f"{number}", parts=(Text(f"{number}"),)),)),
        ]
    moves = moves_of(chat.talk, EMPTY)
    assert len(moves) <= MOST_MOVES + 1
    assert moves[-1].turn == 300


ANY = st.text(max_size=12) | st.sampled_from(
    ["\ud800", '{"error": [', "exit code ", "[", "Error:", "0x", "2026-05-20T10", '"took":', "::"]
)
PARTS = st.one_of(
    st.builds(Text, ANY),
    st.builds(ToolUse, id=ANY, name=ANY, arguments=ANY),
    st.builds(ToolResult, id=ANY, parts=st.tuples(st.builds(Text, ANY)), failed=st.booleans()),
)
TURNS = st.lists(
    st.builds(Turn, st.sampled_from(Role), st.lists(PARTS, max_size=3).map(tuple)), max_size=8
)


@settings(max_examples=60)
@given(st.lists(st.tuples(TURNS, ANY), min_size=1, max_size=4))
def test_any_lists_of_any_callers_are_borne(calls: list[tuple[list[Turn], str]]) -> None:
    ring = EMPTY
    for turns, agent in calls:
        talk = Conversation(model="m", turns=tuple(turns))
        ring = ring.add(moves_of(talk, ring, agent))
        assert all(len(signal.evidence) <= 240 for signal in detect(ring, TOLERANCE))


def test_a_turn_that_the_client_changes_afterwards_is_not_counted_twice() -> None:
    chat = Chat()
    for number in range(3):
        chat.call("search", "a flight", to="SEA")
        reminder = Text(f"<system-reminder>{number} left</system-reminder>")
        chat.turns[-1] = Turn(Role.USER, (*chat.turns[-1].parts, reminder))
    chat.send()
    assert [move.kind for move in chat.ring.moves].count(Kind.CALL) == 3
    assert not chat.fired


def test_calls_in_assistant_turns_that_follow_one_another_were_made_at_once() -> None:
    chat = Chat()
    uses = [ToolUse(id=f"c{number}", name="search", arguments="{}") for number in range(5)]
    chat.turns += [Turn(Role.ASSISTANT, (use,)) for use in uses]
    results = [ToolResult(id=use.id, parts=(Text("a flight"),)) for use in uses]
    chat.turns.append(Turn(Role.USER, tuple(results)))
    assert not chat.send()
    assert {move.turn for move in chat.ring.moves if move.kind is Kind.CALL} == {1}

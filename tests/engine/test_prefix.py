"""Where a conversation stands after each of its answers."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.turn import Image, Part, Role, Text, Thinking, ToolResult, ToolUse, Turn
from switchgear.engine.prefix import MOST_WHOLE, answered, ends

TOOL = "call_KzQ3vd2BfTqYb1mWx8pLs0aR"
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=9)
parts = st.lists(
    st.one_of(
        st.builds(Text, texts),
        st.builds(ToolResult, id=texts, parts=st.tuples(st.builds(Text, texts))),
        st.builds(Image, url=texts),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
rounds = st.lists(st.tuples(parts, texts.filter(str.strip)), min_size=1, max_size=5)


def user(*said: Part) -> Turn:
    return Turn(Role.USER, said)


def model(*said: Part) -> Turn:
    return Turn(Role.ASSISTANT, said)


def dialogue(held: list[tuple[tuple[Part, ...], str]]) -> list[Turn]:
    return [turn for asked, said in held for turn in (user(*asked), model(Text(said)))]


@given(rounds)
def test_what_was_heard_of_an_answer_is_found_in_the_call_that_goes_on_from_it(
    held: list[tuple[tuple[Part, ...], str]],
) -> None:
    turns = dialogue(held)
    _, rolling = ends("k", turns[:-1])
    heard = answered(rolling, held[-1][1], ())
    found, _ = ends("k", [*turns, user(Text("and then?"))])
    assert found[-1] == heard
    assert len(found) == len(held)


@given(rounds, rounds)
def test_two_conversations_are_at_one_place_only_if_the_same_was_said(
    one: list[tuple[tuple[Part, ...], str]], other: list[tuple[tuple[Part, ...], str]]
) -> None:
    same = [(asked, said.strip()) for asked, said in one] == [
        (asked, said.strip()) for asked, said in other
    ]
    assert (ends("k", dialogue(one))[0][-1] == ends("k", dialogue(other))[0][-1]) is same


@given(rounds)
def test_callers_of_different_keys_are_never_at_one_place(
    held: list[tuple[tuple[Part, ...], str]],
) -> None:
    turns = dialogue(held)
    assert not set(ends("k1", turns)[0]) & set(ends("k2", turns)[0])


def test_how_a_dialect_divides_what_was_said_does_not_matter() -> None:
    use = ToolUse(id=TOOL, name="look", arguments="{}")
    whole = [
        user(Text("hi"), Text("there")),
        model(Thinking("hm"), Text("I look"), use),
        user(Text("x")),
    ]
    divided = [
        Turn(Role.SYSTEM, (Text("it is noon"),)),
        user(Text("hi")),
        user(Text("there")),
        model(Text("I ")),
        model(Text("look")),
        model(ToolUse(id=TOOL, name="look", arguments='{"at": 1}')),
        user(Text("x")),
    ]
    assert ends("k", whole)[0] == ends("k", divided)[0]
    _, rolling = ends("k", whole[:1])
    assert answered(rolling, "\nI look ", [(TOOL, "look")]) == ends("k", whole)[0][0]


def test_an_id_that_a_target_counts_is_left_out_as_a_writer_may_have_changed_it() -> None:
    def called(name: str) -> bytes:
        return ends("k", [user(Text("a")), model(ToolUse(id=name, name="f", arguments=""))])[0][0]

    assert called("call_0") == called("")
    assert called(TOOL) != called("")


def test_a_long_text_is_known_by_its_length_and_both_ends() -> None:
    def after(text: str) -> bytes:
        return ends("k", [user(Text(text)), model(Text("yes"))])[0][0]

    long = "a" * MOST_WHOLE * 4
    assert after(long) != after(long + "a")
    assert after("b" + long[1:]) != after(long)
    assert after(long[:-1] + "b") != after(long)


def test_an_answer_that_has_not_come_yet_has_no_end() -> None:
    assert ends("k", [user(Text("hi"))])[0] == []
    assert ends("k", [])[0] == []

"""What is heard of a task's calls: each tool call once, however its conversation comes."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.handoff import MOST_ARGUMENTS, MOST_DEEDS, MOST_RESULT, MOST_SAID
from switchgear.domain.turn import Role, Text, ToolResult, ToolUse, Turn
from switchgear.engine.history import NOTHING_DONE, History, hear, shortened

HI = Turn(Role.USER, (Text("hi"),))


def step(number: int, *, name: str = "", answer: str = "") -> tuple[Turn, Turn]:
    """One call of a tool, and its result."""
    use = ToolUse(id=name or f"c{number}", name="look", arguments=f'{{"q":{number}}}')
    result = ToolResult(id=use.id, parts=(Text(answer or f"found {number}"),))
    return Turn(Role.ASSISTANT, (Text(f"step {number}"), use)), Turn(Role.USER, (result,))


def talk(count: int, first: int = 0) -> tuple[Turn, ...]:
    return (HI, *[turn for number in range(first, count) for turn in step(number)])


def asked(history: History) -> list[str]:
    return [each.arguments for each in history.deeds]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_a_growing_conversation_is_heard_as_if_it_had_come_at_once(grown: list[int]) -> None:
    history, count, heard = NOTHING_DONE, 0, 0
    for more in grown:
        count += more
        history, fresh = hear(history, talk(count), "a")
        heard += len(fresh)
    assert heard == count
    assert history == hear(NOTHING_DONE, talk(count), "a")[0]
    assert asked(history) == [f'{{"q":{number}}}' for number in range(count)]
    assert {each.agent for each in history.deeds} <= {"a"}


def test_ids_that_come_again_are_other_calls_elsewhere() -> None:
    turns = (HI, *step(1, name="c"), *step(2, name="c"), *step(1, name="c"))
    history, fresh = hear(NOTHING_DONE, turns, "a")
    assert len(fresh) == len({each.mark for each in history.deeds}) == 3
    assert len({each.ask for each in history.deeds}) == 2


def test_a_list_that_was_cut_off_adds_nothing_twice() -> None:
    history, _ = hear(NOTHING_DONE, talk(6), "a")
    cut = (HI, *step(3)[:2], *step(4), *step(5))
    after, fresh = hear(history, cut, "a")
    assert len(fresh) <= 1  # the first of what is left stands in another place now
    assert len(after.deeds) <= 7


def test_another_agents_fresh_list_is_heard_whole() -> None:
    history, _ = hear(NOTHING_DONE, talk(3), "a")
    other = (Turn(Role.USER, (Text("other"),)), *[it for n in range(9) for it in step(n)])
    moved = History(deeds=history.deeds, said=history.said, turns=0)
    after, fresh = hear(moved, other, "b")
    assert len(fresh) == 9
    assert [each.agent for each in after.deeds] == ["a"] * 3 + ["b"] * 9


def test_what_has_no_result_was_not_done() -> None:
    history, fresh = hear(NOTHING_DONE, (HI, step(1)[0]), "a")
    assert fresh == ()
    assert history.said == "step 1"
    later, _ = hear(history, (HI, *step(1)), "a")
    assert asked(later) == ['{"q":1}']


def test_all_of_it_is_bounded() -> None:
    long = "x" * 5000
    use = ToolUse(id="c", name="look", arguments=long)
    turns = (HI, Turn(Role.ASSISTANT, (Text(long), use)), step(1, name="c", answer=long)[1])
    history, _ = hear(NOTHING_DONE, turns, "a")
    (deed,) = history.deeds
    assert (len(deed.arguments), len(deed.result)) == (MOST_ARGUMENTS, MOST_RESULT)
    assert len(history.said) == MOST_SAID
    many, fresh = hear(NOTHING_DONE, talk(500), "a")
    assert len(many.deeds) == len(fresh) == MOST_DEEDS
    assert asked(many)[-1] == '{"q":499}'
    assert many.size < MOST_SAID + MOST_DEEDS * (MOST_ARGUMENTS + MOST_RESULT + 300)
    assert hear(many, talk(500), "a") == (many, ())


def test_what_is_cut_says_so() -> None:
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "ab…"

"""Which task a call belongs to: what it says, or what it was answered before."""

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.finding import OTHER, Place
from support.recollected import model, user
from switchgear.adapters.clock import ManualClock
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.caller import Key, Maker, Wishes
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.event import Opened, TextDelta, ToolStarted
from switchgear.domain.task import SURE, Identity, Task
from switchgear.domain.turn import Text, ToolResult, ToolUse, Turn
from switchgear.domain.units import UnixMs
from switchgear.engine.task import may_use, task_id
from switchgear.pipeline.task.identity import SHARED, Finder, Memory, Trace
from switchgear.pipeline.task.registry import Tasks
from switchgear.ports.nursery import Nursery

TOOL, OTHER_TOOL = "call_KzQ3vd2BfTqYb1mWx8pLs0aR", "toolu_01A09q90qw90lq917835lq9"
words = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=9)
TRACES = [f"00-{number:032x}-b7ad6b7169203331-01" for number in (7, 8)]


def used(name: str) -> ToolUse:
    return ToolUse(id=name, name="look", arguments="{}")


def result(name: str) -> ToolResult:
    return ToolResult(id=name, parts=(Text("found"),))


@given(words, words, words)
def test_callers_with_different_keys_never_meet_whatever_they_say(
    one: str, other: str, name: str
) -> None:
    place = Place()
    keys = [Key(id=one), Key(id=one + other)]
    wishes = [Wishes(task=name), Wishes(marks=(("x-session-id", f"s{name}"),))]
    for wish in wishes:
        first, second = (place.said(key=key, wishes=wish) for key in keys)
        assert first.name == second.name
        assert first.task != second.task


def test_what_the_client_says_is_one_name_space_whichever_header_says_it() -> None:
    place = Place()
    ways = [
        place.said(wishes=Wishes(task="s-1")),
        place.said(wishes=Wishes(marks=(("x-session-id", "s-1"),))),
        place.said(end_user="user_a_session_s-1"),
    ]
    assert {each.task for each in ways} == {task_id("one", "s-1")}
    assert {each.name for each in ways} == {"s-1"}
    assert all(each.sure for each in ways)


def test_a_weak_word_never_leads_into_a_task_that_others_name_well() -> None:
    place = Place()
    strong, weak = place.said(wishes=Wishes(task="k")), place.said(cache_key="k")
    assert strong.task != weak.task
    assert not weak.sure
    assert place.said(user("another"), cache_key="k").task == weak.task


def test_the_words_come_in_their_order_and_what_was_inferred_last() -> None:
    place = Place()
    place.said(answer="hello")
    on = (user("hi"), model("hello"), user("more"))
    traced = ("traceparent", TRACES[0])
    trace = Wishes(marks=(("baggage", "session.id=b"), ("x-session-id", "s"), traced))
    sources = [
        place.said(*on, wishes=msgspec.structs.replace(trace, task="t"), cache_key="k").source,
        place.said(*on, wishes=trace, cache_key="k").source,
        place.said(*on, cache_key="k", previous="r").source,
        place.said(*on, previous="r").source,
        place.said(user("first"), wishes=Wishes(marks=(traced,))).source,
        place.said(*on).source,
        place.said(user("first")).source,
    ]
    assert sources == [
        "x-switchgear-task",
        "x-session-id",
        "prompt_cache_key",
        "previous_response_id",
        "traceparent",
        "prefix",
        "new",
    ]


def test_a_conversation_is_known_by_the_answers_that_are_in_it() -> None:
    place = Place()
    first = place.said(user("hi"), answer="hello")
    second = place.said(user("hi"), model("hello"), user("why?"), answer="so")
    third = place.said(user("hi"), model("hello"), user("why?"), model("so "), user("ah"))
    assert {first.task, second.task, third.task} == {first.task}
    assert (first.source, first.sure) == ("new", False)
    assert [(each.source, each.sure) for each in (second, third)] == [("prefix", True)] * 2


def test_strangers_who_begin_alike_are_never_one_task() -> None:
    place = Place()
    one, other = place.said(user("hi"), answer="hello"), place.said(user("hi"), answer="good day")
    assert one.task != other.task
    assert place.said(user("hi"), model("hello"), user("a")).task == one.task
    assert place.said(user("hi"), model("good day"), user("a")).task == other.task
    stranger = place.said(user("hi"), model("from elsewhere"), user("a"))
    assert stranger.source == "new"
    assert stranger.task not in {one.task, other.task}


def test_strangers_who_are_also_answered_alike_are_told_apart_from_then_on() -> None:
    place = Place()
    tasks = {place.said(user("hi"), answer="hello").task for _ in range(2)}
    one = place.said(user("hi"), model("hello"), user("a"), answer="one")
    other = place.said(user("hi"), model("hello"), user("b"), answer="two")
    assert len({*tasks, one.task, other.task}) == 4
    on = place.said(user("hi"), model("hello"), user("a"), model("one"), user("go on"))
    assert (on.task, on.sure) == (one.task, True)


@given(st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=6), st.data())
def test_a_conversation_that_goes_on_is_one_task_and_never_anothers(
    says: list[str], data: st.DataObject
) -> None:
    place = Place()
    held: dict[str, list[Turn]] = {}
    tasks: dict[str, str] = {}
    for number, word in enumerate(says):
        who = data.draw(st.sampled_from(["x", "y"]))
        turns = [*held.get(who, []), user(word)]
        answer = f"{who}{number}"
        found = place.said(*turns, answer=answer)
        assert tasks.setdefault(who, found.task) == found.task
        held[who] = [*turns, model(answer)]
    assert len(set(tasks.values())) == len(tasks)


def test_a_tool_call_that_was_handed_out_leads_home_also_after_the_client_has_compacted() -> None:
    place = Place()
    first = place.said(answer=[ToolStarted(index=0, id=TOOL, name="look")])
    compacted = place.said(user("so far: nothing"), model(used(TOOL)), user(result(TOOL)))
    assert (compacted.task, compacted.source) == (first.task, "tool_call")
    assert compacted.sure
    assert place.said(user(result(TOOL)), key=OTHER).task != first.task


def test_a_tool_call_that_was_handed_out_in_two_tasks_or_is_counted_tells_nothing() -> None:
    place = Place()
    for name in (OTHER_TOOL, "call_0"):
        tool = [ToolStarted(index=0, id=name, name="look")]
        tasks = [place.said(user("one"), answer=tool).task]
        if name == OTHER_TOOL:
            tasks.append(place.said(user("two"), answer=tool).task)
        found = place.said(user("three"), model(used(name)), user(result(name)))
        assert found.task not in tasks
        assert found.source == "new"


def test_counted_tool_calls_do_not_hide_the_conversation() -> None:
    place = Place()
    first = place.said(answer=[TextDelta("I look"), ToolStarted(index=0, id="call_0", name="look")])
    second = place.said(user("hi"), model("I look", used("call_0")), user(result("call_0")))
    assert (second.task, second.source) == (first.task, "prefix")


def test_an_answer_by_its_id_is_followed_with_its_key_alone() -> None:
    place = Place()
    first = place.said(answer=[Opened(id="resp_1", model="m")], keep=True)
    second = place.said(previous="resp_1", keep=True, answer=[Opened(id="resp_2", model="m")])
    third = place.said(previous="resp_2")
    assert {first.task, second.task, third.task} == {first.task}
    assert second.sure
    assert place.said(previous="resp_1", key=OTHER).task != first.task


def test_an_answer_that_nobody_remembers_begins_a_task_that_is_followed_from_there() -> None:
    place = Place()
    first = place.said(previous="resp_lost", keep=True, answer=[Opened(id="resp_2", model="m")])
    assert not first.sure
    second = place.said(previous="resp_2")
    assert second.task == first.task
    assert not second.sure


def test_a_trace_for_each_request_does_not_part_a_conversation() -> None:
    place = Place()
    one, two = (Wishes(marks=(("traceparent", each),)) for each in TRACES)
    first = place.said(wishes=one, answer="hello")
    on = place.said(user("hi"), model("hello"), user("more"), wishes=two)
    assert (on.task, on.source) == (first.task, "prefix")
    assert not on.sure, "others may be in the same trace"
    apart = place.said(user("something else"), wishes=two)
    assert apart.task != first.task
    assert place.said(user("and that"), wishes=two).task == apart.task


def test_an_id_of_ours_is_the_task_itself_only_for_those_who_may_use_it() -> None:
    place = Place()
    mine = Task(id=task_id("one", "job"), key="one", opened=UnixMs(1))

    async def opened() -> None:
        await place.tasks.open(mine)

    asyncio.run(opened())
    by_id = Wishes(task=mine.id)
    assert place.said(wishes=by_id).task == mine.id
    child = Key(id="child", makers=(Maker(id="one"),))
    assert may_use(child, mine)
    assert place.said(wishes=by_id, key=child).task == mine.id
    stranger = place.said(wishes=by_id, key=OTHER)
    assert stranger.task == task_id("other", mine.id)
    part = place.said(wishes=Wishes(task="part", parent_task=mine.id), key=child)
    assert part.parent == mine.id
    assert place.said(wishes=Wishes(task="job", parent_task="job")).parent == ""


def test_an_id_of_ours_is_looked_for_in_the_store_too() -> None:
    papers = MemoryPapers()
    task = Task(id=task_id("one", "job"), key="one", opened=UnixMs(1))
    place = Place()

    async def elsewhere() -> None:
        await Tasks(papers, ManualClock(), Nursery()).open(task)

    asyncio.run(elsewhere())
    place.tasks = Tasks(papers, place.clock, Nursery())
    place.finder = Finder(place.tasks)
    child = Key(id="child", makers=(Maker(id="one"),))
    assert place.said(wishes=Wishes(task=task.id), key=child).task == task.id


def test_an_agent_is_told_by_ours_before_theirs() -> None:
    place = Place()
    marks = (("x-claude-code-session-id", "s"), ("x-claude-code-agent-id", "a1"))
    assert place.said(wishes=Wishes(marks=marks)).agent == "a1"
    assert place.said(wishes=Wishes(marks=marks, agent="mine")).agent == "mine"


@pytest.mark.parametrize("endpoint", [Endpoint.COUNT, Endpoint.EMBED, Endpoint.FILES])
def test_what_is_no_step_opens_no_task_that_nobody_names(endpoint: Endpoint) -> None:
    place = Place()
    assert place.said(endpoint=endpoint).task == ""
    named = place.said(endpoint=endpoint, wishes=Wishes(task="t"))
    assert named.task == task_id("one", "t")


def test_a_count_is_of_the_conversation_that_it_counts() -> None:
    place = Place()
    first = place.said(answer="hello")
    count = place.said(user("hi"), model("hello"), user("more"), endpoint=Endpoint.COUNT)
    assert count.task == first.task


def test_the_oldest_is_forgotten_first_and_what_was_asked_for_lately_last() -> None:
    memory: Memory[str] = Memory(2)
    memory.keep("a", Trace("1"))
    memory.keep("b", Trace("2"))
    assert memory.find("a") == Trace("1")
    memory.keep("c", Trace("3"))
    assert memory.find("b") is None
    assert (memory.find("a"), memory.find("c")) == (Trace("1"), Trace("3"))
    memory.keep("a", Trace("9"))
    assert memory.find("a") is None
    memory.keep("a", Trace("1"))
    assert memory.find("a") is None
    assert SHARED.task == ""


def test_confidence_says_what_may_be_done() -> None:
    assert Identity(confidence=SURE).sure
    assert not Identity(confidence=SURE - 0.01).sure

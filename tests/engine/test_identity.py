"""Which of many words names a task, and which say nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.caller import Wishes
from switchgear.domain.task import SURE
from switchgear.domain.turn import Conversation
from switchgear.engine.identity import (
    MARKS,
    MOST_LETTERS,
    SESSIONS,
    Word,
    distinct,
    said,
    tells,
    traced,
    written,
)

CODEX = ("user-agent", "codex_cli_rs/0.114.0 (Ubuntu 24.4.0; x86_64) xterm")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
USER = f"user_{'a' * 64}_account__session_s-9"
JSON_USER = '{"device_id":"d","account_uuid":"","session_id":"s-9","parent_session_id":"s-8"}'

HEADERS = [
    ("x-claude-code-session-id", "cc"),
    ("thread-id", "th"),
    ("session-id", "se"),
    ("conversation_id", "co"),
    ("session_id", "os"),
    *[(name, f"of-{place}") for place, (name, _) in enumerate(SESSIONS)],
]
"""In the order in which they are asked."""


def names(*marks: tuple[str, str], task: str = "") -> Word | None:
    return said(Wishes(task=task, marks=marks))


def talk(**fields: object) -> Conversation:
    return Conversation(model="auto", turns=(), **fields)  # type: ignore[arg-type]  # a test's shorthand


def test_ours_comes_before_every_other_header() -> None:
    word = names(*HEADERS, CODEX, task="mine")
    assert word == Word(name="mine", source="x-switchgear-task", confidence=1.0)


@pytest.mark.parametrize("place", range(len(HEADERS)))
def test_of_the_headers_the_first_of_the_list_tells(place: int) -> None:
    word = names(*reversed(HEADERS[place:]), CODEX)
    assert word is not None
    assert (word.source, word.name) == HEADERS[place]
    assert word.confidence >= SURE


@given(st.sets(st.sampled_from(HEADERS)), st.randoms())
def test_their_order_in_the_request_does_not_matter(
    some: set[tuple[str, str]], luck: object
) -> None:
    first = [each for each in HEADERS if each in some]
    mixed = sorted(some, key=lambda _: luck.random())  # type: ignore[attr-defined]  # hypothesis has no type for it
    assert names(*mixed, CODEX) == names(*first, CODEX)


def test_the_headers_of_codex_tell_nothing_of_anybody_else() -> None:
    found = [each for each in HEADERS if each[0] in {"thread-id", "session-id", "session_id"}]
    assert names(*found) is None
    assert names(*found, ("user-agent", "OpenAI/Python 2.1.0")) is None
    assert names(*found, CODEX) is not None


def test_claude_code_names_a_session_and_each_of_its_agents_a_task_in_its_senders() -> None:
    session = ("x-claude-code-session-id", "s")
    main, one = names(session), names(session, ("x-claude-code-agent-id", "a1"))
    two = names(session, ("x-claude-code-agent-id", "a2"), ("x-claude-code-parent-agent-id", "a1"))
    assert main is not None
    assert one is not None
    assert two is not None
    assert (main.name, main.parent, main.agent) == ("s", "", "")
    assert (one.name, one.parent, one.agent) == ("s/a1", "s", "a1")
    assert (two.name, two.parent, two.agent, two.parent_agent) == ("s/a2", "s/a1", "a2", "a1")
    assert {each.confidence for each in (main, one, two)} == {1.0}


def test_a_thread_of_codex_is_part_of_the_one_that_sent_it_or_of_its_session() -> None:
    first = names(("thread-id", "s"), ("session-id", "s"), CODEX)
    assert first is not None
    assert (first.name, first.parent) == ("s", "")
    other = names(("thread-id", "t"), ("session-id", "s"), CODEX, ("x-openai-subagent", "review"))
    assert other is not None
    assert (other.name, other.parent, other.agent) == ("t", "s", "review")
    sent = names(("thread-id", "u"), ("session-id", "s"), ("x-codex-parent-thread-id", "t"), CODEX)
    assert sent is not None
    assert (sent.name, sent.parent) == ("u", "t")


def test_a_session_may_say_whose_part_it_is_and_is_never_its_own() -> None:
    part = names(("x-session-affinity", "s2"), ("x-parent-session-id", "s1"))
    assert part is not None
    assert part.parent == "s1"
    own = names(("x-session-id", "s1"), ("x-parent-session-id", "s1"))
    assert own is not None
    assert own.parent == ""


BODIES = [
    ("metadata.session_id", talk(metadata=(("session_id", "s-7"),), end_user=USER, cache_key="k")),
    ("metadata.user_id", talk(end_user=USER, cache_key="k")),
    ("prompt_cache_key", talk(end_user="user-1", cache_key="k")),
]


@pytest.mark.parametrize(("source", "body"), BODIES)
def test_of_the_body_the_first_of_the_list_tells(source: str, body: Conversation) -> None:
    word = written(body)
    assert word is not None
    assert word.source == source


def test_an_end_user_is_no_task_but_for_the_session_that_is_in_its_name() -> None:
    assert written(talk(end_user="user-1")) is None
    assert written(talk(end_user='{"device_id":"d"}')) is None
    assert written(talk(end_user='{"session_id":')) is None
    assert written(talk(end_user='{"session_id":7}')) is None
    old, new = written(talk(end_user=USER)), written(talk(end_user=JSON_USER))
    assert old is not None
    assert new is not None
    assert (old.name, old.parent) == ("s-9", "")
    assert (new.name, new.parent) == ("s-9", "s-8")


def test_what_several_may_share_is_too_unsure_to_stop_a_call() -> None:
    shared = [
        written(talk(cache_key="k")),
        traced(Wishes(marks=(("baggage", "session.id=s"),))),
        traced(Wishes(marks=(("traceparent", TRACE),))),
    ]
    assert all(word is not None and word.confidence < SURE for word in shared)


@pytest.mark.parametrize(
    ("baggage", "name"),
    [
        ("session.id=s1", "s1"),
        ("user=a, session.id = s%201;ttl=5 ,x=y", "s 1"),
        ("session.ids=s1", ""),
        ("my.session.id=s1", ""),
        ("session.id", ""),
        ("session.id=", ""),
    ],
)
def test_the_session_of_baggage_is_read_as_its_standard_says(baggage: str, name: str) -> None:
    word = traced(Wishes(marks=(("baggage", baggage),)))
    assert ("" if word is None else word.name) == name


def test_baggage_comes_before_the_trace_and_a_broken_trace_tells_nothing() -> None:
    both = traced(Wishes(marks=(("traceparent", TRACE), ("baggage", "session.id=s"))))
    assert both is not None
    assert both.source == "baggage"
    trace = traced(Wishes(marks=(("traceparent", TRACE),)))
    assert trace is not None
    assert trace.name == TRACE.split("-")[1]
    for broken in ("", "00", "00-short-b7ad6b7169203331-01", f"00-{'0' * 32}-b7ad6b7169203331-01"):
        assert traced(Wishes(marks=(("traceparent", broken),))) is None


@pytest.mark.parametrize("word", ["", "default", "NULL", "00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("header", [name for name, _ in HEADERS])
def test_what_is_the_same_for_all_names_no_task(header: str, word: str) -> None:
    assert names((header, word), CODEX) is None
    assert not tells("x" * (MOST_LETTERS + 1))


def test_every_header_that_is_asked_for_is_listed() -> None:
    assert {name for name, _ in HEADERS} <= set(MARKS)


@pytest.mark.parametrize(
    ("tool_call", "trusted"),
    [
        ("call_0", False),
        ("1", False),
        ("", False),
        ("call_00000012", False),
        ("functions.read_file:0", False),
        ("call_get_temperature", False),
        ("GetTemperature", False),
        ("call_KzQ3vd2BfTqYb1mWx8pLs0aR", True),
        ("toolu_01A09q90qw90lq917835lq9", True),
        ("chatcmpl-tool-4f1e2c3b5a6d7e8f9a0b1c2d3e4f5a6b", True),
        ("D681PevKs", True),
        ("8c6e0f6e-9a0b-4c59-9f6b-3f1d2e4c5b6a", True),
    ],
)
def test_only_ids_that_look_drawn_are_taken_for_nobody_elses(
    tool_call: str, *, trusted: bool
) -> None:
    assert distinct(tool_call) is trusted

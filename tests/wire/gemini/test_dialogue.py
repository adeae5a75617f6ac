"""Turns as contents: who speaks when, and where signatures stand."""

from typing import Any

import pytest

from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import (
    Document,
    Image,
    Part,
    Role,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.wire.gemini.dialogue import SILENCE, Dialogue
from switchgear.wire.gemini.signature import NOT_CHECKED

GEMINI = Dialect.GEMINI
HI = Turn(Role.USER, (Text("hi"),))
ONE = ToolUse(id="1", name="f", arguments='{"a":1}')
TWO = ToolUse(id="2", name="g", arguments="")
DONE = Turn(Role.USER, (ToolResult(id="1", parts=(Text("x"),)), ToolResult(id="2", parts=())))


def told(*turns: Turn, newest: bool = False) -> tuple[list[dict[str, Any]], list[str]]:
    dialogue = Dialogue({}, newest=newest)
    dialogue.tell(turns)
    return dialogue.contents, list(dialogue.dropped)


def said(*parts: Part, newest: bool = False) -> list[dict[str, Any]]:
    contents, _ = told(HI, Turn(Role.ASSISTANT, parts), newest=newest)
    found: list[dict[str, Any]] = contents[1]["parts"]
    return found


def kinds(parts: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(next(iter(part)), part.get("thoughtSignature")) for part in parts]


def signed(signature: str, text: str = "") -> Thinking:
    return Thinking(text, signature, origin=GEMINI)


def test_turns_of_one_speaker_are_one_content() -> None:
    contents, _ = told(HI, HI, Turn(Role.ASSISTANT, (Text("a"),)), Turn(Role.ASSISTANT, (TWO,)))
    assert [(each["role"], len(each["parts"])) for each in contents] == [("user", 2), ("model", 2)]


@pytest.mark.parametrize("turns", [(), (Turn(Role.SYSTEM, (Text("s"),)),)])
def test_where_nobody_speaks_the_user_is_silent(turns: tuple[Turn, ...]) -> None:
    assert told(*turns)[0] == [{"role": "user", "parts": [{"text": SILENCE}]}]


def test_a_model_does_not_speak_first() -> None:
    contents, _ = told(Turn(Role.ASSISTANT, (Text("a"),)))
    assert [each["role"] for each in contents] == ["user", "model"]


def test_results_follow_their_calls_and_the_user_s_words_come_after() -> None:
    words = Turn(Role.USER, (Text("and?"), ToolResult(id="1", parts=(Text("x"),))))
    late = Turn(Role.USER, (ToolResult(id="2", parts=(Text("y"),)),))
    contents, _ = told(HI, Turn(Role.ASSISTANT, (ONE, TWO)), words, late)
    assert [each["role"] for each in contents] == ["user", "model", "user", "user"]
    results = [part["functionResponse"] for part in contents[2]["parts"]]
    assert [(each["id"], each["name"], each["response"]) for each in results] == [
        ("1", "f", {"output": "x"}),
        ("2", "g", {"output": "y"}),
    ]
    assert contents[3]["parts"] == [{"text": "and?"}]


def test_a_result_of_no_call_that_is_here_has_its_id_for_a_name() -> None:
    contents, _ = told(HI, DONE)
    assert contents[1]["parts"][0]["functionResponse"]["name"] == "1"


def test_a_failed_result_is_an_error_and_several_texts_are_a_list() -> None:
    result = ToolResult(id="1", parts=(Text("a"), Text("b")), failed=True)
    contents, _ = told(HI, Turn(Role.ASSISTANT, (ONE,)), Turn(Role.USER, (result,)))
    assert contents[2]["parts"][0]["functionResponse"]["response"] == {"error": ["a", "b"]}


@pytest.mark.parametrize("newest", [False, True])
def test_pictures_of_a_tool_are_in_its_result_or_shown_after_it(newest: bool) -> None:  # noqa: FBT001 - a case
    picture = Image(media_type="image/png", data="AAAA")
    turns = (Turn(Role.ASSISTANT, (ONE,)), Turn(Role.USER, (ToolResult(id="1", parts=(picture,)),)))
    contents, _ = told(HI, *turns, newest=newest)
    inline = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    assert contents[2]["parts"][0]["functionResponse"].get("parts") == (
        [inline] if newest else None
    )
    shown = [part for content in contents[3:] for part in content["parts"]]
    assert (inline in shown) is not newest


def test_a_later_system_prompt_is_the_user_s_words_and_says_what_it_is() -> None:
    contents, _ = told(HI, Turn(Role.SYSTEM, (Text("Stop."),)))
    assert contents[0]["parts"][1] == {"text": "<system>\nStop.\n</system>"}


def test_a_signature_before_a_call_stands_on_the_call() -> None:
    assert kinds(said(signed("AAAA"), ONE, TWO)) == [
        ("functionCall", "AAAA"),
        ("functionCall", None),
    ]
    assert kinds(said(signed("AAAA", "hm"), Text("x"), ONE)) == [
        ("text", None),
        ("text", None),
        ("functionCall", "AAAA"),
    ]
    assert kinds(said(signed("AAAA"), ONE, signed("BBBB"), TWO)) == [
        ("functionCall", "AAAA"),
        ("functionCall", "BBBB"),
    ]
    both = said(signed("AAAA"), signed("BBBB"), ONE, TWO)
    assert [part["thoughtSignature"] for part in both] == ["AAAA", "BBBB"]


def test_a_signature_without_a_call_stands_on_the_words_before_it() -> None:
    assert said(Text("x"), signed("AAAA")) == [{"text": "x", "thoughtSignature": "AAAA"}]
    assert said(signed("AAAA", "hm"), Text("x")) == [
        {"text": "hm", "thought": True, "thoughtSignature": "AAAA"},
        {"text": "x"},
    ]
    assert said(signed("AAAA"), Text("x"))[0] == {"text": "", "thoughtSignature": "AAAA"}
    older = said(Text("x"), signed("AAAA"), signed("BBBB"), ONE)
    assert kinds(older) == [("text", "AAAA"), ("functionCall", "BBBB")]


def test_only_models_that_demand_a_signature_get_google_s_stand_in_and_once_in_a_step() -> None:
    assert kinds(said(ONE, TWO)) == [("functionCall", None), ("functionCall", None)]
    assert kinds(said(ONE, TWO, newest=True)) == [
        ("functionCall", NOT_CHECKED),
        ("functionCall", None),
    ]
    assert kinds(said(signed("AAAA"), ONE, newest=True)) == [("functionCall", "AAAA")]


@pytest.mark.parametrize(
    "thought",
    [
        Thinking("hm", "AAAA", origin=Dialect.ANTHROPIC_MESSAGES),
        Thinking("", redacted="AAAA", origin=Dialect.ANTHROPIC_MESSAGES),
        Thinking("", redacted="AAAA", origin=GEMINI),
    ],
)
def test_thinking_that_cannot_be_checked_here_is_left_out_and_named(thought: Thinking) -> None:
    contents, dropped = told(HI, Turn(Role.ASSISTANT, (thought, Text("x"))))
    assert contents[1]["parts"] == [{"text": "x"}]
    assert dropped == ["thinking"]


def test_thinking_that_nobody_signed_is_shown() -> None:
    assert said(Thinking("hm"), Text("x"))[0] == {"text": "hm", "thought": True}


def test_files_at_an_address_say_what_they_are() -> None:
    parts = (
        Image(url="https://a/b.PNG?x=1"),
        Image(url="https://a/b"),
        Document(url="https://a/c", name="c.pdf"),
    )
    contents, dropped = told(Turn(Role.USER, parts))
    assert [part["fileData"]["mimeType"] for part in contents[0]["parts"]] == [
        "image/png",
        "image/jpeg",
        "application/pdf",
    ]
    assert dropped == ["document.name"]


def test_cache_marks_and_details_are_named_as_dropped() -> None:
    parts = (Text("a", cache=True), Image(url="https://a", detail="low"))
    _, dropped = told(Turn(Role.USER, parts))
    assert dropped == ["cache_control", "messages.content.image_url.detail"]

"""What the Messages API demands of turns, and what is done to meet it."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.turn import (
    Conversation,
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
from switchgear.wire.anthropic_messages.dialogue import (
    CACHE_HERE,
    SILENCE,
    Dialogue,
    tool_id,
)

NOTHING_SAID = {"role": "user", "content": [{"type": "text", "text": SILENCE}]}
NOTE = "d29ydGg="
"""The word "worth", in base64."""


def dialogue(*turns: Turn, unread: tuple[str, ...] = ()) -> Dialogue:
    return Dialogue(Conversation(model="m", turns=turns, unread=unread))


def plain(written: Dialogue) -> Any:
    return json.loads(msgspec.json.encode(written.messages))


def user(*parts: Part) -> Turn:
    return Turn(Role.USER, parts)


def assistant(*parts: Part) -> Turn:
    return Turn(Role.ASSISTANT, parts)


def test_a_user_comes_first_even_if_nobody_spoke() -> None:
    assert plain(dialogue()) == [NOTHING_SAID]
    first, second = plain(dialogue(assistant(Text("I begin."))))
    assert first == NOTHING_SAID
    assert second["role"] == "assistant"


def test_turns_of_one_role_in_a_row_become_one() -> None:
    written = plain(dialogue(user(Text("a")), user(Text("b")), assistant(Text("c"))))
    assert [each["role"] for each in written] == ["user", "assistant"]
    assert [each["text"] for each in written[0]["content"]] == ["a", "b"]


def test_blank_text_is_left_out() -> None:
    assert plain(dialogue(user(Text(" \n"), Text("x")))) == [
        {"role": "user", "content": [{"type": "text", "text": "x"}]}
    ]


def test_results_of_tools_come_before_words() -> None:
    results = [ToolResult(id=name, parts=(Text(name),)) for name in ("t1", "t2")]
    (written,) = plain(dialogue(user(Text("so?"), results[0]), user(results[1])))
    assert [each.get("tool_use_id", each["type"]) for each in written["content"]] == [
        "t1",
        "t2",
        "text",
    ]


def test_a_system_turn_at_the_head_is_the_system_field() -> None:
    system = Turn(Role.SYSTEM, (Text("Be brief."),))
    assert dialogue(system, user(Text("hi"))).system_field() == "Be brief."
    cached = dialogue(Turn(Role.SYSTEM, (Text("Be brief.", cache=True),))).system_field()
    assert cached == [{"type": "text", "text": "Be brief.", "cache_control": CACHE_HERE}]


def test_a_system_turn_in_the_midst_is_told_as_what_it_is() -> None:
    late = Turn(Role.SYSTEM, (Text("Now in French."),))
    written = dialogue(user(Text("hi")), late)
    assert written.system == []
    assert plain(written)[0]["content"][1]["text"] == "<system>\nNow in French.\n</system>"


def test_the_end_of_a_begun_answer_is_trimmed() -> None:
    assert plain(dialogue(user(Text("hi")), assistant(Text("Well, \n"))))[1] == {
        "role": "assistant",
        "content": [{"type": "text", "text": "Well,"}],
    }


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (Thinking("hm"), "reasoning_content"),
        (Document(media_type="audio/wav", data="QQ=="), "messages.content.file"),
        (Document(media_type="text/plain", data="%%%"), "messages.content.file"),
        (Image(url="https://x/y", detail="high"), "messages.content.image_url.detail"),
    ],
)
def test_what_cannot_be_carried_is_named_after_what_was_not_read(part: Part, name: str) -> None:
    assert list(dialogue(user(part), unread=("logprobs",)).dropped) == ["logprobs", name]


def test_a_text_file_is_decoded_and_a_pdf_is_not() -> None:
    text = Document(media_type="text/csv", data=NOTE, name="n.csv")
    pdf = Document(media_type="application/pdf", data=NOTE)
    first, second = plain(dialogue(user(text, pdf)))[0]["content"]
    assert (first["source"]["data"], first["title"]) == ("worth", "n.csv")
    assert (second["source"]["type"], second["source"]["data"]) == ("base64", NOTE)


def test_a_result_of_one_plain_text_is_a_string_and_a_failed_one_says_so() -> None:
    given_back = ToolResult(id="t", parts=(Text("no such file"),), failed=True)
    (block,) = plain(dialogue(user(given_back)))[0]["content"]
    assert block["content"] == "no such file"
    assert block["is_error"] is True


@given(st.text())
def test_a_tool_id_has_only_letters_that_the_api_takes(given_id: str) -> None:
    written = tool_id(given_id)
    assert written
    assert all(each.isascii() and (each.isalnum() or each in "_-") for each in written)
    assert tool_id(written) == written


def test_a_call_and_its_result_keep_one_id() -> None:
    call = assistant(ToolUse(id="call:1|x", name="f", arguments=""))
    back = user(ToolResult(id="call:1|x", parts=(Text("1"),)))
    _, asked, told = plain(dialogue(user(Text("go")), call, back))
    assert asked["content"][0]["id"] == told["content"][0]["tool_use_id"] == "call_1_x"

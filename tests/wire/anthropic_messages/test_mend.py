"""Blocks that are mended in a caller's own messages."""

import json
from typing import Any

from switchgear.wire.anthropic_messages.mend import FORM
from switchgear.wire.mend import LOST_CALL, NOT_RUN, mend_messages

USE = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}
ASKED = {"role": "assistant", "content": [{"type": "text", "text": "so"}, USE]}
NOT = {"type": "tool_result", "tool_use_id": "t1", "content": NOT_RUN}


def mended(*messages: dict[str, Any]) -> Any:
    return json.loads(mend_messages(json.dumps(messages).encode(), FORM))


def test_words_that_are_a_string_become_a_block_beside_the_result() -> None:
    found = mended(ASKED, {"role": "user", "content": "go on"})
    assert found[1]["content"] == [NOT, {"type": "text", "text": "go on"}]


def test_a_result_stands_in_a_message_of_its_own_where_the_user_said_nothing() -> None:
    found = mended(ASKED, {"role": "assistant", "content": "well"})
    assert found[1] == {"role": "user", "content": [NOT]}
    assert mended(ASKED)[1:] == [{"role": "user", "content": [NOT]}]


def test_marks_and_fields_of_other_blocks_stay() -> None:
    marked = {"type": "text", "text": "go on", "cache_control": {"type": "ephemeral"}}
    found = mended(ASKED, {"role": "user", "content": [marked], "new": 1})
    assert found[1] == {"role": "user", "content": [NOT, marked], "new": 1}


def test_a_result_that_nobody_asked_for_becomes_words() -> None:
    lost = {"type": "tool_result", "tool_use_id": "t9", "content": [{"type": "text", "text": "7"}]}
    (found,) = mended({"role": "user", "content": [lost]})
    (block,) = found["content"]
    assert block["type"] == "text"
    assert block["text"].startswith(LOST_CALL)
    assert "7" in block["text"]


def test_what_the_provider_ran_itself_is_none_of_it() -> None:
    server = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}}
    messages = ({"role": "assistant", "content": [server]}, {"role": "user", "content": "hi"})
    assert mended(*messages) == list(messages)

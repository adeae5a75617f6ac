import json
from typing import Any

import httpx2
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    Stop,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
)
from switchgear.domain.ids import mint
from switchgear.domain.turn import Conversation, Role, Text, Thinking, Turn
from switchgear.domain.units import UnixMs
from switchgear.wire.openai_chat import TONGUE
from switchgear.wire.openai_chat.thought import MAX_HELD

ABROAD, HERE = Dialect.ANTHROPIC_MESSAGES, Dialect.OPENAI_CHAT
DECISION = mint(UnixMs(1_700_000_000_000), 1)
EVENTS: list[Event] = [
    Opened(id="c", model="m", created=1),
    ThinkingDelta("h"),
    ThinkingDelta("m"),
    ThinkingSigned("sig", origin=ABROAD),
    ThinkingSigned("", redacted="dark", origin=ABROAD),
    ThinkingDelta("so"),
    ThinkingSigned("next", origin=ABROAD),
    TextDelta("yes"),
    Finished(stop=Stop.END),
]
SEALED = "switchgear:anthropic-messages:"
DETAILS = [
    {"index": 0, "type": "reasoning.text", "text": "hm", "signature": SEALED + "sig"},
    {"index": 1, "type": "reasoning.encrypted", "data": SEALED + "dark"},
    {"index": 2, "type": "reasoning.text", "text": "so", "signature": SEALED + "next"},
]
PARTS = (
    Thinking("hm", "sig", origin=ABROAD),
    Thinking("", redacted="dark", origin=ABROAD),
    Thinking("so", "next", origin=ABROAD),
    Text("yes"),
)


def streamed(events: list[Event]) -> bytes:
    caller = Conversation(model="m", turns=(), stream=True)
    writer = TONGUE.stream_writer(DECISION, caller)
    return b"".join(writer.write([event]) for event in events)


def by_sdk(raw: bytes) -> dict[str, Any]:
    """Read a stream with the official client, put together as it does."""
    answer = httpx2.Response(200, content=raw, headers={"content-type": "text/event-stream"})
    transport = httpx2.MockTransport(lambda _: answer)
    with (
        OpenAI(api_key="k", http_client=httpx2.Client(transport=transport)) as client,
        client.chat.completions.stream(model="m", messages=[]) as stream,
    ):
        return stream.get_final_completion().choices[0].message.model_dump(exclude_none=True)


def asked(message: dict[str, Any]) -> bytes:
    hi = {"role": "user", "content": "hi"}
    return json.dumps({"model": "m", "messages": [hi, message, hi]}, indent=1).encode()


def test_an_agent_that_sends_a_message_back_as_it_got_it_sends_the_signatures() -> None:
    whole = json.loads(TONGUE.write_whole(DECISION, EVENTS))
    ChatCompletion.model_validate(whole, strict=False)
    message = whole["choices"][0]["message"]
    assert message["reasoning_details"] == DETAILS
    turns = TONGUE.parse(asked(message)).conversation.turns
    assert turns[1] == Turn(Role.ASSISTANT, PARTS)


def test_so_does_one_that_puts_a_stream_together() -> None:
    message = by_sdk(streamed(EVENTS))
    assert message["reasoning_details"] == DETAILS
    assert TONGUE.parse(asked(message)).conversation.turns[1].parts == PARTS


def test_a_target_of_this_dialect_never_sees_a_seal() -> None:
    own = {"type": "reasoning.text", "text": "a", "signature": "b"}
    for details, left in ((DETAILS, None), ([*DETAILS, own], [own])):
        message = {"role": "assistant", "content": "yes", "reasoning_details": details}
        found = json.loads(TONGUE.rewrite(TONGUE.parse(asked(message)), ()))["messages"][1]
        assert found.get("reasoning_details") == left
        assert found["content"] == "yes"


def test_what_only_speaks_of_seals_keeps_its_bytes() -> None:
    raw = asked({"role": "assistant", "content": SEALED + "x"})
    assert TONGUE.rewrite(TONGUE.parse(raw), ()) == raw


@pytest.mark.parametrize(
    "details",
    [
        "x",
        [1, None, {}],
        [{"type": "reasoning.text", "text": "a"}],
        [{"type": "reasoning.text", "text": 1, "signature": "s"}],
        [{"type": "reasoning.encrypted", "data": 5}],
        [{"type": "reasoning.summary", "summary": "a"}],
    ],
)
def test_what_is_not_signed_is_no_thinking_of_a_provider(details: object) -> None:
    message = {"role": "assistant", "content": "yes", "reasoning_details": details}
    assert TONGUE.parse(asked(message)).conversation.turns[1].parts == (Text("yes"),)


def test_details_that_were_not_sealed_are_this_dialects_own() -> None:
    own = {"type": "reasoning.text", "text": "a", "signature": "b", "format": "x"}
    message = {"role": "assistant", "content": "yes", "reasoning_details": [own]}
    found = TONGUE.parse(asked(message)).conversation.turns[1].parts
    assert found == (Thinking("a", "b", origin=HERE), Text("yes"))


def test_thinking_too_long_to_be_kept_loses_its_signature_and_no_word() -> None:
    long = "x" * (MAX_HELD // 2 + 1)
    events: list[Event] = [
        ThinkingDelta(long),
        ThinkingDelta(long),
        ThinkingSigned("a", origin=ABROAD),
        ThinkingDelta("b"),
        ThinkingSigned("c", origin=ABROAD),
        Finished(stop=Stop.END),
    ]
    message = json.loads(TONGUE.write_whole(DECISION, events))["choices"][0]["message"]
    assert message["reasoning_content"] == long + long + "b"
    assert [each["text"] for each in message["reasoning_details"]] == ["b"]

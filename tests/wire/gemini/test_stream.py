"""Streams as Google's own client reads them."""

import asyncio
import json

import pytest
from google import genai
from google.genai import errors, types

from support.geminis import frames
from support.town import House, Respond, saying, streaming
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamFailed, UpstreamGarbled
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    Stop,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Tokens
from switchgear.wire import section
from switchgear.wire.gemini.failure import write_error, write_stream_error
from switchgear.wire.gemini.stream import GeminiWriter

USAGE = Usage(input=Tokens(9), cached=Tokens(4), output=Tokens(7), reasoning=Tokens(3))
EVENTS: tuple[Event, ...] = (
    Opened(id="r1", model="m1"),
    ThinkingDelta("Hm."),
    TextDelta("Let "),
    TextDelta("me."),
    ThinkingSigned("AQIDBA==", origin=Dialect.GEMINI),
    ToolStarted(index=0, id="c0", name="f"),
    ToolDelta(index=0, json='{"a"'),
    ToolStarted(index=1, id="c1", name="g"),
    ToolDelta(index=1, json="{}"),
    ToolDelta(index=0, json=":1}"),
    Finished(stop=Stop.TOOL_USE, usage=USAGE),
)


def written(*events: Event) -> list[bytes]:
    writer = GeminiWriter("sg_1", "asked")
    return [raw for event in events if (raw := writer.write([event]))]


def asked(respond: Respond) -> list[types.GenerateContentResponse]:
    """Ask as Google's client does, and return what it reads."""

    async def life() -> list[types.GenerateContentResponse]:
        server = await asyncio.start_server(House(respond).host, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        options = types.HttpOptions(base_url=url, timeout=5000)
        client = genai.Client(api_key="k", http_options=options)
        try:
            found = await client.aio.models.generate_content_stream(model="m", contents="hi")
            return [each async for each in found]
        finally:
            await client.aio.aclose()
            client.close()
            server.close()

    return asyncio.run(life())


def test_google_s_client_reads_what_is_written() -> None:
    found = asked(streaming(*written(*EVENTS)))
    parts = [
        part
        for each in found
        for candidate in each.candidates or ()
        for part in (candidate.content and candidate.content.parts) or ()
    ]
    assert [(part.text, part.thought) for part in parts[:3]] == [
        ("Hm.", True),
        ("Let ", None),
        ("me.", None),
    ]
    calls = [part.function_call for part in parts if part.function_call]
    assert [(call.id, call.name, call.args) for call in calls] == [
        ("c0", "f", {"a": 1}),
        ("c1", "g", {}),
    ]
    assert [part.thought_signature for part in parts if part.function_call] == [b"\1\2\3\4", None]
    usage = found[-1].usage_metadata
    assert usage
    assert (usage.prompt_token_count, usage.thoughts_token_count) == (9, 3)
    assert found[-1].candidates
    assert found[-1].candidates[0].finish_reason is types.FinishReason.STOP
    assert {each.response_id for each in found} == {"r1"}


def test_google_s_client_reads_an_error_in_the_middle() -> None:
    failed = write_stream_error(UpstreamFailed("It broke."), "sg_1")
    with pytest.raises(errors.APIError, match="It broke"):
        asked(streaming(*written(*EVENTS[:3]), failed))


def test_google_s_client_reads_an_error_instead() -> None:
    with pytest.raises(errors.ServerError, match="It broke"):
        asked(saying(write_error(UpstreamFailed("It broke."), "sg_1"), status=502))


def test_a_call_is_written_once_its_arguments_are_whole_and_in_order() -> None:
    writer = GeminiWriter("sg_1", "asked")
    assert [bool(writer.write([event])) for event in EVENTS] == [
        *(False, True, True, True, False, False, False, False, False, True, True)
    ]


def test_a_signature_that_no_call_follows_stands_in_a_part_of_its_own() -> None:
    raw = written(ThinkingSigned("AAAA", origin=Dialect.GEMINI), Finished(stop=Stop.END))
    first, _ = (json.loads(each) for each in frames(b"".join(raw)))
    assert first["candidates"][0]["content"]["parts"] == [{"text": "", "thoughtSignature": "AAAA"}]


def test_a_call_that_never_became_whole_is_written_at_the_end() -> None:
    raw = written(ToolStarted(index=0, id="a", name="f"), Finished(stop=Stop.TOOL_USE))
    assert b'"args":{}' in raw[0]


def test_a_call_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(section, "MAX_HELD", 10)
    with pytest.raises(UpstreamGarbled):
        written(ToolStarted(index=0, id="a", name="f"), ToolDelta(index=0, json="{" * 11))


def test_a_stream_is_gone_on_with_under_its_own_name() -> None:
    writer = GeminiWriter("sg_1", Conversation(model="asked", turns=()).model)
    writer.go_on(EVENTS[:3], None)
    assert b'"responseId":"r1"' in writer.write([TextDelta("x")])

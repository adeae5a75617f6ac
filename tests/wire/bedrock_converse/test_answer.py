"""Answers of Converse, whole and streamed, there and back, and as AWS's own client reads them."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from support.converse import events_of, parsed
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamBusy
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
from switchgear.domain.turn import (
    Conversation,
)
from switchgear.domain.units import Tokens
from switchgear.wire.bedrock_converse import TONGUE

HERE = Dialect.BEDROCK_CONVERSE
DECISION = "sg_01k7b2c3d4e5f6g7h8j9k0m1n2"
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
WORDS = st.text(LETTERS, min_size=1, max_size=12).filter(str.strip)
NAMES = st.text("abcXYZ019_-", min_size=1, max_size=12)


TOOL_CALLS = st.lists(st.tuples(NAMES, st.sampled_from(['{"a":1}', '{"b":[2]}'])), max_size=3).map(
    lambda calls: [
        event
        for index, (name, given_back) in enumerate(calls)
        for event in (
            ToolStarted(index=index, id=f"t{index}", name=name),
            ToolDelta(index=index, json=given_back[:3]),
            ToolDelta(index=index, json=given_back[3:]),
        )
    ]
)
SAID = st.tuples(
    st.lists(WORDS, max_size=2),
    st.sampled_from([[], [ThinkingSigned("sig", origin=HERE)]]),
    st.lists(WORDS, max_size=3),
    TOOL_CALLS,
).map(
    lambda it: [
        *map(ThinkingDelta, it[0]),
        *(it[1] if it[0] else []),
        *map(TextDelta, it[2]),
        *it[3],
    ]
)
USED = Usage(input=Tokens(9), cached=Tokens(3), cache_written=Tokens(2), output=Tokens(5))


def ended(said: Sequence[Event], stop: Stop = Stop.END, sequence: str = "") -> list[Event]:
    asks = any(isinstance(event, ToolStarted) for event in said)
    stop = Stop.TOOL_USE if asks else stop
    finished = Finished(stop=stop, usage=USED, stop_sequence=sequence)
    return [Opened(id="", model=""), *said, finished]


def folded(events: Sequence[Event]) -> list[Event]:
    """Return the events with those that continue one another as one."""
    found: list[Event] = []
    for event in events:
        last = found[-1] if found else None
        if isinstance(event, TextDelta | ThinkingDelta) and type(last) is type(event):
            found[-1] = type(event)(last.text + event.text)
        elif isinstance(event, ToolDelta) and isinstance(last, ToolDelta):
            found[-1] = ToolDelta(index=event.index, json=last.json + event.json)
        else:
            found.append(event)
    return found


def streamed(events: Sequence[Event]) -> bytes:
    writer = TONGUE.stream_writer(DECISION, Conversation(model="m", turns=(), stream=True))
    return b"".join(writer.write([event]) for event in events)


@settings(max_examples=40)
@given(SAID, st.lists(st.integers(0, 60), max_size=9), st.sampled_from([Stop.END, Stop.LENGTH]))
def test_a_stream_that_is_written_is_read_as_the_same_events(
    said: list[Event], sizes: list[int], stop: Stop
) -> None:
    raw, start = streamed(ended(said, stop)), 0
    tap = TONGUE.tap(())
    pieces = []
    for size in [*sizes, len(raw)]:
        pieces += tap.feed(raw[start : start + size])
        start += size
    pieces += tap.end()
    assert folded([event for piece in pieces for event in piece.seen]) == folded(ended(said, stop))
    assert b"".join(piece.raw or b"" for piece in pieces) == raw
    assert [piece.finish is not None for piece in pieces][-1:] == [True]
    assert (tap.broken, tap.foreign, tap.unread) == (0, False, False)


@settings(max_examples=40)
@given(SAID)
def test_a_whole_answer_that_is_written_is_read_as_the_same_events(said: list[Event]) -> None:
    raw = TONGUE.write_whole(DECISION, ended(said))
    assert folded(TONGUE.read_whole(raw)) == folded(ended(said))


@settings(max_examples=40)
@given(SAID)
def test_botocore_reads_whole_answers_and_streams_alike(said: list[Event]) -> None:
    answer = parsed(TONGUE.write_whole(DECISION, ended(said)))
    events = events_of(streamed(ended(said)))
    assert [next(iter(each)) for each in (events[0], *events[-2:])] == [
        "messageStart", "messageStop", "metadata",
    ]  # fmt: skip
    assert answer["stopReason"] == events[-2]["messageStop"]["stopReason"]
    assert answer["usage"] == events[-1]["metadata"]["usage"]
    assert together(events) == answer["output"]["message"]["content"]


def together(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put a stream's blocks together as an agent does."""
    blocks: dict[int, dict[str, Any]] = {}
    for event in events:
        told = event.get("contentBlockStart") or event.get("contentBlockDelta")
        if not told:
            continue
        block = blocks.setdefault(told["contentBlockIndex"], {})
        for kind, more in (told.get("start") or told["delta"]).items():
            if kind == "text":
                block["text"] = block.get("text", "") + more
                continue
            inner = block.setdefault(kind, {})
            inner = inner.setdefault("reasoningText", {}) if kind == "reasoningContent" else inner
            for name, value in more.items():
                inner[name] = inner.get(name, "") + value
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"].get("input", "") or "{}")
    return [blocks[index] for index in sorted(blocks)]


SPOKEN: list[Event] = [
    ThinkingDelta("hm"),
    ThinkingSigned("sig", origin=HERE),
    ThinkingSigned("", redacted="ZGFyaw==", origin=HERE),
    TextDelta("hé"),
    TextDelta("llo"),
    ToolStarted(index=0, id="a", name="f"),
    ToolStarted(index=1, id="b", name="g"),
    ToolDelta(index=1, json='{"b":2}'),
    ToolDelta(index=0, json='{"a":1}'),
]


class _Bedrock(BaseHTTPRequestHandler):
    """Answers as our tongue writes; a model called ``busy`` is."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        whole = self.path.endswith("/converse")
        kind = "application/json" if whole else "application/vnd.amazon.eventstream"
        busy = "/busy/" in self.path
        if busy and whole:
            status, body = 429, TONGUE.write_error(UpstreamBusy(), DECISION)
        elif busy:
            status = 200
            body = streamed([Opened(id="", model=""), TextDelta("a")])
            body += TONGUE.write_stream_error(UpstreamBusy(), DECISION)
        else:
            status, events = 200, ended(SPOKEN)
            body = TONGUE.write_whole(DECISION, events) if whole else streamed(events)
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def client() -> Iterator[Any]:
    """Yield AWS's own client, talking to what we write."""
    server = HTTPServer(("127.0.0.1", 0), _Bedrock)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    made = Session().create_client(
        "bedrock-runtime",
        region_name="eu-central-1",
        endpoint_url=f"http://127.0.0.1:{server.server_port}",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="never-shown",
        config=Config(retries={"max_attempts": 0}),
    )
    try:
        yield made
    finally:
        made.close()
        server.shutdown()
        thread.join()
        server.server_close()


def test_awss_own_client_reads_what_is_written() -> None:
    asked = {"modelId": "m", "messages": [{"role": "user", "content": [{"text": "hi"}]}]}
    content = [
        {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "sig"}}},
        {"reasoningContent": {"redactedContent": b"dark"}},
        {"text": "héllo"},
        {"toolUse": {"toolUseId": "a", "name": "f", "input": {"a": 1}}},
        {"toolUse": {"toolUseId": "b", "name": "g", "input": {"b": 2}}},
    ]
    with client() as bedrock:
        whole = bedrock.converse(**asked)
        events = list(bedrock.converse_stream(**asked)["stream"])
        assert whole["output"]["message"]["content"] == content
        assert whole["usage"]["cacheReadInputTokens"] == 3
        assert whole["stopReason"] == events[-2]["messageStop"]["stopReason"] == "tool_use"
        assert len(together_hidden(events)) == 5
        with pytest.raises(ClientError) as refused:
            bedrock.converse(**{**asked, "modelId": "busy"})
        assert refused.value.response["Error"]["Code"] == "ThrottlingException"
        with pytest.raises(EventStreamError, match="throttlingException"):
            list(bedrock.converse_stream(**{**asked, "modelId": "busy"})["stream"])


def together_hidden(events: list[dict[str, Any]]) -> set[int]:
    return {
        event["contentBlockDelta"]["contentBlockIndex"]
        for event in events
        if "contentBlockDelta" in event
    }

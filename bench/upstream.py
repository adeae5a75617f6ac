"""A raw simulated upstream: as little work as an HTTP server can do, so that others are measured.

The prompt says what it wants: ``bench-<chunks>x<pause in ms>`` makes a stream of so many chunks,
each in a write of its own; without it, or without ``"stream":true``, the answer is whole, and comes
after as many ms as ``wait-<ms>`` says.
"""

import asyncio
import re
import sys

import uvloop

LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: *(\d+)")
WISH = re.compile(rb"bench-(\d+)x(\d+)")
WAIT = re.compile(rb"wait-(\d+)")
STREAMS = re.compile(rb'"stream": *true')
WORDS = "The quick brown fox jumps over it. "

USAGE = '"usage":{"prompt_tokens":420,"completion_tokens":24,"total_tokens":444}'
CHAT = (
    '{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"w","choices":[{"index":0,'
    f'"message":{{"role":"assistant","content":"{WORDS * 3}"}},"finish_reason":"stop"}}],{USAGE}}}'
).encode()
MESSAGE = (
    '{"id":"msg_1","type":"message","role":"assistant","model":"w","content":[{"type":"text",'
    '"text":"%s"}],"stop_reason":"end_turn","stop_sequence":null,'
    '"usage":{"input_tokens":420,"output_tokens":24}}' % (WORDS * 3)
).encode()


def _chunk(text: str) -> bytes:
    return b"%x\r\n%b\r\n" % (len(text.encode()), text.encode())


CHAT_HEAD = '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"w",'
CHAT_FIRST = _chunk(
    f'data: {CHAT_HEAD}"choices":[{{"index":0,"delta":{{"role":"assistant"}},'
    '"finish_reason":null}]}\n\n'
)
CHAT_CHUNK = _chunk(
    f'data: {CHAT_HEAD}"choices":[{{"index":0,"delta":{{"content":"{WORDS}"}},'
    '"finish_reason":null}]}\n\n'
)
CHAT_LAST = (
    _chunk(
        f'data: {CHAT_HEAD}"choices":[{{"index":0,"delta":{{}},"finish_reason":"stop"}}]}}\n\n'
        f'data: {CHAT_HEAD}"choices":[],{USAGE}}}\n\ndata: [DONE]\n\n'
    )
    + b"0\r\n\r\n"
)


def _event(kind: str, rest: str) -> str:
    return f'event: {kind}\ndata: {{"type":"{kind}"{rest}}}\n\n'


MESSAGE_FIRST = _chunk(
    _event(
        "message_start",
        ',"message":{"id":"msg_1","type":"message","role":"assistant","model":"w","content":[],'
        '"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":420,"output_tokens":1}}',
    )
    + _event("content_block_start", ',"index":0,"content_block":{"type":"text","text":""}')
)
MESSAGE_CHUNK = _chunk(
    _event("content_block_delta", f',"index":0,"delta":{{"type":"text_delta","text":"{WORDS}"}}')
)
MESSAGE_LAST = (
    _chunk(
        _event("content_block_stop", ',"index":0')
        + _event(
            "message_delta",
            ',"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":24}',
        )
        + _event("message_stop", "")
    )
    + b"0\r\n\r\n"
)

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
WHOLE = {False: HEAD % (len(CHAT), CHAT), True: HEAD % (len(MESSAGE), MESSAGE)}
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)
STREAM = {
    False: (CHAT_FIRST, CHAT_CHUNK, CHAT_LAST),
    True: (MESSAGE_FIRST, MESSAGE_CHUNK, MESSAGE_LAST),
}
"""By whether the dialect is Anthropic's."""


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._held = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # type: ignore[explicit-override]  # hot path: no decorators
        """Keep the transport."""
        self._transport = transport  # type: ignore[assignment]  # a server gets a full transport

    def data_received(self, data: bytes) -> None:  # type: ignore[explicit-override]  # as above
        """Answer when the request is whole."""
        self._held = held = self._held + data if self._held else data
        end = held.find(b"\r\n\r\n")
        if end < 0:
            return
        found = LENGTH.search(held, 0, end)
        if found is not None and len(held) < end + 4 + int(found[1]):
            return
        self._held = b""
        self._answer(held, anthropic=held.startswith(b"POST /v1/messages"))

    def _answer(self, request: bytes, *, anthropic: bool) -> None:
        wish = WISH.search(request)
        if wish is None or STREAMS.search(request) is None:
            self._answer_whole(WAIT.search(request), WHOLE[anthropic])
            return
        first, chunk, last = STREAM[anthropic]
        self._transport.write(STREAM_HEAD + first)
        self._go_on(int(wish[1]), int(wish[2]) / 1000, chunk, last)

    def _answer_whole(self, wait: re.Match[bytes] | None, whole: bytes) -> None:
        if wait is None:
            self._transport.write(whole)
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(int(wait[1]) / 1000, self._transport.write, whole)

    def _go_on(self, left: int, pause: float, chunk: bytes, last: bytes) -> None:
        if self._transport.is_closing():
            return
        if left == 0:
            self._transport.write(last)
            return
        self._transport.write(chunk)
        loop = asyncio.get_running_loop()
        if pause:
            loop.call_later(pause, self._go_on, left - 1, pause, chunk, last)
        else:
            loop.call_soon(self._go_on, left - 1, pause, chunk, last)


async def serve(port: int) -> None:
    """Listen until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Line, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))

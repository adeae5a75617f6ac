"""The official SDKs as callers, strictly: what their types do not allow is an error."""

import contextlib
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, cast

import anthropic
import httpx2
import msgspec
import openai
from anthropic.types import Message, RawMessageStreamEvent
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from parity.column import Column

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import Event
from switchgear.wire.registry import TONGUES

KEY = "sk-parity"
ROOTS = {
    Dialect.OPENAI_CHAT: "/v1/chat/completions",
    Dialect.OPENAI_RESPONSES: "/v1/responses",
    Dialect.ANTHROPIC_MESSAGES: "/v1/messages",
}
WHOLE: dict[Dialect, Any] = {
    Dialect.OPENAI_CHAT: ChatCompletion,
    Dialect.OPENAI_RESPONSES: Response,
    Dialect.ANTHROPIC_MESSAGES: Message,
}
CHUNK: dict[Dialect, Any] = {
    Dialect.OPENAI_CHAT: ChatCompletionChunk,
    Dialect.OPENAI_RESPONSES: ResponseStreamEvent,
    Dialect.ANTHROPIC_MESSAGES: RawMessageStreamEvent,
}
ERRORS = (openai.OpenAIError, anthropic.AnthropicError)
TWISTED = (openai.APIResponseValidationError, anthropic.APIResponseValidationError)


class Seen(msgspec.Struct, kw_only=True):
    """What a caller saw of one answer."""

    status: int = 0
    headers: Mapping[str, str] = {}
    events: list[Event] = []
    """What the SDK's objects say."""
    told: list[dict[str, Any]] = []
    """The objects: the answer, or the events of its stream."""
    error: str = ""
    """The SDK's name for what went wrong; empty when nothing did."""
    body: Any = None
    """Of an error."""
    twisted: str = ""
    """What the SDK's types do not allow."""

    @property
    def dropped(self) -> str:
        """What a translation could not carry."""
        return self.headers.get("x-switchgear-dropped", "")


_SEEN: ContextVar[Seen] = ContextVar("seen")


async def _note(response: httpx2.Response) -> None:
    seen = _SEEN.get(None)
    if seen is None:
        return
    seen.status, seen.headers = response.status_code, dict(response.headers)


class Clients:
    """Both SDKs, over one pool of connections."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self.http = httpx2.AsyncClient(
            verify=False,
            event_hooks={"response": [_note]},
            limits=httpx2.Limits(max_keepalive_connections=0),
        )
        said: dict[str, Any] = {
            "api_key": KEY,
            "http_client": self.http,
            "max_retries": 0,
            "_strict_response_validation": True,
        }
        self.openai = openai.AsyncOpenAI(base_url="http://gateway/v1", **said)
        self.anthropic = anthropic.AsyncAnthropic(base_url="http://gateway", **said)

    def at(
        self, port: int, caller: Dialect, *, strictly: bool = True
    ) -> openai.AsyncOpenAI | anthropic.AsyncAnthropic:
        """Return the caller's SDK, for a gateway at this port."""
        strict = {"_strict_response_validation": strictly}
        if caller is Dialect.ANTHROPIC_MESSAGES:
            return self.anthropic.copy(base_url=f"http://127.0.0.1:{port}", _extra_kwargs=strict)
        return self.openai.copy(base_url=f"http://127.0.0.1:{port}/v1", _extra_kwargs=strict)

    async def ask(
        self, port: int, column: Column, body: bytes, headers: Mapping[str, str] | None = None
    ) -> Seen:
        """Make a call, and return what the SDK made of the answer."""
        seen = Seen()
        token = _SEEN.set(seen)
        try:
            await self._ask(f"http://127.0.0.1:{port}", column, body, headers or {}, seen)
        except TWISTED as error:
            seen.twisted = f"{error.__cause__}"[:300]
        except ERRORS as error:
            seen.error, seen.body = type(error).__name__, getattr(error, "body", None)
        finally:
            _SEEN.reset(token)
        return seen

    async def _ask(
        self, url: str, column: Column, body: bytes, headers: Mapping[str, str], seen: Seen
    ) -> None:
        ours = column.caller is Dialect.ANTHROPIC_MESSAGES
        client: Any = self.anthropic if ours else self.openai
        stream_cls: Any = (anthropic if ours else openai).AsyncStream[CHUNK[column.caller]]
        answer = await client.post(
            url + ROOTS[column.caller],
            cast_to=WHOLE[column.caller],
            content=body,
            options={"headers": {"content-type": "application/json", **headers}},
            stream=column.streams,
            stream_cls=stream_cls,
        )
        if not column.streams:
            seen.told = [answer.to_dict(mode="json")]
            raw = msgspec.json.encode(seen.told[0])
            seen.events = list(TONGUES[column.caller].read_whole(raw))
            return
        with contextlib.suppress(StopAsyncIteration):
            async for chunk in answer:
                seen.told.append(chunk.to_dict(mode="json"))
        seen.events = heard_in(column.caller, seen.told)

    async def close(self) -> None:
        """Close everything."""
        await self.http.aclose()


def heard_in(dialect: Dialect, told: list[dict[str, Any]]) -> list[Event]:
    """Return what a stream's objects say."""
    frames = [frame(each) for each in told]
    if dialect is Dialect.OPENAI_CHAT:
        frames.append(b"data: [DONE]\n\n")
    tap = TONGUES[dialect].tap(())
    return [event for piece in tap.feed(b"".join(frames)) for event in piece.seen]


def frame(told: dict[str, Any]) -> bytes:
    """Return an event as it stands on the wire."""
    kind = cast("str", told.get("type", ""))
    name = f"event: {kind}\n".encode() if kind else b""
    return name + b"data: " + msgspec.json.encode(told) + b"\n\n"

"""Simulated vendors that refuse what the real ones refuse, each with an error of its own shape."""

import asyncio
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from switchgear.config.vendor import Vendor
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import MalformedBody
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    Stop,
    TextDelta,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.domain.units import Tokens
from switchgear.wire.registry import TONGUES

Json = dict[str, Any]

USAGE = Usage(input=Tokens(50), output=Tokens(9))
EVENTS: tuple[Event, ...] = (
    Opened(id="a-1", model="m", created=1),
    TextDelta("Let me look."),
    ToolStarted(index=0, id="call00001", name="weather"),
    ToolDelta(index=0, json='{"city":"Oslo"}'),
    Finished(stop=Stop.TOOL_USE, usage=USAGE),
)

COMMON = {
    *("model", "messages", "stream", "temperature", "top_p", "stop", "tools", "tool_choice"),
    *("response_format", "frequency_penalty", "presence_penalty", "n", "parallel_tool_calls"),
}
FIELDS: dict[str, set[str]] = {
    "groq": COMMON
    | {
        *("citation_options", "compound_custom", "disable_tool_validation", "documents"),
        *("include_reasoning", "max_completion_tokens", "max_tokens", "reasoning_effort", "seed"),
        *("reasoning_format", "search_settings", "service_tier", "stream_options", "user"),
    },
    "mistral": COMMON
    | {
        *("max_tokens", "random_seed", "metadata", "min_tokens", "logprobs", "top_logprobs"),
        *("prediction", "reasoning_effort", "prompt_mode", "guardrails", "prompt_cache_key"),
        *("safe_prompt", "service_tier", "top_k", "repetition_penalty"),
    },
    "cerebras": COMMON
    | {
        *("clear_thinking", "disable_reasoning", "logit_bias", "logprobs", "top_logprobs", "user"),
        *("max_completion_tokens", "max_tokens", "min_tokens", "prediction", "prompt_cache_key"),
        *("reasoning_effort", "reasoning_format", "seed", "service_tier", "stream_options"),
    },
    "fireworks": COMMON
    | {
        *("max_completion_tokens", "max_tokens", "logit_bias", "logprobs", "top_logprobs", "user"),
        *("metadata", "prediction", "prompt_cache_key", "reasoning_effort", "seed", "thinking"),
        *("context_length_exceeded_behavior", "service_tier", "top_k", "min_p"),
    },
}
"""All that those take who refuse what they do not know, as their own clients have it."""
MESSAGE = {"role", "content", "tool_calls", "tool_call_id"}
MESSAGE_FIELDS = {
    "groq": MESSAGE | {"reasoning"},
    "mistral": MESSAGE | {"prefix"},
    "cerebras": MESSAGE | {"name", "reasoning"},
}
ROLES = {"system", "user", "assistant", "tool"}
DEVELOPERS = {"openai", "azure", "groq", "cerebras", "openrouter", "xai"}
"""Who knows the role ``developer``."""


def complaints(vendor: Vendor, body: Json) -> Iterator[str]:
    """Yield what the vendor will not take of a chat completion."""
    known = FIELDS.get(vendor.name)
    for name in body:
        if known is not None and name not in known:
            yield name
        if name in {old for old, _ in vendor.quirks.renamed} or name in vendor.quirks.dropped:
            yield name
    if "max_tokens" in body and "max_completion_tokens" in body:
        yield "max_tokens and max_completion_tokens"
    form = body.get("response_format") or {}
    if vendor.name == "deepseek" and form.get("type") == "json_schema":
        yield "This response_format type is unavailable now"
    if not vendor.ask_usage and "stream_options" in body:
        yield "stream_options"
    for at, message in enumerate(body["messages"]):
        yield from _wrong_message(vendor, message, f"messages.{at}")


def _wrong_message(vendor: Vendor, message: Json, path: str) -> Iterator[str]:
    roles = ROLES | ({"developer"} if vendor.name in DEVELOPERS else set())
    if message["role"] not in roles:
        yield f"{path}.role"
    for name in message:
        if name not in MESSAGE_FIELDS.get(vendor.name, {name}):
            yield f"{path}.{name}"
    if vendor.name == "mistral":
        ids = [call["id"] for call in message.get("tool_calls") or ()]
        ids += [message["tool_call_id"]] if "tool_call_id" in message else []
        for each in ids:
            if not re.fullmatch(r"[a-zA-Z0-9]{9}", each):
                yield f"{path}: Tool call id was {each} but must be a-z, A-Z, 0-9, length 9"


def _of_openai(what: str) -> tuple[int, Json]:
    return 400, {"error": {"message": what, "type": "invalid_request_error", "code": None}}


def _of_mistral(what: str) -> tuple[int, Json]:
    wrong = {"type": "extra_forbidden", "loc": ["body", what], "msg": "Extra inputs", "input": 1}
    told: Json = {"object": "error", "message": {"detail": [wrong]}, "code": None}
    return 422, told


def _of_cerebras(what: str) -> tuple[int, Json]:
    return 400, {"message": f"{what}: unsupported", "type": "invalid_request_error", "code": "w"}


def _of_ollama(what: str) -> tuple[int, Json]:
    return 400, {"error": what}


def _of_vllm(what: str) -> tuple[int, Json]:
    return 400, {"object": "error", "message": what, "type": "BadRequestError", "code": 400}


REFUSALS: dict[str, Callable[[str], tuple[int, Json]]] = {
    "mistral": _of_mistral,
    "cerebras": _of_cerebras,
    "ollama": _of_ollama,
    "vllm": _of_vllm,
}


class StrictVendor:
    """Answers what the vendor would answer, and keeps what it refused and why."""

    def __init__(self, vendor: Vendor, dialect: Dialect, *, stream: bool) -> None:
        self._vendor = vendor
        self.dialect = dialect
        self._stream = stream
        self.refused: list[str] = []

    async def respond(self, raw: bytes, writer: asyncio.StreamWriter) -> None:
        status, kind, body = self._answer(raw)
        head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)

    def _answer(self, raw: bytes) -> tuple[int, str, bytes]:
        tongue = TONGUES[self.dialect]
        try:
            talk = tongue.parse(raw).conversation
        except MalformedBody as error:
            self.refused = [error.message]
        else:
            if self.dialect is Dialect.OPENAI_CHAT:
                self.refused = list(complaints(self._vendor, msgspec.json.decode(raw)))
        if self.refused:
            shape = REFUSALS.get(self._vendor.name, _of_openai)
            status, told = shape("; ".join(self.refused))
            return status, "application/json", msgspec.json.encode(told)
        if not self._stream:
            return 200, "application/json", tongue.write_whole("d", EVENTS, talk)
        asked = talk.wants_usage or not self._vendor.ask_usage
        caller = msgspec.structs.replace(talk, stream=True, wants_usage=asked)
        return 200, tongue.stream_type.decode(), tongue.stream_writer("d", caller).write(EVENTS)

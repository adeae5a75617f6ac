"""What a target tells: the frames of a stream and the items of an answer, as they are read."""

from typing import Any

import msgspec

from switchgear.domain.event import (
    Event,
    Opened,
    RefusalDelta,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.wire import freeform
from switchgear.wire.openai_responses.item import CUSTOM, KNOWN, REASONING, REFUSAL, TOOLS
from switchgear.wire.openai_responses.proof import signed
from switchgear.wire.openai_responses.reading import PARAGRAPH
from switchgear.wire.openai_responses.tally import Tally
from switchgear.wire.service import read_tier

MAX_NAME = 256
"""Characters of an answer's id and model, which may be written again with every frame."""
LATEST = 1 << 40
"""Unix seconds, some 35,000 years on."""


class Words(msgspec.Struct, frozen=True, gc=False):
    """A part of an item."""

    type: str = ""
    text: str | None = None
    refusal: str | None = None

    @property
    def said(self) -> str:
        """What it says."""
        return self.text or self.refusal or ""


class Given(msgspec.Struct, frozen=True, gc=False):
    """An item of a kind that we know; its type says which fields mean something."""

    type: str
    id: str | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None
    input: str | None = None
    content: list[Words] | None = None
    summary: list[Words] | None = None
    encrypted_content: str | None = None

    @property
    def call(self) -> str:
        """The id by which a tool's output names its call."""
        return self.call_id or self.id or ""

    @property
    def called_with(self) -> str:
        """What a tool is called with, as JSON text."""
        if self.type == CUSTOM:
            return freeform.wrap(self.input or "")
        return self.arguments or ""

    @property
    def thought(self) -> str:
        """What was thought."""
        return PARAGRAPH.join(part.said for part in self.summary or self.content or ())


class Reason(msgspec.Struct, frozen=True, gc=False):
    """Why an answer is incomplete."""

    reason: str | None = None


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The response object."""

    id: str | None = None
    model: str | None = None
    created_at: float | None = None
    status: str | None = None
    output: list[msgspec.Raw] | None = None
    usage: Tally | None = None
    error: Any = None
    incomplete_details: Reason | None = None
    service_tier: Any = None

    @property
    def used(self) -> Usage | None:
        """What it used, and in which service tier; None where it does not say."""
        return self.usage.usage(read_tier(self.service_tier)) if self.usage else None

    @property
    def opened(self) -> Opened:
        """The beginning of it."""
        created = self.created_at or 0
        return Opened(
            id=(self.id or "")[:MAX_NAME],
            model=(self.model or "")[:MAX_NAME],
            created=int(created) if 0 < created < LATEST else 0,
        )

    @property
    def reason(self) -> str | None:
        """Why it is incomplete, if it is."""
        return self.incomplete_details.reason if self.incomplete_details else None


class Kind(msgspec.Struct, frozen=True, gc=False):
    """Anything that has a type."""

    type: str = ""


_decode_kind = msgspec.json.Decoder(Kind).decode
_decode_item = msgspec.json.Decoder(Given).decode
NOT_JSON = (msgspec.DecodeError, ValueError, RecursionError)


def read_kind(raw: bytes | msgspec.Raw) -> str | None:
    """Return the type of something; None if it is no JSON object."""
    try:
        return _decode_kind(raw).type
    except NOT_JSON:
        return None


def read_item(raw: bytes | msgspec.Raw) -> Given | None:
    """Return an item; None if it is of no kind that we know, or not as its kind should be."""
    if read_kind(raw) not in KNOWN:
        return None
    try:
        return _decode_item(raw)
    except NOT_JSON:
        return None


def item_events(item: Given, index: int) -> list[Event]:
    """Return what a whole item says; ``index`` is its number among the tool calls."""
    if item.type in TOOLS:
        started = ToolStarted(index=index, id=item.call, name=item.name or "")
        given = item.called_with
        return [started, ToolDelta(index=index, json=given)] if given else [started]
    if item.type == REASONING:
        events: list[Event] = [ThinkingDelta(item.thought)] if item.thought else []
        return [*events, *signature(item)]
    return [
        RefusalDelta(part.said) if part.type == REFUSAL else TextDelta(part.said)
        for part in item.content or ()
        if part.said
    ]


def signature(item: Given) -> list[ThinkingSigned]:
    """Return the signature of a reasoning item, if it has one."""
    encrypted = item.encrypted_content
    return [signed(encrypted, item.id or "")] if encrypted else []

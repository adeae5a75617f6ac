"""The blocks of an answer as they stand on the wire, whole or in parts, and their events."""

from typing import Any

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import (
    Event,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
)
from switchgear.wire.bedrock_converse.hidden import read_hidden
from switchgear.wire.seal import unseal


class ToolUse(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A call of a tool; one with a type is the provider's own, run there."""

    tool_use_id: str
    name: str
    input: msgspec.Raw = msgspec.Raw(b"")
    type: str | None = None


class ReasoningText(msgspec.Struct, frozen=True, gc=False):
    """Reasoning and its signature."""

    text: str = ""
    signature: str | None = None


class Reasoning(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Reasoning, shown or hidden."""

    reasoning_text: ReasoningText | None = None
    redacted_content: str | None = None


class Words(msgspec.Struct, frozen=True, gc=False):
    """A text within a cited one."""

    text: str | None = None


class Cited(msgspec.Struct, frozen=True, gc=False):
    """Text with citations, of which the text is read."""

    content: list[Words] | None = None


class Block(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One block of a whole answer: the field that is there says its kind."""

    text: str | None = None
    tool_use: ToolUse | None = None
    reasoning_content: Reasoning | None = None
    citations_content: Cited | None = None


def signed(text: str) -> ThinkingSigned:
    """Return a signature; a target that is a gateway itself may send another provider's, sealed."""
    signature, origin = unseal(text, Dialect.BEDROCK_CONVERSE)
    return ThinkingSigned(signature, origin=origin)


def hidden(content: str) -> ThinkingSigned:
    """Return thinking that the provider hid."""
    redacted, origin = read_hidden(content)
    return ThinkingSigned("", redacted=redacted, origin=origin)


def block_events(block: Block, index: int) -> list[Event]:
    """Return what a whole block says; ``index`` is its number among the tool calls."""
    if block.tool_use:
        return _tool_events(block.tool_use, index)
    if block.reasoning_content:
        return _thoughts(block.reasoning_content)
    words = block.citations_content.content if block.citations_content else None
    text = "".join([each.text or "" for each in words]) if words else block.text
    return [TextDelta(text)] if text else []


def _tool_events(use: ToolUse, index: int) -> list[Event]:
    if use.type:
        return []
    started = ToolStarted(index=index, id=use.tool_use_id, name=use.name)
    given = bytes(use.input).decode()
    empty = given in ("", "null") or not given.strip("{} \t\r\n")
    return [started] if empty else [started, ToolDelta(index=index, json=given)]


def _thoughts(reasoning: Reasoning) -> list[Event]:
    if reasoning.redacted_content:
        return [hidden(reasoning.redacted_content)]
    told = reasoning.reasoning_text or ReasoningText()
    events: list[Event] = [ThinkingDelta(told.text)] if told.text else []
    return [*events, signed(told.signature)] if told.signature else events


class ToolInput(msgspec.Struct, frozen=True, gc=False):
    """More of a tool call's arguments."""

    input: str = ""


class ReasoningDelta(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """More reasoning, or its signature, or some that is hidden."""

    text: str | None = None
    signature: str | None = None
    redacted_content: str | None = None


class Delta(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """More of a block."""

    text: str | None = None
    tool_use: ToolInput | None = None
    reasoning_content: ReasoningDelta | None = None
    citation: Any = None
    image: Any = None
    tool_result: Any = None


class BlockDelta(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """``contentBlockDelta``."""

    delta: Delta
    content_block_index: int = 0


class Start(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What a block begins with; text and reasoning begin without."""

    tool_use: ToolUse | None = None


class BlockStart(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """``contentBlockStart``."""

    start: Start
    content_block_index: int = 0


class BlockStop(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """``contentBlockStop``."""

    content_block_index: int = 0

"""Whole answers of the Messages API."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.event import Event, Finished, Opened, Stop
from switchgear.wire.anthropic_messages.failure import Detail, read_told
from switchgear.wire.anthropic_messages.section import Outline, encode_blocks
from switchgear.wire.anthropic_messages.stop import read_stop, write_stop
from switchgear.wire.anthropic_messages.stream import message_id
from switchgear.wire.anthropic_messages.tally import Tally, write_usage
from switchgear.wire.anthropic_messages.tap import Block, block_events
from switchgear.wire.section import fold


class _Message(msgspec.Struct, frozen=True, gc=False, tag="message"):
    content: list[Block]
    id: str = ""
    model: str = ""
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: Tally | None = None


class _Error(msgspec.Struct, frozen=True, gc=False, tag="error"):
    error: Detail = Detail()


_decode = msgspec.json.Decoder(_Message | _Error).decode
_encode = msgspec.json.Encoder().encode


def read_whole(raw: bytes) -> tuple[Event, ...]:
    """Return the events of a whole answer; the last is Finished.

    Raises:
        UpstreamError: it is an error body, or no answer of this API.
    """
    try:
        found = _decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise UpstreamGarbled("The target's answer is not a Messages API answer.") from None
    if isinstance(found, _Error):
        raise read_told(found.error)
    usage = found.usage.usage() if found.usage else None
    events: list[Event] = [Opened(id=found.id, model=found.model, usage=usage)]
    tools = 0
    for block in found.content:
        events += block_events(block, tools)
        tools += block.type == "tool_use"
    stop, sequence = read_stop(found.stop_reason or ""), found.stop_sequence or ""
    return (*events, Finished(stop=stop, usage=usage, stop_sequence=sequence))


def write_whole(decision: str, events: Sequence[Event]) -> bytes:
    """Return a whole answer."""
    opened, finished = Opened(id="", model=""), Finished(stop=Stop.OTHER)
    for event in events:
        if isinstance(event, Opened):
            opened = event
        elif isinstance(event, Finished):
            finished = event
    outline = fold(events, Outline())
    tools, refused = outline.asks_for_tools, outline.refused
    return _encode(
        {
            "id": message_id(opened.id, decision),
            "type": "message",
            "role": "assistant",
            "model": opened.model,
            "content": encode_blocks(outline),
            "stop_reason": write_stop(finished.stop, tools=tools, refused=refused),
            "stop_sequence": finished.stop_sequence or None,
            "usage": write_usage(finished.usage or opened.usage),
        }
    )

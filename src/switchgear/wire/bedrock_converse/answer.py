"""Whole answers of the Converse API."""

from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.event import Event, Finished, Opened, Stop
from switchgear.wire.bedrock_converse.block import Block, block_events
from switchgear.wire.bedrock_converse.section import Outline
from switchgear.wire.bedrock_converse.tap import Fields
from switchgear.wire.bedrock_converse.word import (
    Counted,
    Served,
    read_stop,
    write_stop,
    write_usage,
)
from switchgear.wire.section import fold


class _Message(msgspec.Struct, frozen=True, gc=False):
    content: list[Block]


class _Output(msgspec.Struct, frozen=True, gc=False):
    message: _Message


class _Answer(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    output: _Output
    stop_reason: str = ""
    usage: Counted | None = None
    additional_model_response_fields: Fields | None = None
    service_tier: Served | None = None


_decode = msgspec.json.Decoder(_Answer).decode
_encode = msgspec.json.Encoder().encode


def read_whole(raw: bytes) -> tuple[Event, ...]:
    """Return the events of a whole answer, which does not name its model; the last is Finished.

    Raises:
        UpstreamGarbled: it is no answer of this API.
    """
    try:
        found = _decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise UpstreamGarbled("The target's answer is not a Converse answer.") from None
    events: list[Event] = [Opened(id="", model="")]
    tools = 0
    for block in found.output.message.content:
        events += block_events(block, tools)
        tools += block.tool_use is not None and not block.tool_use.type
    fields = found.additional_model_response_fields or Fields()
    finished = Finished(
        stop=read_stop(found.stop_reason),
        usage=found.usage.usage(found.service_tier) if found.usage else None,
        stop_sequence=fields.stop_sequence or "",
    )
    return (*events, finished)


def write_whole(events: Sequence[Event]) -> bytes:
    """Return a whole answer."""
    finished = Finished(stop=Stop.OTHER)
    for event in events:
        if isinstance(event, Finished):
            finished = event
    outline = fold(events, Outline())
    tools, refused = outline.asks_for_tools, outline.refused
    answer: dict[str, Any] = {
        "output": {"message": {"role": "assistant", "content": outline.blocks()}},
        "stopReason": write_stop(finished.stop, tools=tools, refused=refused),
        "usage": write_usage(finished.usage),
        "metrics": {"latencyMs": 0},
    }
    if finished.stop_sequence:
        answer["additionalModelResponseFields"] = {"stop_sequence": finished.stop_sequence}
    return _encode(answer)

"""Whole answers of the Responses API."""

import msgspec

from switchgear.domain.errors import UpstreamError, UpstreamFailed, UpstreamGarbled
from switchgear.domain.event import Event, Finished, RefusalDelta
from switchgear.wire.openai_failure import stream_error
from switchgear.wire.openai_responses.item import TOOLS
from switchgear.wire.openai_responses.tally import read_stop
from switchgear.wire.openai_responses.told import NOT_JSON, Answer, item_events, read_item

ENDED = "completed"
FAILED = frozenset(("failed", "cancelled"))

_decode = msgspec.json.Decoder(Answer).decode
_encode = msgspec.json.Encoder().encode


def read_whole(raw: bytes) -> tuple[Event, ...]:
    """Return the events of a whole answer; the last is Finished.

    Raises:
        UpstreamError: it says that it failed, or it is no answer of this API.
    """
    try:
        answer = _decode(raw)
    except NOT_JSON:
        raise UpstreamGarbled("The target's answer is not a Responses API answer.") from None
    if answer.error or answer.status in FAILED:
        raise failure(answer)
    if answer.output is None:
        raise UpstreamGarbled("The target's answer holds no output.")
    said, tools = read_output(answer.output)
    return (answer.opened, *said, read_end(answer, said, tools=tools))


def read_output(output: list[msgspec.Raw]) -> tuple[list[Event], int]:
    """Return what an output says, and the number of its tool calls."""
    events: list[Event] = []
    tools = 0
    for raw in output:
        item = read_item(raw)
        if item is not None:
            events += item_events(item, tools)
            tools += item.type in TOOLS
    return events, tools


def read_end(answer: Answer, said: list[Event], *, tools: int) -> Finished:
    """Return the end of a whole answer."""
    stop = read_stop(
        answer.reason,
        complete=answer.status in (ENDED, None),
        tools=bool(tools),
        refused=any(isinstance(event, RefusalDelta) for event in said),
    )
    return Finished(stop=stop, usage=answer.used)


def failure(answer: Answer) -> UpstreamError:
    """Return what it means that an answer failed."""
    if answer.error:
        return stream_error(_encode({"error": answer.error}))
    return UpstreamFailed(f"The target says that its answer was {answer.status or 'failed'}.")

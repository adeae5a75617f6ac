"""The response object, which says again what was asked."""

from typing import Any

import msgspec

from switchgear.domain.event import Finished, Opened
from switchgear.domain.ids import minted
from switchgear.domain.turn import Conversation, ToolChoice
from switchgear.wire import freeform
from switchgear.wire.openai_responses.compose import write_choice, write_format, write_tool
from switchgear.wire.openai_responses.tally import write_reason, write_usage

PREFIX = "resp_"
NOBODY = Conversation(model="", turns=())

_encode = msgspec.json.Encoder().encode


def response_id(given: str, decision: str) -> str:
    """Return the answer's id: ours, but where a target of this dialect gave it one."""
    return given if given.startswith(PREFIX) else PREFIX + decision


def created(opened: Opened, decision: str) -> int:
    """Return when the answer began; a dialect that does not say leaves the call's own time."""
    return opened.created or minted(decision) // 1000


class Outline:
    """What of the response object is the same from its first event to its last."""

    __slots__ = ("_asked", "_head")

    def __init__(self, decision: str, opened: Opened, asked: Conversation | None) -> None:
        """Write it once."""
        talk = asked or NOBODY
        self._head = {
            "id": response_id(opened.id, decision),
            "object": "response",
            "created_at": created(opened, decision),
            "model": opened.model or talk.model,
        }
        self._asked = _echo(talk)

    def told(
        self, output: list[bytes], end: Finished | None = None, *, refused: bool = False
    ) -> tuple[str, msgspec.Raw]:
        """Return the status, and the object, of an answer that has come to this."""
        reason = write_reason(end.stop, refused=refused) if end else ""
        status = "in_progress" if end is None else "incomplete" if reason else "completed"
        told = {
            **self._head,
            "status": status,
            "error": None,
            "incomplete_details": {"reason": reason} if reason else None,
            "output": [msgspec.Raw(item) for item in output],
            "usage": write_usage(end.usage) if end else None,
            **self._asked,
        }
        return status, msgspec.Raw(_encode(told))


def _echo(talk: Conversation) -> dict[str, Any]:
    choice = talk.tool_choice or ToolChoice()
    tools = [write_tool(tool) for tool in talk.tools]
    return {
        "background": False,
        "instructions": None,
        "max_output_tokens": talk.max_output,
        "metadata": dict(talk.metadata),
        "parallel_tool_calls": choice.parallel is not False,
        "previous_response_id": talk.previous or None,
        "reasoning": {"effort": talk.effort or None, "summary": None},
        "store": talk.keep,
        "temperature": talk.sampling.temperature,
        "text": {"format": write_format(talk.format) if talk.format else {"type": "text"}},
        "tool_choice": write_choice(choice, freeform.names(talk)),
        "tools": msgspec.Raw(_encode(tools)),
        "top_p": talk.sampling.top_p,
        "truncation": "disabled",
        "user": talk.end_user or None,
    }

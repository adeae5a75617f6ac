"""A caller's own request with edits made, and every other byte as it was."""

from collections.abc import Sequence
from typing import assert_never

import msgspec

from switchgear.domain.body import Body
from switchgear.domain.edit import (
    Append,
    AskUsage,
    CapOutput,
    ChooseTool,
    Edit,
    Mend,
    Prefill,
    Recall,
    UseModel,
)
from switchgear.domain.turn import Choice, Role
from switchgear.wire import freeform
from switchgear.wire.choice import chosen
from switchgear.wire.mend import mends
from switchgear.wire.openai_chat.body import ChatBody, parse
from switchgear.wire.openai_chat.compose import ask_to_go_on, go_on_fields, write_choice
from switchgear.wire.openai_chat.mend import mend
from switchgear.wire.openai_chat.message import write_messages
from switchgear.wire.openai_chat.request import Message, Request
from switchgear.wire.openai_chat.thought import SEALED, without_sealed
from switchgear.wire.strict import members
from switchgear.wire.tail import added, last_element, with_elements, with_words, words

encode = msgspec.json.encode
decode = msgspec.json.Decoder(Message).decode


def rewrite(body: Body, edits: Sequence[Edit]) -> bytes:
    """Return the request with the edits made; ``body.raw`` itself when none changes anything.

    Values that no edit touches keep their bytes, and all keep their order. Thinking that another
    dialect's provider signed is left out.
    """
    request = body.request if isinstance(body, ChatBody) else parse(body.raw).request
    changes: dict[str, object] = {}
    for edit in edits:
        _add_change(changes, request, edit)
    if any(isinstance(edit, ChooseTool) for edit in edits):
        changes |= _chosen(body, request, edits)
    own = _own(body, edits)
    if not (changes or own):
        return body.raw
    top = members(body.raw)
    if own:
        top["messages"] = msgspec.Raw(own)
    if "stream_options" in changes:
        changes["stream_options"] = _with_usage(top.get("stream_options"))
    if "messages" in changes:
        raw = bytes(top["messages"])
        last = decode(last_element(raw)[1]) if own else request.messages[-1]
        changes["messages"] = msgspec.Raw(_with_tail(raw, last, edits))
    return encode({**top, **changes})


def _own(body: Body, edits: Sequence[Edit]) -> bytes | None:
    """Return the caller's messages as they may be sent; None where they may as they came."""
    own = without_sealed(bytes(members(body.raw)["messages"])) if SEALED in body.raw else None
    if mends(edits):
        came = own or bytes(members(body.raw)["messages"])
        whole = mend(came)
        return own if whole == came else whole
    return own


def _add_change(changes: dict[str, object], request: Request, edit: Edit) -> None:
    if isinstance(edit, UseModel):
        if edit.model != request.model:
            changes["model"] = edit.model
    elif isinstance(edit, CapOutput):
        changes |= _capped(request, edit.tokens)
    elif isinstance(edit, AskUsage):
        if request.stream and not request.wants_usage:
            changes["stream_options"] = True
    elif isinstance(edit, Append | Prefill):
        changes["messages"] = True
        changes |= go_on_fields(edit)
    elif not isinstance(edit, Recall | ChooseTool | Mend):
        # this API holds no answers that could be gone on from; tools are chosen all at once
        assert_never(edit)


def _chosen(body: Body, request: Request, edits: Sequence[Edit]) -> dict[str, object]:
    """Return what is said of the tools, where there are any: in the newer form and the older."""
    talk = body.conversation
    wanted = chosen(talk.tool_choice, edits)
    if wanted is None:
        return {}
    found: dict[str, object] = {}
    if request.tools:
        found["tool_choice"] = write_choice(wanted, freeform.names(talk))
        if wanted.parallel is not None:
            found["parallel_tool_calls"] = wanted.parallel
    if wanted.choice is Choice.NONE and b'"functions"' in body.raw:
        older = bytes(members(body.raw).get("functions", msgspec.Raw(b"")))
        if older[:1] == b"[" and older[1:].lstrip() != b"]":
            found["function_call"] = "none"
    return found


def _capped(request: Request, tokens: int) -> dict[str, object]:
    most = request.max_output
    return {request.max_field: tokens} if most is None or most > tokens else {}


def _with_usage(options: object) -> dict[str, object]:
    """Return the caller's stream options, which may be null, with ``include_usage`` set."""
    raw = bytes(options) if isinstance(options, msgspec.Raw) else b"null"
    kept = members(raw) if raw != b"null" else {}
    return {**kept, "include_usage": True}


def _with_tail(array: bytes, last: Message, edits: Sequence[Edit]) -> bytes:
    """Return the caller's messages with what the edits append.

    Words of the assistant go into the caller's last message if that is its words already.
    """
    turns = added(edits)
    more = words(turns[0]) if turns and turns[0].role is Role.ASSISTANT else None
    if more is not None and last.role == "assistant" and not last.tool_calls:
        head, raw = last_element(array)
        message = members(raw)
        content = with_words(bytes(message.get("content", msgspec.Raw(b""))), more)
        message["content"] = msgspec.Raw(content)
        array, turns = head + encode(message) + b"]", turns[1:]
    array = with_elements(array, write_messages(turns, {}))
    mark = ask_to_go_on(edits)
    if not mark:
        return array
    head, raw = last_element(array)
    return head + encode({**members(raw), **mark}) + b"]"

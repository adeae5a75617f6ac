"""A caller's own request with edits made, and every other byte as it was."""

from collections.abc import Sequence
from typing import assert_never

import msgspec

from switchgear.domain.body import Body
from switchgear.domain.edit import AskUsage, CapOutput, Edit, UseModel
from switchgear.wire.openai_chat.body import ChatBody, parse
from switchgear.wire.openai_chat.request import Request
from switchgear.wire.strict import members

encode = msgspec.json.encode


def rewrite(body: Body, edits: Sequence[Edit]) -> bytes:
    """Return the request with the edits made; ``body.raw`` itself when none changes anything.

    Values that no edit touches keep their bytes, and all keep their order.
    """
    request = body.request if isinstance(body, ChatBody) else parse(body.raw).request
    changes: dict[str, object] = {}
    for edit in edits:
        _add_change(changes, request, edit)
    if not changes:
        return body.raw
    top = members(body.raw)
    if "stream_options" in changes:
        changes["stream_options"] = _with_usage(top.get("stream_options"))
    return encode({**top, **changes})


def _add_change(changes: dict[str, object], request: Request, edit: Edit) -> None:
    if isinstance(edit, UseModel):
        if edit.model != request.model:
            changes["model"] = edit.model
    elif isinstance(edit, CapOutput):
        most = request.max_output
        if most is None or most > edit.tokens:
            changes[request.max_field] = edit.tokens
    elif isinstance(edit, AskUsage):
        if request.stream and not request.wants_usage:
            changes["stream_options"] = True
    else:
        assert_never(edit)


def _with_usage(options: object) -> dict[str, object]:
    """Return the caller's stream options, which may be null, with ``include_usage`` set."""
    raw = bytes(options) if isinstance(options, msgspec.Raw) else b"null"
    kept = members(raw) if raw != b"null" else {}
    return {**kept, "include_usage": True}

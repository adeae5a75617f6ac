"""A caller's own request with edits made, and every other byte as it was."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.body import Body
from switchgear.domain.edit import Append, CapOutput, Edit, Mend, Prefill, Recall, UseModel
from switchgear.domain.turn import Turn
from switchgear.wire import freeform
from switchgear.wire.choice import chosen
from switchgear.wire.openai_responses.body import ResponsesBody, parse
from switchgear.wire.openai_responses.compose import write_choice
from switchgear.wire.openai_responses.mend import mend
from switchgear.wire.openai_responses.proof import HIDDEN, OUR_ITEM, foreign
from switchgear.wire.openai_responses.script import Script
from switchgear.wire.seal import MARK
from switchgear.wire.strict import members
from switchgear.wire.tail import added, with_elements

PREVIOUS = "previous_response_id"
STRANGE = tuple(f'"{mark}'.encode() for mark in (MARK, HIDDEN, OUR_ITEM))
"""In a body that may hold reasoning which no provider of this dialect wrote."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


def rewrite(body: Body, edits: Sequence[Edit]) -> bytes:
    """Return the request with the edits made; ``body.raw`` itself when none changes anything.

    Values that no edit touches keep their bytes, and all keep their order. Reasoning that another
    dialect's provider signed is left out: this one's cannot check it, and would refuse it. What
    the API does not know, the going on from words of its own, is asked for as an answer given.
    """
    own = body if isinstance(body, ResponsesBody) else parse(body.raw)
    changes = _changes(own, edits)
    strange = any(mark in own.raw for mark in STRANGE)
    touched = strange or any(isinstance(edit, TOUCHING) for edit in edits)
    if not (changes or touched):
        return body.raw
    top = members(body.raw)
    recalled = [edit.turns for edit in edits if isinstance(edit, Recall)]
    if recalled:
        top.pop(PREVIOUS, None)
    if touched:
        before, after = _script(own, [it for turns in recalled for it in turns], added(edits))
        came = bytes(top.get("input", b""))
        whole = _input(came, before)
        for edit in edits:
            if isinstance(edit, Mend):
                whole = mend(whole, edit.open, held=PREVIOUS in top)
        whole = with_elements(whole, after)
        if strange or whole != _input(came, []):
            changes["input"] = msgspec.Raw(whole)
    return _encode({**top, **changes}) if changes or recalled else body.raw


TOUCHING = (Append, Mend, Prefill, Recall)
"""Edits of the input."""


def _changes(own: ResponsesBody, edits: Sequence[Edit]) -> dict[str, object]:
    """Return what the edits change beside the input."""
    changes = _chosen(own, edits)
    for edit in edits:
        if isinstance(edit, UseModel) and edit.model != own.model:
            changes["model"] = edit.model
        elif isinstance(edit, CapOutput) and _lowers(edit, own):
            changes["max_output_tokens"] = edit.tokens
    return changes


def _chosen(own: ResponsesBody, edits: Sequence[Edit]) -> dict[str, object]:
    """Return what is said of the tools, as far as there are any."""
    wanted = chosen(own.conversation.tool_choice, edits) if own.request.tools else None
    if wanted is None:
        return {}
    found: dict[str, object] = {
        "tool_choice": write_choice(wanted, freeform.names(own.conversation))
    }
    if wanted.parallel not in {None, own.request.parallel_tool_calls}:
        found["parallel_tool_calls"] = wanted.parallel
    return found


def _lowers(edit: CapOutput, own: ResponsesBody) -> bool:
    most = own.request.max_output_tokens
    return most is None or most > edit.tokens


def _script(
    own: ResponsesBody, before: Sequence[Turn], after: Sequence[Turn]
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Return the items of turns that come before the caller's input, and of those after it."""
    script = Script(freeform.names(own.conversation), {})
    script.add(before)
    first = len(script.items)
    script.add(after)
    return script.items[:first], script.items[first:]


def _input(raw: bytes, before: list[dict[str, object]]) -> bytes:
    """Return an input with items before it, and those of it that may be sent."""
    if raw in {b"", b"null"}:
        raw = b"[]"
    elif raw[:1] == b'"':
        raw = b'[{"type":"message","role":"user","content":' + raw + b"}]"
    elif any(mark in raw for mark in STRANGE):
        raw = _without_strange(raw)
    if before:
        head = _encode(before)
        raw = with_elements(head, []) if not _elements(raw) else head[:-1] + b"," + raw.lstrip()[1:]
    return raw


def _without_strange(array: bytes) -> bytes:
    items = [bytes(raw) for raw in _elements(array)]
    kept = [raw for raw in items if not _is_strange(raw)]
    return array if len(kept) == len(items) else b"[" + b",".join(kept) + b"]"


def _is_strange(raw: bytes) -> bool:
    return any(mark in raw for mark in STRANGE) and foreign(_decode(raw))

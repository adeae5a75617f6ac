"""A caller's own messages made longer, or rid of what another dialect's provider signed."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.edit import Edit
from switchgear.domain.turn import Conversation, Role, Turn
from switchgear.wire.bedrock_converse import shape
from switchgear.wire.bedrock_converse.dialogue import Dialogue, told
from switchgear.wire.bedrock_converse.hidden import SEALED as HIDDEN
from switchgear.wire.bedrock_converse.hidden import SPOKEN, read_hidden
from switchgear.wire.seal import MARK
from switchgear.wire.strict import members
from switchgear.wire.tail import added, last_element, with_elements, words

SEALED = (b'"' + MARK.encode(), b'"' + HIDDEN)
"""In messages that may hold sealed thinking."""

_encode = msgspec.json.Encoder().encode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_block = msgspec.json.Decoder(shape.Block).decode


def longer(array: bytes, edits: Sequence[Edit]) -> bytes:
    """Return a caller's messages with what the edits append.

    What the speaker of the last message goes on to say becomes part of that message.
    """
    scribe = Dialogue(Conversation(model="", turns=()))
    for turn in added(edits):
        blocks = scribe.blocks(turn)
        role = "user" if turn.role is Role.SYSTEM else turn.role.value
        if turn.role is Role.SYSTEM:
            blocks = told(blocks)
        if blocks and _elements(array) and _role(array) == role:
            array = _with_last(array, turn, blocks)
        elif blocks:
            array = with_elements(array, [{"role": role, "content": blocks}])
    return array


def _role(array: bytes) -> str:
    return str(msgspec.json.decode(members(last_element(array)[1])["role"]))


def _with_last(array: bytes, turn: Turn, blocks: Sequence[object]) -> bytes:
    head, raw = last_element(array)
    message = members(raw)
    content, more = bytes(message["content"]), words(turn)
    last = members(last_element(content)[1]) if _elements(content) else {}
    if more is not None and turn.role is Role.ASSISTANT and "text" in last:
        before = last_element(content)[0]
        last["text"] = msgspec.Raw(bytes(last["text"])[:-1] + _encode(more)[1:])
        content = before + _encode(last) + b"]"
    else:
        content = with_elements(content, blocks)
    message["content"] = msgspec.Raw(content)
    return head + _encode(message) + b"]"


def without_foreign(array: bytes) -> bytes | None:
    """Return a caller's messages without sealed thinking; None where they hold none.

    A message that held nothing else is left out: the API takes none that is empty.
    """
    messages = [bytes(raw) for raw in _elements(array)]
    kept = [_without(raw) for raw in messages]
    if kept == messages:
        return None
    return b"[" + b",".join(raw for raw in kept if raw) + b"]"


def _without(message: bytes) -> bytes:
    if not any(each in message for each in SEALED):
        return message
    fields = members(message)
    blocks = [bytes(raw) for raw in _elements(fields["content"])]
    kept = [raw for raw in blocks if not _sealed(raw)]
    if len(kept) == len(blocks):
        return message
    fields["content"] = msgspec.Raw(b"[" + b",".join(kept) + b"]")
    return _encode(fields) if kept else b""


def _sealed(raw: bytes) -> bool:
    found = _block(raw).reasoning_content
    if found is None:
        return False
    signature = found.reasoning_text.signature if found.reasoning_text else ""
    hidden = found.redacted_content
    return signature.startswith(MARK) or (bool(hidden) and read_hidden(hidden)[1] is not SPOKEN)

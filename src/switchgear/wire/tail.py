"""The end of a conversation made longer: as turns of ours, and in a caller's own bytes."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.edit import Append, Edit, Mend, Prefill
from switchgear.domain.turn import Part, Role, Text, Turn
from switchgear.wire.mend import mended
from switchgear.wire.strict import members

_encode = msgspec.json.Encoder().encode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


def lengthened(turns: tuple[Turn, ...], edits: Sequence[Edit]) -> tuple[Turn, ...]:
    """Return the turns with those that the edits append, and words of one speaker as one turn.

    What is to be mended is mended before that.
    """
    if any(isinstance(edit, Mend) for edit in edits):
        turns = mended(turns)
    for edit in edits:
        if isinstance(edit, Append):
            for turn in edit.turns:
                turns = _with(turns, turn)
        elif isinstance(edit, Prefill):
            turns = _with(turns, Turn(Role.ASSISTANT, (Text(edit.text),)))
    return turns


def added(edits: Sequence[Edit]) -> tuple[Turn, ...]:
    """Return what the edits append, by itself."""
    return lengthened((), edits)


def _with(turns: tuple[Turn, ...], turn: Turn) -> tuple[Turn, ...]:
    last = turns[-1] if turns else None
    if last is None or not (last.role is turn.role is Role.ASSISTANT):
        return (*turns, turn)
    return (*turns[:-1], Turn(Role.ASSISTANT, _joined(last.parts, turn.parts)))


def _joined(before: tuple[Part, ...], after: tuple[Part, ...]) -> tuple[Part, ...]:
    if not (before and after):
        return before or after
    last, first = before[-1], after[0]
    if not (isinstance(last, Text) and isinstance(first, Text)):
        return (*before, *after)
    seam = Text(last.text + first.text, last.cache or first.cache)
    return (*before[:-1], seam, *after[1:])


def words(turn: Turn) -> str | None:
    """Return the one text that a turn is; None if it is anything else."""
    first = turn.parts[0] if len(turn.parts) == 1 else None
    return first.text if isinstance(first, Text) else None


def with_elements(array: bytes, elements: Sequence[object]) -> bytes:
    """Return a JSON array with more at its end, and every byte before that as it was."""
    if not elements:
        return array
    head = array.rstrip()[:-1]
    comma = b"," if _elements(array) else b""
    return head + comma + _encode(elements)[1:]


def last_element(array: bytes) -> tuple[bytes, bytes]:
    """Return a JSON array's bytes before its last element, and those of the element."""
    last = bytes(_elements(array)[-1])
    return array.rstrip()[:-1].rstrip().removesuffix(last), last


def with_words(content: bytes, text: str) -> bytes:
    """Return a message's content, a string or a list of parts, with more words at its end."""
    if content in {b"", b"null"}:
        return _encode(text)
    if content[:1] == b'"':
        return content[:-1] + _encode(text)[1:]
    if _elements(content):
        head, last = last_element(content)
        part = members(last)
        if bytes(part.get("type", NOTHING)) == b'"text"':
            part["text"] = msgspec.Raw(with_words(bytes(part["text"]), text))
            return head + _encode(part) + b"]"
    return with_elements(content, [{"type": "text", "text": text}])


NOTHING = msgspec.Raw(b"")

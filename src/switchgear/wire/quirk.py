"""What one house does otherwise than its dialect says, and a request made to fit that.

A path names fields from the top, with dots: ``tools.function.strict``. Lists on the way are gone
through. What no quirk touches keeps its bytes.
"""

import hashlib
import re
from collections.abc import Callable

import msgspec

from switchgear.wire.strict import members

SHORT = re.compile(rb'"[a-zA-Z0-9]{9}"')
"""The only form that Mistral's API takes as the id of a tool call."""
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CALL_IDS = ("messages.tool_calls.id", "messages.tool_call_id")
EMPTY = frozenset((b"null", b"[]", b"{}", b'""'))
"""What says no more than if it were not there."""


class Quirks(msgspec.Struct, frozen=True, kw_only=True):
    """What is changed in every request to one house, in this order."""

    dropped: tuple[str, ...] = ()
    """Paths of what it refuses; each that held something is named to the caller."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Top-level fields, with the names that it knows; ``config.seed`` goes into an object."""
    mapped: tuple[tuple[str, str, str], ...] = ()
    """A path, a text that may stand there, and the text that it knows instead."""
    short_ids: bool = False
    """Ids of tool calls are nine letters and digits; others are replaced, always by the same."""
    hidden: tuple[str, ...] = ()
    """Top-level fields that stand elsewhere in the request, and are lost to nobody."""
    added: tuple[tuple[str, str], ...] = ()
    """Top-level fields with the text that must stand there."""

    def __add__(self, other: "Quirks") -> "Quirks":
        """Return both as one."""
        return Quirks(
            dropped=self.dropped + other.dropped,
            renamed=self.renamed + other.renamed,
            mapped=self.mapped + other.mapped,
            short_ids=self.short_ids or other.short_ids,
            hidden=self.hidden + other.hidden,
            added=self.added + other.added,
        )


PLAIN = Quirks()
"""What a house has that does all as its dialect says."""


def fit(raw: bytes, quirks: Quirks) -> tuple[bytes, tuple[str, ...]]:
    """Return the request as the house knows it, and the names of what it lost.

    ``raw`` itself comes back where it holds nothing that a quirk is about. Doing it twice is as
    good as once. A name written with escapes is left as it is: the house may refuse it.
    """
    if quirks == PLAIN:
        return raw, ()
    top = members(raw)
    before = dict(top)
    lost = [path for path in quirks.dropped if _drop(top, path)]
    lost += [old for old, new in quirks.renamed if _rename(top, old, new)]
    for path, old, new in quirks.mapped:
        _change(top, path, _instead(_encode(old), _encode(new)), _encode(old))
    for path in CALL_IDS if quirks.short_ids else ():
        _change(top, path, _shortened)
    for name in quirks.hidden:
        top.pop(name, None)
    top |= {name: msgspec.Raw(_encode(text)) for name, text in quirks.added}
    same = len(top) == len(before) and all(before.get(name) is top[name] for name in top)
    return raw if same else _encode(top), tuple(lost)


_encode = msgspec.json.Encoder().encode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_Change = Callable[[bytes], bytes | None]
"""From a value's bytes to those instead of it; the same object where it stays, None to drop it."""


def _change(top: dict[str, msgspec.Raw], path: str, change: _Change, mark: bytes = b"") -> bool:
    """Change what stands at a path; tell whether anything is otherwise now.

    Values without the mark, by default the path's last name, are not looked through: a long
    conversation is made of many messages.
    """
    name, _, rest = path.partition(".")
    if name not in top:
        return False
    raw = bytes(top[name])
    mark = mark or b'"%s"' % path.rpartition(".")[2].encode()
    new = _inside(raw, rest, change, mark) if rest else change(raw)
    if new is None:
        del top[name]
    elif new is not raw:
        top[name] = msgspec.Raw(new)
    return new is not raw


def _inside(raw: bytes, path: str, change: _Change, mark: bytes) -> bytes:
    if mark not in raw:
        return raw
    if raw[:1] == b"[":
        elements = [bytes(each) for each in _elements(raw)]
        changed = [_inside(each, path, change, mark) for each in elements]
        same = all(new is old for new, old in zip(changed, elements, strict=True))
        return raw if same else b"[" + b",".join(changed) + b"]"
    if raw[:1] == b"{":
        inner = members(raw)
        return _encode(inner) if _change(inner, path, change, mark) else raw
    return raw


def _drop(top: dict[str, msgspec.Raw], path: str) -> bool:
    """Take away what stands at a path; tell whether anything was lost by it."""
    gone: list[bytes] = []

    def drop(raw: bytes) -> None:
        gone.append(raw)

    _change(top, path, drop)
    return any(raw not in EMPTY for raw in gone)


def _rename(top: dict[str, msgspec.Raw], old: str, new: str) -> bool:
    """Give a field its other name; tell whether anything was lost by it.

    What stands under the new name already is what the caller meant for this house: it stays.
    """
    value = top.pop(old, None)
    if value is None:
        return False
    name, _, inner = new.partition(".")
    if not inner:
        return _give(top, name, value)
    there = bytes(top.get(name, b"{}"))
    if there[:1] != b"{" and there not in EMPTY:
        return bytes(value) not in EMPTY
    held = members(there) if there[:1] == b"{" else {}
    lost = _give(held, inner, value)
    top[name] = msgspec.Raw(_encode(held))
    return lost


def _give(fields: dict[str, msgspec.Raw], name: str, value: msgspec.Raw) -> bool:
    there = bytes(fields.get(name, b"null"))
    if there in EMPTY:
        fields[name] = value
        return False
    return bytes(value) not in {there, *EMPTY}


def _instead(old: bytes, new: bytes) -> _Change:
    return lambda raw: new if raw == old else raw


def _shortened(raw: bytes) -> bytes:
    """Return an id in the short form: itself if it has it, else nine letters of its digest."""
    if raw[:1] != b'"' or SHORT.fullmatch(raw):
        return raw
    number = int.from_bytes(hashlib.sha256(raw).digest()[:16])
    letters = ""
    for _ in range(9):
        number, place = divmod(number, len(LETTERS))
        letters += LETTERS[place]
    return _encode(letters)

"""A request made to fit what one house does otherwise than its dialect says.

A path names fields from the top, with dots: ``tools.function.strict``. Lists on the way are gone
through. What no quirk touches keeps its bytes.
"""

import hashlib
import re
from functools import cache

import msgspec

from switchgear.domain.quirk import Quirks
from switchgear.wire.strict import members

SHORT = re.compile(rb'"[a-zA-Z0-9]{9}"')
"""The only form that Mistral's API takes as the id of a tool call."""
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FEW = 4
"""Names that are sooner looked for, one by one, than a request is read."""
CALL_IDS = ("messages.tool_calls.id", "messages.tool_call_id")
EMPTY = frozenset((b"null", b"[]", b"{}", b'""'))
"""What says no more than if it were not there."""


def fit(raw: bytes, quirks: Quirks) -> tuple[bytes, tuple[str, ...]]:
    """Return the request as the house knows it, and the names of what it lost.

    ``raw`` itself comes back where it holds nothing that a quirk is about. Doing it twice is as
    good as once. A name written with escapes is left as it is: the house may refuse it.
    """
    marks = _marks(quirks)
    if marks is not None and not any(mark in raw for mark in marks):
        return raw, ()
    top = members(raw)
    before, lost = dict(top), set[str]()
    _change(top, _tree(quirks), lost)
    lost.update(old for old, new in quirks.renamed if _rename(top, old, new))
    for name in quirks.hidden:
        top.pop(name, None)
    top |= {name: msgspec.Raw(_encode(text)) for name, text in quirks.added}
    same = len(top) == len(before) and all(before.get(name) is top[name] for name in top)
    named = [*quirks.dropped, *(old for old, _ in quirks.renamed)] if lost else []
    return raw if same else _encode(top), tuple(each for each in named if each in lost)


class _Leaf(msgspec.Struct, frozen=True):
    """What becomes of the value at one path."""

    path: str
    drop: bool = False
    instead: dict[bytes, bytes] = {}
    short: bool = False

    def change(self, raw: bytes, lost: set[str]) -> bytes | None:
        """Return the value, the same object where it stays; None where it goes."""
        if self.drop:
            if raw not in EMPTY:
                lost.add(self.path)
            return None
        return _shortened(raw) if self.short else self.instead.get(raw, raw)


_Tree = dict[str, "_Leaf | _Tree"]
"""All paths of a set of quirks, for a request to be gone through once."""

_encode = msgspec.json.Encoder().encode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


@cache
def _marks(quirks: Quirks) -> tuple[bytes, ...] | None:
    """Return bytes of which one is in every request to be changed; None if looking costs more."""
    names = [path.rpartition(".")[2] for path in (*quirks.dropped, *quirks.hidden)]
    names += [old for old, _ in quirks.renamed]
    names += [text for _, text, _ in quirks.mapped]
    few = len(names) <= FEW and not (quirks.short_ids or quirks.added)
    return tuple(_encode(name) for name in names) if few else None


@cache
def _tree(quirks: Quirks) -> _Tree:
    leaves: dict[str, _Leaf] = {}
    for path in CALL_IDS if quirks.short_ids else ():
        leaves[path] = _Leaf(path, short=True)
    for path, old, new in quirks.mapped:
        leaf = leaves.get(path, _Leaf(path))
        instead = {**leaf.instead, _encode(old): _encode(new)}
        leaves[path] = msgspec.structs.replace(leaf, instead=instead)
    leaves |= {path: _Leaf(path, drop=True) for path in quirks.dropped}
    tree: _Tree = {}
    for path in sorted(leaves):  # so that what is dropped whole is there before parts of it
        _plant(tree, path.split("."), leaves[path])
    return tree


def _plant(tree: _Tree, names: list[str], leaf: _Leaf) -> None:
    name, *rest = names
    branch = tree.setdefault(name, {} if rest else leaf)
    if rest and isinstance(branch, dict):
        _plant(branch, rest, leaf)


def _change(fields: dict[str, msgspec.Raw], tree: _Tree, lost: set[str]) -> bool:
    """Change what the tree is about; tell whether anything is otherwise now."""
    changed = False
    for name in tree.keys() & fields.keys():
        raw, branch = bytes(fields[name]), tree[name]
        new = branch.change(raw, lost) if isinstance(branch, _Leaf) else _inside(raw, branch, lost)
        if new is None:
            del fields[name]
        elif new is not raw:
            fields[name] = msgspec.Raw(new)
        changed |= new is not raw
    return changed


def _inside(raw: bytes, tree: _Tree, lost: set[str]) -> bytes:
    if raw[:1] == b"[":
        elements = [bytes(each) for each in _elements(raw)]
        changed = [_inside(each, tree, lost) for each in elements]
        same = all(new is old for new, old in zip(changed, elements, strict=True))
        return raw if same else b"[" + b",".join(changed) + b"]"
    if raw[:1] == b"{":
        inner = members(raw)
        return _encode(inner) if _change(inner, tree, lost) else raw
    return raw


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

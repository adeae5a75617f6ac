"""JSON as a gateway must read it: one meaning for everybody, and a bound on the work.

What two parsers may read differently, a filter and a target may read differently. So duplicate
keys, NaN, lone surrogates, NUL and a byte order mark are refused rather than guessed at.
"""

import json
import re
from typing import Any, NoReturn

import msgspec

from switchgear.domain.errors import MalformedBody

MAX_DEPTH = 64
"""Levels of objects and arrays."""
MAX_VALUES = 200_000
"""Values in one body: some 10 ms of work."""
SURELY_FEW = MAX_VALUES * 3 // 2
"""Bytes that cannot hold more values: the most in the least are ``[],[],``, three for two."""
QUOTES = 4
"""Around one value and its key."""
NAMED_BELOW = 1 << 20
"""Bytes. Beyond it, what is wrong is refused without looking for where it is."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
TO_ROUND = bytes.maketrans(b"{}[]", b"()()")
NOT_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]"
)

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def decode(raw: bytes) -> dict[str, Any]:
    """Return the object that ``raw`` is, if it means the same to every parser.

    Raises:
        MalformedBody: it is not strict JSON, not an object, too deep or too large; says where.
    """
    if len(raw) > SURELY_FEW and _may_hold_many(raw):
        return _decode_slowly(raw)
    if b"\\" in raw and _may_hide_much(raw):  # one byte is found far faster than more
        return _decode_slowly(raw)
    try:
        found = _decode(raw)
        written = _encode(found)
    except (ValueError, OverflowError, RecursionError):
        return _decode_slowly(raw)
    if type(found) is not dict or _too_deep(found):
        return _decode_slowly(raw)
    if raw != written and raw.count(b":") != written.count(b":"):  # most are as compact as ours
        return _decode_slowly(raw)
    return found


def _may_hold_many(raw: bytes) -> bool:
    return raw.count(b",") + raw.count(b"{") + raw.count(b"[") > MAX_VALUES


def _may_hide_much(raw: bytes) -> bool:
    """Tell whether there may be a NUL, or a colon, written as an escape."""
    return b"\\u00" in raw and (b"\\u0000" in raw or b"\\u003" in raw)


def _decode_slowly(raw: bytes) -> dict[str, Any]:
    """Decode what is rare, wrong or large: look at all outside the strings before decoding it.

    ``decode`` need not look: written anew, a body has as many colons as before unless a key was
    lost, or a colon was written as an escape.
    """
    quiet = _without_escapes(raw)
    if quiet.count(b'"') > QUOTES * MAX_VALUES:
        raise MalformedBody(f"more than {MAX_VALUES} values")
    skeleton = b"".join(quiet.split(b'"')[::2])
    _bound(skeleton)
    try:
        found = _decode(raw)
    except ValueError as error:
        _explain(raw, quiet, error)
    if type(found) is not dict:
        raise MalformedBody("expected a JSON object at the top")
    if skeleton.count(b":") != _keys(found):
        _explain_duplicate(raw)
    return found


def _too_deep(top: dict[str, Any]) -> bool:
    level: list[Any] = [top]
    for _ in range(MAX_DEPTH):
        below = []
        for node in level:
            for inner in node.values() if type(node) is dict else node:
                kind = type(inner)
                if kind is dict or kind is list:
                    below.append(inner)
        if not below:
            return False
        level = below
    return True


def members(raw: bytes) -> dict[str, msgspec.Raw]:
    """Return the top level of a body that ``decode`` has accepted, each value's bytes as they came.

    Raises:
        MalformedBody: it is no object. What is inside the values is not looked at.
    """
    try:
        return _members(raw)
    except ValueError as error:
        _explain(raw, raw, error)


def _without_escapes(raw: bytes) -> bytes:
    """Return ``raw``, as long as before, with no quote left in it but those around strings."""
    if b"\x00" in raw:
        raise MalformedBody(f"NUL is not allowed (byte {raw.index(0)})")
    if b"\\" not in raw:
        return raw
    quiet = raw.replace(b"\\\\", b"__").replace(b'\\"', b"__")
    if b"\\u0000" in quiet:
        where = quiet.index(b"\\u0000")
        raise MalformedBody(f"NUL is not allowed, nor is it as an escape (byte {where})")
    return quiet


def _bound(skeleton: bytes) -> None:
    """Refuse what would cost too much, before any of it is decoded."""
    openers = skeleton.count(b"{") + skeleton.count(b"[")
    if openers + skeleton.count(b",") > MAX_VALUES:
        raise MalformedBody(f"more than {MAX_VALUES} values")
    if openers > MAX_DEPTH and _nested(skeleton, openers):
        raise MalformedBody(f"nested deeper than {MAX_DEPTH}")


def _nested(skeleton: bytes, openers: int) -> bool:
    """Tell by peeling: each round takes the innermost pairs away, so rounds are levels."""
    rounded = skeleton.translate(TO_ROUND, NOT_BRACKETS)[: 2 * openers]
    for _ in range(MAX_DEPTH):
        if b"()" not in rounded:
            break
        rounded = rounded.replace(b"()", b"")
    return b"()" in rounded or rounded.count(b"(") > MAX_DEPTH


def _keys(top: dict[str, Any]) -> int:
    count, ahead = 0, [top]
    while ahead:
        node: Any = ahead.pop()
        if type(node) is dict:
            count += len(node)
            ahead += node.values()
        elif type(node) is list:
            ahead += node
    return count


def _explain(raw: bytes, quiet: bytes, error: Exception) -> NoReturn:
    if raw.startswith(BYTE_ORDER_MARK):
        raise MalformedBody("a byte order mark is not allowed (byte 0)") from None
    if isinstance(error, UnicodeDecodeError):
        raise MalformedBody(f"not UTF-8{_where_not_utf8(raw)}") from None
    lone = LONE_SURROGATE.search(quiet, 0, NAMED_BELOW)
    if lone:
        raise MalformedBody(f"half a surrogate pair (byte {lone.start()})") from None
    if "truncated" in str(error):
        raise MalformedBody(f"not JSON: it ends too early (byte {len(raw)})") from None
    reason = str(error).removeprefix("JSON is malformed: ").replace("`", "")
    raise MalformedBody(f"not JSON: {reason}") from None


def _where_not_utf8(raw: bytes) -> str:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return f" (byte {error.start})"
    return ""


def _explain_duplicate(raw: bytes) -> NoReturn:
    if len(raw) < NAMED_BELOW:
        json.loads(raw, object_pairs_hook=_refuse_twice)
    raise MalformedBody("an object has the same key twice")


def _refuse_twice(pairs: list[tuple[str, object]]) -> None:
    seen = set[str]()
    for key, _ in pairs:
        if key in seen:
            raise MalformedBody(f"an object has the key {json.dumps(key[:80])} twice")
        seen.add(key)

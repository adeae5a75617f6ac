"""Items of an input that have to do with tools, mended in a caller's own bytes."""

from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.wire.mend import LOST_CALL, NOT_RUN, said

CALLS = {
    "function_call": "function_call_output",
    "custom_tool_call": "custom_tool_call_output",
}
OUTPUTS = frozenset(CALLS.values())

Item = dict[str, Any]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


def mend(array: bytes, before: Sequence[str], *, held: bool) -> bytes:
    """Return a caller's items with each call answered, and each output called for.

    Shapes: ``before`` are ids of calls that are open in an answer which the request only names;
    ``held`` says that there is one, so that outputs without a call here may have theirs there.
    """
    raws = [bytes(raw) for raw in _elements(array)]
    items: list[Item] = [_decode(raw) for raw in raws]
    lonely, answered = _lonely(items)
    strays = {items[at].get("call_id") for at in lonely}
    found = [_output(name, "function_call_output") for name in before if name not in strays]
    waiting: list[bytes] = []
    """Outputs that come once the calls of this run have all been told."""
    for at, (raw, item) in enumerate(zip(raws, items, strict=True)):
        kind = item.get("type")
        if at in lonely and not held:
            found.append(_encode(_told(item)))
            continue
        if kind not in CALLS and kind not in OUTPUTS:
            found += waiting
            waiting = []
        found.append(raw)
        if kind in CALLS and at not in answered:
            waiting.append(_output(str(item.get("call_id")), CALLS[kind]))
    found += waiting
    return array if found == raws else b"[" + b",".join(found) + b"]"


def _lonely(items: Sequence[Item]) -> tuple[set[int], set[int]]:
    """Return where outputs stand that no call before them waits for, and calls that have one."""
    waiting: dict[object, list[int]] = {}
    lonely, answered = set[int](), set[int]()
    for at, item in enumerate(items):
        kind, name = item.get("type"), item.get("call_id")
        if kind in CALLS:
            waiting.setdefault(name, []).append(at)
        elif kind in OUTPUTS and waiting.get(name):
            answered.add(waiting[name].pop(0))
        elif kind in OUTPUTS:
            lonely.add(at)
    return lonely, answered


def _output(name: str, kind: str) -> bytes:
    return _encode({"type": kind, "call_id": name, "output": NOT_RUN})


def _told(item: Item) -> Item:
    words = f"{LOST_CALL}\n{said(item.get('output', ''))}"
    return {"type": "message", "role": "user", "content": words}

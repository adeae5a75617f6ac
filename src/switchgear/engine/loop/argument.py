"""Arguments of tool calls, so written that the same are equal."""

from typing import Any

import msgspec

from switchgear.engine.loop.digest import bytes_of, digest

MOST_PARSED = 65_536
"""Characters of arguments that are parsed; longer ones are compared as they came."""
MOST_NESTED = 8
"""Levels at which keys are looked at."""

VOLATILE = frozenset({
    *("timestamp", "timestamps", "ts", "now", "currenttime", "clienttime", "requesttime"),
    *("requestid", "reqid", "callid", "toolcallid", "messageid", "correlationid"),
    *("traceid", "trace", "traceparent", "tracestate", "spanid", "parentspanid"),
    *("nonce", "idempotencykey", "cachebuster"),
})  # fmt: skip
"""Keys, in lower case and letters only, whose values differ from call to call."""
COMMENTS = frozenset({
    "thought", "thoughts", "thinking", "reasoning", "rationale", "explanation", "justification",
})  # fmt: skip
"""Keys whose values are for readers; they count where there are no others."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="sorted").encode


def ask_of(tool: str, arguments: str) -> bytes:
    """Return the digest of a tool and its arguments."""
    return digest(bytes_of(tool) + b"\0" + canonical(arguments))


def canonical(arguments: str) -> bytes:
    """Return arguments with sorted keys and without what differs from call to call.

    What is not JSON stays as it is, but for white space.
    """
    if len(arguments) <= MOST_PARSED:
        try:
            value = _decode(arguments)
            return _encode(_kept(value, 0) if isinstance(value, (dict, list)) else value)
        except (msgspec.DecodeError, msgspec.EncodeError, UnicodeError, RecursionError):
            pass
    return bytes_of(" ".join(arguments.split()))


def field_of(arguments: str, names: tuple[str, ...]) -> str:
    """Return the first of some fields that is a text; empty where there is none."""
    try:
        value = _decode(arguments) if len(arguments) <= MOST_PARSED else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
    if not isinstance(value, dict):
        return ""
    return next((found for name in names if isinstance(found := value.get(name), str)), "")


def _kept(value: Any, level: int) -> Any:  # noqa: ANN401  (JSON is anything)
    if level < MOST_NESTED:
        if isinstance(value, dict):
            return _kept_fields(value, level + 1)
        if isinstance(value, list):
            return [_kept(each, level + 1) for each in value]
    return value


def _kept_fields(fields: dict[str, Any], level: int) -> dict[str, Any]:
    kept = {}
    comments = {}
    for key, value in fields.items():
        name = key.lower().replace("_", "").replace("-", "")
        if name in COMMENTS:
            comments[key] = value
        elif name not in VOLATILE:
            kept[key] = _kept(value, level) if isinstance(value, (dict, list)) else value
    return kept or comments

"""Errors of the Converse API: what a target's mean, and how ours are written."""

import re
from typing import Any

import msgspec

from switchgear.domain.errors import (
    ContentFiltered,
    ContextTooLong,
    SwitchgearError,
    UpstreamError,
    UpstreamFailed,
    UpstreamRejected,
)
from switchgear.domain.units import Seconds
from switchgear.wire.eventstream import Headers, write_message
from switchgear.wire.failure import SERVER_ERROR, by_status, denied, noted, reason

STATUSES = {
    "ValidationException": 400,
    "AccessDeniedException": 403,
    "ResourceNotFoundException": 404,
    "ModelTimeoutException": 408,
    "ModelErrorException": 424,
    "ModelStreamErrorException": 424,
    "ThrottlingException": 429,
    "ModelNotReadyException": 429,
    "ServiceQuotaExceededException": 429,
    "InternalServerException": 500,
    "ServiceUnavailableException": 503,
}
"""By name: what the status would have been of an error that came within a stream."""
NAMES = {
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    503: "ServiceUnavailableException",
}
IN_STREAM = frozenset(
    (
        "ValidationException",
        "ThrottlingException",
        "ServiceUnavailableException",
        "InternalServerException",
    )
)
"""Of the names above, those that may come within a stream and tell nothing of the model."""
MODEL_FAILED = 424
TOO_LONG = re.compile(
    r"(?:input|prompt) is too long"
    r"|input length and .?max_tokens.? exceed"
    r"|exceed(?:s|ed)? (?:the )?(?:model'?s? )?(?:maximum )?context"
    r"|context (?:length|window|limit)"
    r"|too many input tokens|input tokens exceeded|too many total text bytes",
    re.IGNORECASE,
)
FILTERED = re.compile(r"content filter(?:ing)? policy|blocked by .{0,40}filter", re.IGNORECASE)
OWNERS = re.compile(
    r"model identifier is invalid|on-demand throughput|operation not allowed"
    r"|don't have access to the model|use case details|end of its life",
    re.IGNORECASE,
)
"""What some refusals say with status 400 that only the owner can mend."""

_encode = msgspec.json.Encoder().encode


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An error's body; the front door of AWS writes ``Message``."""

    message: str | None = None
    other: str | None = msgspec.field(default=None, name="Message")
    kind: str | None = msgspec.field(default=None, name="__type")


_read = msgspec.json.Decoder(Told).decode


def read_error(status: int, raw: bytes, retry_after: Seconds | None) -> UpstreamError:
    """Return what an answer with an error status means; its name, in a header, is not needed."""
    return judge(status, _said(raw), retry_after)


def read_told(name: str, raw: bytes) -> UpstreamError:
    """Return what an exception within a stream means; ``name`` is its type."""
    status = STATUSES.get(name[:1].upper() + name[1:], SERVER_ERROR)
    return judge(status, _said(raw), None)


def judge(status: int, said: str, retry_after: Seconds | None) -> UpstreamError:
    """Return the error for a status and what was said with it."""
    return noted(_judge(status, said), status, retry_after)


def _said(raw: bytes) -> str:
    try:
        told = _read(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return ""
    return told.message or told.other or ""


def _judge(status: int, said: str) -> UpstreamError:
    if status == MODEL_FAILED:
        return UpstreamFailed(f"The target failed with status {status}.")
    return by_status(status) or _rejected(status, said)


def _rejected(status: int, said: str) -> UpstreamError:
    if TOO_LONG.search(said):
        return ContextTooLong(reason(said))
    if OWNERS.search(said):
        return denied(status)
    error = (ContentFiltered if FILTERED.search(said) else UpstreamRejected)(reason(said))
    error.status = status
    return error


def error_type(status: int) -> str:
    """Return the API's name for errors of this status."""
    other = "InternalServerException" if status >= SERVER_ERROR else "ValidationException"
    return NAMES.get(status, other)


def write_error(error: SwitchgearError, decision: str) -> bytes:
    """Return an error body; ``reason`` and ``decision`` are additions of ours."""
    return _encode(_body(error, decision))


def write_stream_error(error: SwitchgearError, decision: str) -> bytes:
    """Return the exception that tells of an error in the middle of a stream."""
    name = error_type(error.status)
    name = name if name in IN_STREAM else "InternalServerException"
    headers: Headers = {
        ":exception-type": name[:1].lower() + name[1:],
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    return write_message(headers, _encode(_body(error, decision)))


def _body(error: SwitchgearError, decision: str) -> dict[str, Any]:
    return {
        "__type": error_type(error.status),
        "message": error.message,
        "reason": error.code,
        "decision": decision,
    }

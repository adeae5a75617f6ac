"""Errors of the Messages API: what a target's mean, and how ours are written."""

import re
from typing import Any

import msgspec

from switchgear.domain.errors import (
    ContentFiltered,
    ContextTooLong,
    SwitchgearError,
    ThreadUnsupported,
    UpstreamError,
    UpstreamRejected,
)
from switchgear.domain.units import Seconds
from switchgear.wire.failure import SERVER_ERROR, by_status, denied, noted, reason

TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""By status; other 4xx are ``invalid_request_error``, other 5xx ``api_error``."""
STATUSES = {kind: status for status, kind in TYPES.items()} | {
    "invalid_request_error": 400,
    "api_error": 500,
}
"""By type: what the status would have been of an error that came within a stream."""

TOO_LARGE = 413
TOO_LONG = re.compile(
    r"prompt is too long|exceed(?:s|ed)? (?:the )?(?:model'?s? )?context (?:limit|window)"
    r"|too many total text bytes|context window exceeded",
    re.IGNORECASE,
)
PROMPT_TOO_LONG = "prompt is too long"
"""The API's own words, by which agents know that they must shorten their history."""
NO_THREADS = "thread_unsupported_request"
"""The API's own code, by which its SDKs know that they must send the whole conversation."""
NO_CREDIT = re.compile(r"credit balance is too low", re.IGNORECASE)
FILTERED = re.compile(r"content filtering policy", re.IGNORECASE)


class Detail(msgspec.Struct, frozen=True):
    """The inner object of an error body."""

    type: str | None = None
    message: str | None = None


class _ErrorBody(msgspec.Struct, frozen=True):
    error: Detail | None = None


_read = msgspec.json.Decoder(_ErrorBody).decode
_encode = msgspec.json.Encoder().encode


def read_error(status: int, raw: bytes, retry_after: Seconds | None) -> UpstreamError:
    """Return what an answer with an error status means."""
    try:
        detail = _read(raw).error or Detail()
    except (msgspec.DecodeError, ValueError, RecursionError):
        detail = Detail()
    return judge(status, detail, retry_after)


def read_told(detail: Detail) -> UpstreamError:
    """Return what an error means that came with status 200, whole or within a stream."""
    return judge(STATUSES.get(detail.type or "", SERVER_ERROR), detail, None)


def judge(status: int, detail: Detail, retry_after: Seconds | None) -> UpstreamError:
    """Return the error for a status and what was said with it."""
    return noted(_judge(status, detail.message or ""), status, retry_after)


def _judge(status: int, said: str) -> UpstreamError:
    if status == TOO_LARGE:
        return ContextTooLong()
    return by_status(status) or _rejected(status, said)


def _rejected(status: int, said: str) -> UpstreamError:
    if NO_CREDIT.search(said):
        return denied(status)
    if TOO_LONG.search(said):
        return ContextTooLong(reason(said))
    error = (ContentFiltered if FILTERED.search(said) else UpstreamRejected)(reason(said))
    error.status = status
    return error


def error_type(status: int) -> str:
    """Return the API's name for errors of this status."""
    return TYPES.get(status, "api_error" if status >= SERVER_ERROR else "invalid_request_error")


def write_error(error: SwitchgearError, decision: str) -> bytes:
    """Return an error body; ``code`` and ``decision`` are additions of ours."""
    return _encode(_body(error, decision))


def write_stream_error(error: SwitchgearError, decision: str) -> bytes:
    """Return the frame that tells of an error in the middle of a stream."""
    return b"event: error\ndata: " + _encode(_body(error, decision)) + b"\n\n"


def _body(error: SwitchgearError, decision: str) -> dict[str, Any]:
    message = error.message
    if isinstance(error, ContextTooLong) and PROMPT_TOO_LONG not in message:
        message = f"{PROMPT_TOO_LONG}: {message}"
    told: dict[str, Any] = {
        "type": error_type(error.status),
        "message": message,
        "code": error.code,
        "decision": decision,
    }
    if isinstance(error, ThreadUnsupported):
        told["details"] = {"error_code": NO_THREADS}
    return {"type": "error", "error": told, "request_id": decision}

"""Errors of the API: what a target's mean, and how ours are written."""

import re
from typing import Any

import msgspec

from switchgear.domain.errors import (
    ContentFiltered,
    ContextTooLong,
    SwitchgearError,
    UpstreamError,
    UpstreamRejected,
)
from switchgear.domain.units import Seconds
from switchgear.wire.failure import BAD_REQUEST, SERVER_ERROR, by_status, denied, noted, reason

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""By HTTP status, from google.rpc.Code; other 4xx are ``INVALID_ARGUMENT``, 5xx ``INTERNAL``."""
TYPE = "type.googleapis.com/google.rpc."
TOO_LARGE = 413
TOO_LONG = re.compile(
    r"exceeds the maximum number of tokens"
    r"|input token count.{0,60}exceeds"
    r"|(?:prompt|input|context) is too long"
    r"|payload size exceeds",
    re.IGNORECASE,
)
NO_KEY = re.compile(
    r"api[ _]key (?:not valid|not found|expired|invalid)|API_KEY_"
    r"|location is not supported|billing",
    re.IGNORECASE,
)
"""What is the owner's to mend and comes with status 400."""
FILTERED = re.compile(
    r"PROHIBITED_CONTENT|(?:blocked|violat\w+).{0,80}(?:safety|polic|guideline)"
    r"|(?:safety|polic|guideline)\w*.{0,80}(?:blocked|violat)",
    re.IGNORECASE,
)
SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)s")
"""A duration as protobuf's JSON has it."""


class Fact(msgspec.Struct, frozen=True):
    """One of an error's details; its type says which fields mean something."""

    type: str = msgspec.field(default="", name="@type")
    reason: str = ""
    retry_delay: str = msgspec.field(default="", name="retryDelay")


class Detail(msgspec.Struct, frozen=True):
    """The inner object of an error body."""

    code: int = 0
    message: str = ""
    status: str = ""
    details: Any = None

    @property
    def facts(self) -> list[Fact]:
        """Return those details that can be read."""
        found = []
        for each in self.details if isinstance(self.details, list) else ():
            try:
                found.append(msgspec.convert(each, Fact))
            except msgspec.ValidationError:
                continue
        return found


class _ErrorBody(msgspec.Struct, frozen=True):
    error: Detail


_read = msgspec.json.Decoder(_ErrorBody | list[_ErrorBody]).decode
_encode = msgspec.json.Encoder().encode
NOTHING = Detail()


def read_error(status: int, raw: bytes, retry_after: Seconds | None) -> UpstreamError:
    """Return what an answer with an error status means; a stream's error may stand in a list."""
    detail = _detail(raw)
    wait = retry_after if retry_after is not None else _wait(detail)
    return noted(_judge(status, detail), status, wait)


def read_told(raw: bytes) -> UpstreamError:
    """Return what an error means that came with status 200, whole or within a stream."""
    detail = _detail(raw)
    status = detail.code if detail.code >= BAD_REQUEST else SERVER_ERROR
    return noted(_judge(status, detail), status, _wait(detail))


def _detail(raw: bytes) -> Detail:
    try:
        found: _ErrorBody | list[_ErrorBody] = _read(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return NOTHING
    first = found if isinstance(found, list) else [found]
    return first[0].error if first else NOTHING


def _wait(detail: Detail) -> Seconds | None:
    spans = [SPAN.fullmatch(fact.retry_delay) for fact in detail.facts]
    return next((Seconds(float(span[1])) for span in spans if span), None)


def _judge(status: int, detail: Detail) -> UpstreamError:
    if status == TOO_LARGE:
        return ContextTooLong()
    return by_status(status) or _rejected(status, detail)


def _rejected(status: int, detail: Detail) -> UpstreamError:
    said = detail.message
    if NO_KEY.search(said) or any(fact.reason.startswith("API_KEY_") for fact in detail.facts):
        return denied(status)
    if TOO_LONG.search(said):
        return ContextTooLong(reason(said))
    error = (ContentFiltered if FILTERED.search(said) else UpstreamRejected)(reason(said))
    error.status = status
    return error


def write_error(error: SwitchgearError, decision: str) -> bytes:
    """Return an error body; our code and the decision are an ``ErrorInfo`` among its details."""
    info = {"reason": error.code, "domain": "switchgear", "metadata": {"decision": decision}}
    details: list[dict[str, Any]] = [{"@type": TYPE + "ErrorInfo", **info}]
    if error.retry_after is not None:
        details.append({"@type": TYPE + "RetryInfo", "retryDelay": f"{error.retry_after:.3f}s"})
    other = "INTERNAL" if error.status >= SERVER_ERROR else "INVALID_ARGUMENT"
    told = {
        "code": error.status,
        "message": error.message,
        "status": STATUSES.get(error.status, other),
        "details": details,
    }
    return _encode({"error": told})


def write_stream_error(error: SwitchgearError, decision: str) -> bytes:
    """Return the frame that tells of an error in the middle of a stream."""
    return b"data: " + write_error(error, decision) + b"\n\n"

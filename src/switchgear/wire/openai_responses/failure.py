"""Errors of this dialect: those of all OpenAI's APIs, and how a stream tells of one."""

import re

import msgspec

from switchgear.domain.errors import SwitchgearError, UpstreamError, UpstreamForgot
from switchgear.domain.units import Seconds
from switchgear.wire import openai_failure
from switchgear.wire.openai_failure import write_error

__all__ = ["read_error", "write_error", "write_stream_error"]

FORGOT = re.compile(
    rb'"code": *"previous_response_not_found"|[Rr]esponse with id \S{1,200} not found'
)
"""Of an error (OpenAI's, vLLM's) that says that the answer is not there to be gone on from."""
MISSING = frozenset((400, 404))
NUMBER = re.compile(rb'"sequence_number": *(\d{1,15})')

_encode = msgspec.json.Encoder().encode


class _Error(msgspec.Struct, frozen=True):
    error: msgspec.Raw


_read = msgspec.json.Decoder(_Error).decode


def read_error(status: int, raw: bytes, retry_after: Seconds | None) -> UpstreamError:
    """Return what an answer with an error status means."""
    if status in MISSING and FORGOT.search(raw):
        return UpstreamForgot()
    return openai_failure.read_error(status, raw, retry_after)


def write_stream_error(error: SwitchgearError, decision: str, after: bytes) -> bytes:
    """Return the frame that tells of an error, numbered on from what was written last.

    It says so twice: as the API's reference has it, and as its servers do, which is what makes
    OpenAI's SDKs raise.
    """
    numbers = NUMBER.findall(after)
    told = {
        "type": "error",
        "code": error.code,
        "message": error.message,
        "param": None,
        "sequence_number": int(numbers[-1]) + 1 if numbers else 0,
        "error": _read(write_error(error, decision)).error,
    }
    return b"event: error\ndata: " + _encode(told) + b"\n\n"

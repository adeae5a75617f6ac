"""Errors of this dialect: those of all OpenAI's APIs, and how a stream tells of one."""

from switchgear.domain.errors import SwitchgearError
from switchgear.wire.openai_failure import read_error, stream_error, write_error

__all__ = ["read_error", "stream_error", "write_error", "write_stream_error"]


def write_stream_error(error: SwitchgearError, decision: str) -> bytes:
    """Return the frame that tells of an error; no ``[DONE]`` follows it."""
    return b"data: " + write_error(error, decision) + b"\n\n"

"""Errors of OpenAI's APIs: what an answer with one means, and how our own are written."""

import re
from typing import Any

import msgspec

from switchgear.domain.errors import (
    ContentFiltered,
    ContextTooLong,
    SwitchgearError,
    UpstreamBusy,
    UpstreamError,
    UpstreamFailed,
    UpstreamRejected,
)
from switchgear.domain.units import Seconds
from switchgear.wire.failure import (
    BAD_REQUEST,
    SERVER_ERROR,
    by_status,
    denied,
    noted,
    reason,
)

MAX_READ = 1 << 20
"""Bytes of an error body that are read."""

TOO_LONG_CODES = {
    *("context_length_exceeded", "context_window_exceeded", "string_above_max_length"),
    "exceed_context_size_error",  # llama.cpp
}
TOO_LONG = re.compile(
    r"maximum (?:context|prompt) length"  # OpenAI, vLLM, Mistral, DeepSeek; xAI
    r"|tokens?`?.{0,30} must be <="  # Together
    r"|context[_ ](?:length|window|size)"  # Ollama, llama.cpp, LM Studio, Groq
    r"|(?:prompt|input)(?: is|'s)? too long"
    r"|reduce the length of the (?:messages|prompt|input)"
    r"|exceeds? the (?:maximum|available|model).{0,40}(?:context|input tokens)"
    r"|input token count.{0,40}exceeds",  # Gemini's compatible endpoint
    re.IGNORECASE,
)
FILTER_CODES = re.compile(
    r"content_?(?:filter|policy)|policy_violation|bio_policy|moderation|safety|responsibleai",
    re.IGNORECASE,
)
NO_KEY = re.compile(
    r"(?:incorrect|invalid|missing|no) api[ _]key|api[ _]key (?:is )?(?:not valid|invalid|missing)",
    re.IGNORECASE,
)
"""What some servers say with status 400 (Gemini's, xAI's), and it may hold a part of the key."""
FAILED_CODES = {"tool_use_failed", "json_validate_failed"}
"""Groq's, with status 400: its model wrote a tool call or JSON that is none."""
TOO_LARGE, FLEX_FULL = 413, 498
"""Groq's, for a call of more tokens than it gives in a minute, and for a full flex tier."""
OUT_OF_QUOTA = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
STATUS_OF = {
    "rate_limit_exceeded": 429,
    "invalid_prompt": 400,
    "bio_policy": 400,
    "misalignment_policy_violation": 400,
    "data_residency_mismatch": 400,
    "invalid_image": 400,
    "invalid_image_format": 400,
    "invalid_base64_image": 400,
    "invalid_image_url": 400,
    "image_too_large": 400,
    "image_too_small": 400,
    "image_parse_error": 400,
    "image_content_policy_violation": 400,
    "invalid_image_mode": 400,
    "image_file_too_large": 400,
    "unsupported_image_media_type": 400,
    "empty_image_file": 400,
    "failed_to_download_image": 400,
    "image_file_not_found": 400,
    "rate_limit_error": 429,
    "insufficient_quota": 429,
    "content_policy_violation": 400,
    "invalid_request_error": 400,
    "context_length_exceeded": 400,
    "content_filter": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "permission_error": 403,
    "not_found_error": 404,
}
"""The status that an error in a stream would have had."""
TYPE_OF = {401: "authentication_error", 402: "insufficient_quota", 403: "permission_error"}
TYPE_OF |= {404: "not_found_error", 429: "rate_limit_error"}
FORBIDDEN, OKAY = 403, 200


class Told(msgspec.Struct, frozen=True):
    """What an error object says, in whatever shape it came."""

    message: str = ""
    words: tuple[str, ...] = ()
    """Its ``code`` and its ``type``, where they are words."""
    status: int = 0
    """Its ``code``, where that is an HTTP status."""

    @property
    def filtered(self) -> bool:
        """Whether a safety filter spoke."""
        named = any(FILTER_CODES.search(word) for word in self.words)
        return named or "content management policy" in self.message  # Azure's wording


def read_error(status: int, raw: bytes, retry_after: Seconds | None) -> UpstreamError:
    """Return what an answer with an error status means."""
    return noted(_judge(status, _told(_parsed(raw))), status, retry_after)


def stream_error(raw: bytes) -> UpstreamError:
    """Return what an error in the middle of a stream means."""
    told = _told(_parsed(raw))
    known = [STATUS_OF[word] for word in told.words if word in STATUS_OF]
    status = told.status or next(iter(known), SERVER_ERROR)
    return noted(_judge(status, told), OKAY, None)


def _judge(status: int, told: Told) -> UpstreamError:
    if status == FORBIDDEN and told.filtered:
        return _rejected(status, told)
    if BAD_REQUEST <= status < SERVER_ERROR and OUT_OF_QUOTA.intersection(told.words):
        return denied(status)
    if status == FLEX_FULL or (status == TOO_LARGE and "rate_limit_exceeded" in told.words):
        return UpstreamBusy()
    if status == BAD_REQUEST and FAILED_CODES.intersection(told.words):
        return UpstreamFailed(_reason(told))
    found = by_status(status)
    if found is None and NO_KEY.search(told.message):
        return denied(status)
    return found or _rejected(status, told)


def _rejected(status: int, told: Told) -> UpstreamError:
    if TOO_LONG_CODES.intersection(told.words) or TOO_LONG.search(told.message):
        return ContextTooLong(_reason(told))
    error = ContentFiltered(_reason(told)) if told.filtered else UpstreamRejected(_reason(told))
    error.status = status
    return error


def _reason(told: Told) -> str:
    return reason(told.message) or "The target gave no reason."


def _parsed(raw: bytes) -> object:
    if len(raw) > MAX_READ:
        return None
    try:
        found: object = msgspec.json.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return found


def _told(found: object) -> Told:
    """Read an error in any of the shapes that are about.

    ``{"error": {…}}`` is OpenAI's; ``{"error": "…"}`` Ollama's and, with a code beside it, xAI's;
    ``{"message": …}`` and ``{"detail": …}`` vLLM's, Mistral's, Cerebras' and NIM's; a list with one
    of them Google's; ``x_groq`` Groq's in a stream.
    """
    if isinstance(found, list) and found:
        found = found[0]
    if not isinstance(found, dict):
        return Told()
    aside = found.get("x_groq")
    error = found.get("error") or (isinstance(aside, dict) and aside.get("error")) or found
    if isinstance(error, str):
        return Told(message=error, words=_named(found))
    return _object(error) if isinstance(error, dict) else Told()


def _object(error: dict[str, Any]) -> Told:
    code = error.get("code")
    status = code if isinstance(code, int) and 400 <= code < 600 else 0  # noqa: PLR2004 - HTTP's
    message = _sentence(error.get("message")) or _sentence(error.get("detail"))
    return Told(message=message, words=_named(error), status=status)


def _named(error: dict[str, Any]) -> tuple[str, ...]:
    """Return all that an error calls itself."""
    inner, more = error.get("innererror"), error.get("metadata")
    words = [error.get("code"), error.get("type")]
    words += [inner.get("code")] if isinstance(inner, dict) else []  # Azure's
    if isinstance(more, dict) and "flagged_input" in more:  # OpenRouter's
        words.append("moderation")
    return tuple(word for word in words if isinstance(word, str))


def _sentence(said: object) -> str:
    """Return what was said as one text: it may be a list of what is wrong with which field."""
    if isinstance(said, dict):
        said = said.get("detail")
    if isinstance(said, list):
        said = "; ".join(_wrong(each) for each in said[:3] if isinstance(each, dict))
    return said if isinstance(said, str) else ""


def _wrong(item: dict[str, Any]) -> str:
    where, what = item.get("loc"), item.get("msg")
    path = ".".join(str(each) for each in where) if isinstance(where, list) else ""
    return ": ".join(each for each in (path, what) if isinstance(each, str) and each)


def write_error(error: SwitchgearError, decision: str) -> bytes:
    """Return an error body, typed as OpenAI's SDKs expect for the status."""
    server = "server_error" if error.status >= SERVER_ERROR else "invalid_request_error"
    told = {
        "message": error.message,
        "type": TYPE_OF.get(error.status, server),
        "param": None,
        "code": error.code,
        "decision": decision,
    }
    return msgspec.json.encode({"error": told})

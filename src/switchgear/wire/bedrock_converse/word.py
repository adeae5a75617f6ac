"""Words of the Converse API and ours for the same: stop reasons, formats, usage."""

from typing import Any

import msgspec

from switchgear.domain.event import Stop, Usage
from switchgear.domain.units import Tokens
from switchgear.wire.service import read_tier

FROM_REASON = {
    "end_turn": Stop.END,
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.LENGTH,
    "tool_use": Stop.TOOL_USE,
    "stop_sequence": Stop.STOP_SEQUENCE,
    "guardrail_intervened": Stop.FILTERED,
    "content_filtered": Stop.FILTERED,
    "refusal": Stop.REFUSED,
}
"""What is not here, such as ``malformed_tool_use``, is OTHER."""
TO_REASON = {
    Stop.END: "end_turn",
    Stop.LENGTH: "max_tokens",
    Stop.TOOL_USE: "tool_use",
    Stop.STOP_SEQUENCE: "stop_sequence",
    Stop.FILTERED: "content_filtered",
    Stop.REFUSED: "content_filtered",
    Stop.PAUSED: "end_turn",
    Stop.OTHER: "end_turn",
}
IMAGES = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
}
"""Formats by media type."""
OFFICE = "application/vnd.openxmlformats-officedocument."
DOCUMENTS = {
    "application/pdf": "pdf",
    "text/csv": "csv",
    "application/msword": "doc",
    f"{OFFICE}wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    f"{OFFICE}spreadsheetml.sheet": "xlsx",
    "text/html": "html",
    "text/plain": "txt",
    "text/markdown": "md",
}
IMAGE_TYPES = {name: kind for kind, name in reversed(IMAGES.items())}
DOCUMENT_TYPES = {name: kind for kind, name in DOCUMENTS.items()}


class Kept(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """How many tokens the prompt cache took, and for how long."""

    input_tokens: int = 0
    ttl: str = ""


class Served(msgspec.Struct, frozen=True, gc=False):
    """In which service tier an answer was made."""

    type: Any = None


class Counted(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The ``usage`` object; ``inputTokens`` leaves out what the prompt cache served or took."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_input_tokens: int | None = None
    cache_write_input_tokens: int | None = None
    cache_details: list[Kept] | None = None

    def usage(self, served: Served | None = None) -> Usage:
        """Return it in our words; a negative count is taken for none."""
        cached = max(0, self.cache_read_input_tokens or 0)
        written = max(0, self.cache_write_input_tokens or 0)
        hour = sum(each.input_tokens for each in self.cache_details or () if each.ttl == "1h")
        return Usage(
            input=Tokens(max(0, self.input_tokens) + cached + written),
            cached=Tokens(cached),
            cache_written=Tokens(written),
            output=Tokens(max(0, self.output_tokens)),
            cache_written_1h=Tokens(min(written, max(0, hour))),
            service=read_tier(served.type) if served else "",
        )


def write_usage(usage: Usage | None) -> dict[str, Any]:
    """Return the ``usage`` object for our counts; zeros where the target told none."""
    told = usage or Usage()
    return {
        "inputTokens": max(0, told.input - told.cached - told.cache_written),
        "outputTokens": told.output,
        "totalTokens": told.input + told.output,
        "cacheReadInputTokens": told.cached,
        "cacheWriteInputTokens": told.cache_written,
    }


def read_stop(reason: str) -> Stop:
    """Return what a ``stopReason`` means; OTHER for a new one."""
    return FROM_REASON.get(reason, Stop.OTHER)


def write_stop(stop: Stop, *, tools: bool, refused: bool) -> str:
    """Return the ``stopReason`` of an answer that asked for tools, or refused, or neither."""
    if refused:
        return "content_filtered"
    if tools and stop is Stop.END:
        return "tool_use"  # some servers say "stop" although they ask for tools
    return TO_REASON[stop]


def document_format(media_type: str) -> str | None:
    """Return the format of a document; other text is plain text, and the rest has none."""
    plain = "txt" if media_type.startswith("text/") else None
    return DOCUMENTS.get(media_type, plain)

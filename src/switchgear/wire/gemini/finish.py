"""Why an answer ended, and what it used: the API's words and ours."""

from typing import Any

import msgspec

from switchgear.domain.errors import UpstreamFailed
from switchgear.domain.event import Finished, Stop, Usage
from switchgear.domain.units import Tokens
from switchgear.wire.service import read_tier

READ = {
    "STOP": Stop.END,
    "MAX_TOKENS": Stop.LENGTH,
    "SAFETY": Stop.FILTERED,
    "RECITATION": Stop.FILTERED,
    "BLOCKLIST": Stop.FILTERED,
    "PROHIBITED_CONTENT": Stop.FILTERED,
    "SPII": Stop.FILTERED,
    "MODEL_ARMOR": Stop.FILTERED,
    "IMAGE_SAFETY": Stop.FILTERED,
    "IMAGE_PROHIBITED_CONTENT": Stop.FILTERED,
    "IMAGE_RECITATION": Stop.FILTERED,
}
FAILED = frozenset(
    (
        "MALFORMED_FUNCTION_CALL",
        "MALFORMED_RESPONSE",
        "UNEXPECTED_TOOL_CALL",
        "MISSING_THOUGHT_SIGNATURE",
    )
)
"""Ends of what is no answer: the model broke off in the middle of a tool call that nobody can run,
and the same call sent again mostly goes well."""
UNSAID = "FINISH_REASON_UNSPECIFIED"
WRITTEN = {
    Stop.END: "STOP",
    Stop.LENGTH: "MAX_TOKENS",
    Stop.TOOL_USE: "STOP",
    Stop.STOP_SEQUENCE: "STOP",
    Stop.FILTERED: "SAFETY",
    Stop.REFUSED: "SAFETY",
    Stop.PAUSED: "OTHER",
    Stop.OTHER: "OTHER",
}
MOST = Tokens(10**12)
"""In one answer; a greater figure is no figure."""


class Counted(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The ``usageMetadata`` object. Thoughts are counted apart from the candidates' tokens."""

    prompt_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    tool_use_prompt_token_count: int | None = None
    """What tools that the provider runs put into the input."""
    service_tier: Any = None
    traffic_type: Any = None
    """Vertex AI's word for it."""

    def usage(self) -> Usage:
        """Return it in our words."""
        thoughts = _tokens(self.thoughts_token_count)
        given = _tokens(self.prompt_token_count) + _tokens(self.tool_use_prompt_token_count)
        return Usage(
            input=Tokens(given),
            cached=_tokens(self.cached_content_token_count),
            output=Tokens(_tokens(self.candidates_token_count) + thoughts),
            reasoning=thoughts,
            service=read_tier(self.service_tier) or read_tier(self.traffic_type),
        )


def _tokens(count: int | None) -> Tokens:
    return Tokens(min(max(count or 0, 0), MOST))


def finished(reason: str, usage: Usage | None, *, tools: bool) -> Finished:
    """Return the end of an answer: the API says ``STOP`` after tool calls too."""
    stop = READ.get(reason, Stop.OTHER)
    return Finished(stop=Stop.TOOL_USE if stop is Stop.END and tools else stop, usage=usage)


def broke_off(reason: str) -> UpstreamFailed | None:
    """Return the error that a reason is; None where it ends an answer."""
    return (
        UpstreamFailed(f"The target gave its answer up ({reason}).") if reason in FAILED else None
    )


def write_usage(usage: Usage) -> dict[str, int]:
    """Return the ``usageMetadata`` object."""
    written = {
        "promptTokenCount": usage.input,
        "cachedContentTokenCount": usage.cached,
        "candidatesTokenCount": max(0, usage.output - usage.reasoning),
        "thoughtsTokenCount": usage.reasoning,
    }
    said = {name: int(count) for name, count in written.items() if count or name[:1] == "p"}
    return {**said, "totalTokenCount": usage.input + usage.output}

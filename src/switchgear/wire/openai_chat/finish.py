"""Why an answer ended, and what it used: this dialect's words and ours."""

import msgspec

from switchgear.domain.event import Stop, Usage
from switchgear.domain.units import Tokens

READ = {  # "eos" is Together's, "model_length" Mistral's
    "stop": Stop.END,
    "eos": Stop.END,
    "length": Stop.LENGTH,
    "model_length": Stop.LENGTH,
    "tool_calls": Stop.TOOL_USE,
    "function_call": Stop.TOOL_USE,
    "content_filter": Stop.FILTERED,
}
WRITTEN = {
    Stop.END: "stop",
    Stop.LENGTH: "length",
    Stop.TOOL_USE: "tool_calls",
    Stop.STOP_SEQUENCE: "stop",
    Stop.FILTERED: "content_filter",
    Stop.REFUSED: "content_filter",
    Stop.PAUSED: "stop",
    Stop.OTHER: "stop",
}
NONE = Tokens(0)
MAX_TOKENS = Tokens(10**12)
"""In one answer; a greater figure is no figure."""


class InputDetails(msgspec.Struct, frozen=True, gc=False):
    """What the input tokens were."""

    cached_tokens: Tokens | None = None
    cache_write_tokens: Tokens | None = None


class OutputDetails(msgspec.Struct, frozen=True, gc=False):
    """What the output tokens were."""

    reasoning_tokens: Tokens | None = None


class Counted(msgspec.Struct, frozen=True, gc=False):
    """The ``usage`` object."""

    prompt_tokens: Tokens | None = None
    completion_tokens: Tokens | None = None
    prompt_tokens_details: InputDetails | None = None
    completion_tokens_details: OutputDetails | None = None
    total_tokens: Tokens | None = None
    prompt_cache_hit_tokens: Tokens | None = None
    """DeepSeek's."""

    def usage(self) -> Usage:
        """Return it in our words."""
        given, spent = self.prompt_tokens_details, self.completion_tokens_details
        prompt, output = _tokens(self.prompt_tokens), _tokens(self.completion_tokens)
        reasoning = _tokens(spent.reasoning_tokens) if spent else NONE
        if reasoning and self.total_tokens == prompt + output + reasoning:
            output = Tokens(output + reasoning)  # xAI counts them apart, though they cost the same
        cached = _tokens(given.cached_tokens) if given else NONE
        return Usage(
            input=prompt,
            cached=cached or _tokens(self.prompt_cache_hit_tokens),
            cache_written=_tokens(given.cache_write_tokens) if given else NONE,
            output=output,
            reasoning=reasoning,
        )


def _tokens(count: Tokens | None) -> Tokens:
    if count is None or count < 0:
        return NONE
    return min(count, MAX_TOKENS)


def read_stop(reason: str | None, *, tools: bool, refused: bool) -> Stop:
    """Return why an answer ended.

    Many servers say "stop" after tool calls, or after a refusal: what came before tells more.
    """
    stop = READ.get(reason or "", Stop.OTHER)
    if stop is Stop.END and tools:
        return Stop.TOOL_USE
    return Stop.REFUSED if stop is Stop.END and refused else stop


def write_stop(stop: Stop, *, refused: bool) -> str:
    """Return the finish reason; a refusal that was written as one ended by itself."""
    return "stop" if stop is Stop.REFUSED and refused else WRITTEN[stop]


def write_usage(usage: Usage) -> dict[str, object]:
    """Return the ``usage`` object."""
    given = {"cached_tokens": usage.cached}
    if usage.cache_written:
        given["cache_write_tokens"] = usage.cache_written
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": given,
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }

"""Usage, and why an answer ended: this API's words and ours."""

from typing import Any

import msgspec

from switchgear.domain.event import Stop, Usage
from switchgear.domain.units import Tokens

MAX_TOKENS = 10**12
"""In one answer; a greater figure is no figure."""
REASONS = {"max_output_tokens": Stop.LENGTH, "content_filter": Stop.FILTERED}
INCOMPLETE = {Stop.LENGTH: "max_output_tokens", Stop.FILTERED: "content_filter"}


class InputDetails(msgspec.Struct, frozen=True, gc=False):
    """What the input tokens were."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class OutputDetails(msgspec.Struct, frozen=True, gc=False):
    """What the output tokens were."""

    reasoning_tokens: int | None = None


class Tally(msgspec.Struct, frozen=True, gc=False):
    """The ``usage`` object."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    input_tokens_details: InputDetails | None = None
    output_tokens_details: OutputDetails | None = None

    def usage(self, service: str = "") -> Usage:
        """Return it in our words, with the service tier that is told elsewhere."""
        given = self.input_tokens_details or InputDetails()
        spent = self.output_tokens_details or OutputDetails()
        return Usage(
            input=_tokens(self.input_tokens),
            cached=_tokens(given.cached_tokens),
            cache_written=_tokens(given.cache_write_tokens),
            output=_tokens(self.output_tokens),
            reasoning=_tokens(spent.reasoning_tokens),
            service=service,
        )


def _tokens(count: int | None) -> Tokens:
    return Tokens(min(max(0, count or 0), MAX_TOKENS))


def write_usage(usage: Usage | None) -> dict[str, Any] | None:
    """Return the ``usage`` object; None where the target told none."""
    if usage is None:
        return None
    cached = {"cached_tokens": usage.cached, "cache_write_tokens": usage.cache_written}
    return {
        "input_tokens": usage.input,
        "input_tokens_details": cached,
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.input + usage.output,
    }


def read_stop(reason: str | None, *, complete: bool, tools: bool, refused: bool) -> Stop:
    """Return why an answer ended; a complete one ended by what it holds."""
    if not complete:
        return REASONS.get(reason or "", Stop.OTHER)
    if tools:
        return Stop.TOOL_USE
    return Stop.REFUSED if refused else Stop.END


def write_reason(stop: Stop, *, refused: bool) -> str:
    """Return why an answer is incomplete; empty if it is complete.

    A refusal that was written as one is a complete answer.
    """
    if stop is Stop.REFUSED and not refused:
        return INCOMPLETE[Stop.FILTERED]
    return INCOMPLETE.get(stop, "")

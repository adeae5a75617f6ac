"""Usage as the API counts it: ``input_tokens`` leaves out what the prompt cache served or took."""

from typing import Any

import msgspec

from switchgear.domain.event import Usage
from switchgear.domain.units import Tokens
from switchgear.wire.service import read_tier


class Details(msgspec.Struct, frozen=True, gc=False):
    """What the output is made of."""

    thinking_tokens: int | None = None


class Creation(msgspec.Struct, frozen=True, gc=False):
    """For how long the prompt cache keeps what it took."""

    ephemeral_1h_input_tokens: int | None = None


class Tally(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A ``usage`` object; None where nothing was said."""

    input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: Creation | None = None
    output_tokens: int | None = None
    output_tokens_details: Details | None = None
    service_tier: Any = None
    speed: Any = None

    def merge(self, later: "Tally") -> "Tally":
        """Return this with what ``later`` says in its place: counts are running totals."""
        said = {
            name: value
            for name in self.__struct_fields__
            if (value := getattr(later, name)) is not None
        }
        return msgspec.structs.replace(self, **said)

    def usage(self) -> Usage:
        """Return it in our words; a negative count is taken for none."""
        cached = max(0, self.cache_read_input_tokens or 0)
        written = max(0, self.cache_creation_input_tokens or 0)
        details = self.output_tokens_details or Details()
        kept = self.cache_creation or Creation()
        return Usage(
            input=Tokens(max(0, self.input_tokens or 0) + cached + written),
            cached=Tokens(cached),
            cache_written=Tokens(written),
            output=Tokens(max(0, self.output_tokens or 0)),
            reasoning=Tokens(max(0, details.thinking_tokens or 0)),
            cache_written_1h=Tokens(min(written, max(0, kept.ephemeral_1h_input_tokens or 0))),
            service=read_tier(self.speed) or read_tier(self.service_tier),
        )


def write_usage(usage: Usage | None) -> dict[str, Any]:
    """Return the ``usage`` object for our counts; zeros where the target told none."""
    told = usage or Usage()
    written: dict[str, Any] = {
        "input_tokens": max(0, told.input - told.cached - told.cache_written),
        "cache_creation_input_tokens": told.cache_written,
        "cache_read_input_tokens": told.cached,
        "output_tokens": told.output,
    }
    if told.cache_written_1h:
        written["cache_creation"] = {
            "ephemeral_5m_input_tokens": told.cache_written - told.cache_written_1h,
            "ephemeral_1h_input_tokens": told.cache_written_1h,
        }
    if told.reasoning:
        written["output_tokens_details"] = {"thinking_tokens": told.reasoning}
    return written

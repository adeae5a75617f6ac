"""What comes back, piece by piece. A whole answer is these events folded."""

from enum import Enum

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.units import Tokens


class Stop(Enum):
    """Why an answer ended."""

    END = "end"
    LENGTH = "length"
    TOOL_USE = "tool_use"
    STOP_SEQUENCE = "stop_sequence"
    FILTERED = "filtered"
    REFUSED = "refused"
    PAUSED = "paused"
    """The provider asks to be called again to go on (Anthropic's ``pause_turn``)."""
    OTHER = "other"


SERVICES = frozenset({"batch", "fast", "flex", "priority"})
"""Service tiers that cost otherwise than the standard, by OpenAI's words; Anthropic's ``speed`` of
``fast`` is one too."""


class Usage(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Tokens as the provider counted them."""

    input: Tokens = Tokens(0)
    """All input, cached tokens included."""
    cached: Tokens = Tokens(0)
    """Part of ``input`` that was read from the prompt cache."""
    cache_written: Tokens = Tokens(0)
    """Part of ``input`` that was written to the prompt cache."""
    output: Tokens = Tokens(0)
    """All output, reasoning included."""
    reasoning: Tokens = Tokens(0)
    """Part of ``output`` that was reasoning."""
    cache_written_1h: Tokens = Tokens(0)
    """Part of ``cache_written`` that is kept for an hour, and costs more."""
    service: str = ""
    """The service tier that it was served in, one of SERVICES; empty for the standard, and where
    the provider does not say."""


class Opened(msgspec.Struct, frozen=True, gc=False, tag="opened", kw_only=True):
    """The answer has begun; nothing of it has been said, so it is not content."""

    id: str
    model: str
    created: int = 0
    """Unix seconds; 0 where the dialect does not say."""
    usage: Usage | None = None
    """What some dialects already tell of the input."""


class TextDelta(msgspec.Struct, frozen=True, gc=False, tag="text"):
    """More words."""

    text: str


class RefusalDelta(msgspec.Struct, frozen=True, gc=False, tag="refusal"):
    """More words of a refusal (OpenAI's ``refusal``)."""

    text: str


class ThinkingDelta(msgspec.Struct, frozen=True, gc=False, tag="thinking"):
    """More reasoning."""

    text: str


class ThinkingSigned(msgspec.Struct, frozen=True, gc=False, tag="signed"):
    """The signature of the thinking so far; ``redacted`` is hidden thinking instead of it."""

    signature: str
    redacted: str = ""
    origin: Dialect | None = None
    """Of the provider that signed or hid it."""


class ToolStarted(msgspec.Struct, frozen=True, gc=False, tag="tool_started", kw_only=True):
    """The model begins to ask for a tool."""

    index: int
    """Which of the answer's tool calls, from 0; parallel calls interleave by it."""
    id: str
    name: str


class ToolDelta(msgspec.Struct, frozen=True, gc=False, tag="tool_delta", kw_only=True):
    """More of a tool call's arguments, as JSON text."""

    index: int
    json: str


class Finished(msgspec.Struct, frozen=True, gc=False, tag="finished", kw_only=True):
    """The last event of every answer that did not fail."""

    stop: Stop
    usage: Usage | None = None
    """None when the provider did not tell."""
    stop_sequence: str = ""


Event = (
    Opened
    | TextDelta
    | RefusalDelta
    | ThinkingDelta
    | ThinkingSigned
    | ToolStarted
    | ToolDelta
    | Finished
)

"""A conversation in our words and no provider's: what every dialect is read into."""

from enum import Enum

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.target import Capability


class Role(Enum):
    """Who speaks a turn."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class Text(msgspec.Struct, frozen=True, gc=False, tag="text"):
    """Words."""

    text: str
    cache: bool = False
    """The caller marked the prompt cache to end here (Anthropic's ``cache_control``)."""


class Image(msgspec.Struct, frozen=True, gc=False, tag="image", kw_only=True):
    """A picture: either ``url``, or ``media_type`` and base64 ``data``."""

    url: str = ""
    media_type: str = ""
    data: str = ""
    detail: str = ""
    """OpenAI's ``low``, ``high`` or ``auto``; empty when not said."""
    cache: bool = False


class Document(msgspec.Struct, frozen=True, gc=False, tag="document", kw_only=True):
    """A file to read, mostly PDF: either ``url``, or ``media_type`` and base64 ``data``."""

    url: str = ""
    media_type: str = ""
    data: str = ""
    name: str = ""
    cache: bool = False


class Thinking(msgspec.Struct, frozen=True, gc=False, tag="thinking"):
    """Reasoning that the model showed, with the signature its provider checks."""

    text: str
    signature: str = ""
    redacted: str = ""
    """Opaque data instead of text, where the provider hid it."""
    origin: Dialect | None = None
    """Whose provider signed or hid it: no other can check that. None where nobody did."""


class ToolUse(msgspec.Struct, frozen=True, gc=False, tag="tool_use", kw_only=True):
    """The model asked for a tool."""

    id: str
    name: str
    arguments: str
    """JSON text, as the model wrote it; empty means no arguments."""
    cache: bool = False


class ToolResult(msgspec.Struct, frozen=True, gc=False, tag="tool_result", kw_only=True):
    """What a tool gave back."""

    id: str
    """Of the ToolUse that asked."""
    parts: tuple[Text | Image | Document, ...]
    failed: bool = False
    cache: bool = False


Part = Text | Image | Document | Thinking | ToolUse | ToolResult


class Turn(msgspec.Struct, frozen=True, gc=False):
    """One turn; tool results are parts of a USER turn."""

    role: Role
    parts: tuple[Part, ...]


class Tool(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A function that the model may ask for."""

    name: str
    description: str = ""
    schema: msgspec.Raw = msgspec.Raw(b"{}")
    """JSON Schema of the arguments, the caller's bytes."""
    strict: bool | None = None
    freeform: bool = False
    """It takes plain text, not JSON (OpenAI's ``custom`` tools). Its calls' arguments are, in our
    words, an object whose ``input`` is that text, and ``schema`` says so."""
    cache: bool = False


class Choice(Enum):
    """Whether the model must use a tool."""

    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"
    NAMED = "named"


class ToolChoice(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the caller wants done with the tools."""

    choice: Choice = Choice.AUTO
    name: str = ""
    """The tool, when NAMED."""
    parallel: bool | None = None
    """Whether several tools may be asked for at once; None when not said."""


class AnswerFormat(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The shape that the answer must have."""

    schema: msgspec.Raw | None = None
    """JSON Schema, the caller's bytes; None means any JSON object."""
    name: str = "answer"
    strict: bool | None = None


class Sampling(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How the answer is drawn; None where the caller did not say."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None


class Conversation(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A whole request, as every dialect can be read into it and written from it."""

    model: str
    turns: tuple[Turn, ...]
    """SYSTEM turns stand where the caller put them."""
    stream: bool = False
    wants_usage: bool = False
    """The caller asked a stream to tell its usage (OpenAI's ``include_usage``)."""
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    max_output: int | None = None
    """Tokens; None when the caller named no limit."""
    choices: int = 1
    """How many answers are wanted (OpenAI's ``n``); each may have ``max_output`` tokens."""
    stop: tuple[str, ...] = ()
    format: AnswerFormat | None = None
    sampling: Sampling = Sampling()
    effort: str = ""
    """Reasoning wanted: ``low``, ``medium``, ``high`` …; empty when not said."""
    thinking_budget: int | None = None
    """Tokens to think with; 0 means switched off; None when not said."""
    end_user: str = ""
    """Who the caller says it acts for."""
    metadata: tuple[tuple[str, str], ...] = ()
    cache_key: str = ""
    """Calls with the same one are likely to find each other's prompt cache (OpenAI's
    ``prompt_cache_key``)."""
    service: str = ""
    """The service tier asked for, one of SERVICES; empty for the standard."""
    previous: str = ""
    """Id of the answer that this goes on from (OpenAI's ``previous_response_id``); what was said
    until then is not in ``turns``. Empty when all is here."""
    keep: bool = False
    """The caller wants to go on from the answer by its id later (OpenAI's ``store``)."""
    instructions: int = 0
    """So many turns at the beginning hold for this request alone (OpenAI's ``instructions``): who
    goes on from its answer by id does not say them again."""
    needs: frozenset[Capability] = frozenset()
    """What its target must be able to do, beside what can be seen in its parts."""
    unread: tuple[str, ...] = ()
    """Fields of the request with no place here: what a translation will have to drop."""

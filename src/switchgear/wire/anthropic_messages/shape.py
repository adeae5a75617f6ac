"""The parts of a Messages request that are read, as they stand on the wire.

Source: Messages API, version 2023-06-01. Objects that are not listed here are found by ``mark``
before a body is held against these shapes, so that a new kind of block is no error.
"""

import re
from typing import Annotated, Any, Literal, get_args

import msgspec

from switchgear.domain.errors import MalformedBody

Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Name = Annotated[str, msgspec.Meta(min_length=1)]
CacheControl = dict[str, Any] | None

UNKNOWN = "?"
"""The tag that ``mark`` gives to blocks that we cannot read."""
FIELD_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
"""What may be repeated in a response header."""
MAX_NAMES = 32
"""Names of unread things, at most, that are told."""
WHERE = re.compile(r"^(.*?)(?: - at `\$\.?(.*)`)?$", re.DOTALL)
MISSING = re.compile(r"Object missing required field `(\w+)`")


class Source(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where an image or a document comes from."""

    type: str
    media_type: str = ""
    data: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        """Refuse a source that names its kind and lacks what that kind needs."""
        if self.type == "base64" and not (self.media_type and self.data):
            raise ValueError("a base64 source needs `media_type` and `data`")
        if self.type == "url" and not self.url:
            raise ValueError("a url source needs `url`")


class TextBlock(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="text"):
    """Words."""

    text: str
    cache_control: CacheControl = None


class ImageBlock(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="image"):
    """A picture."""

    source: Source
    cache_control: CacheControl = None


class DocumentBlock(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="document"):
    """A PDF or a plain text."""

    source: Source
    title: str | None = None
    context: str | None = None
    citations: dict[str, Any] | None = None
    cache_control: CacheControl = None


class ThinkingBlock(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="thinking"):
    """Reasoning and its signature."""

    thinking: str
    signature: str = ""


class RedactedBlock(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="redacted_thinking"):
    """Reasoning that the provider hid."""

    data: str


class ToolUseBlock(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="tool_use"):
    """A call of a tool."""

    id: Name
    name: Name
    input: dict[str, Any]
    cache_control: CacheControl = None


class UnknownBlock(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag=UNKNOWN):
    """A block that has no place in our words."""

    kind: str


class ToolResultBlock(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="tool_result"):
    """What a tool gave back."""

    tool_use_id: Name
    content: str | list[TextBlock | ImageBlock | DocumentBlock | UnknownBlock] | None = None
    is_error: bool | None = None
    cache_control: CacheControl = None


Block = (
    TextBlock
    | ImageBlock
    | DocumentBlock
    | ThinkingBlock
    | RedactedBlock
    | ToolUseBlock
    | ToolResultBlock
    | UnknownBlock
)
IN_TURN = frozenset(
    ("text", "image", "document", "thinking", "redacted_thinking", "tool_use", "tool_result")
)
IN_RESULT = frozenset(("text", "image", "document"))


class Message(msgspec.Struct, frozen=True, gc=False):
    """One turn. ``system`` inside ``messages`` is taken by models from 2026 on."""

    role: Literal["user", "assistant", "system"]
    content: str | list[Block]


class CustomTool(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A tool that the caller runs itself."""

    name: Name
    input_schema: dict[str, Any]
    description: str | None = None
    strict: bool | None = None
    cache_control: CacheControl = None


class Choice(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Whether tools must be used."""

    type: Literal["auto", "any", "tool", "none"]
    name: str = ""
    disable_parallel_tool_use: bool | None = None

    def __post_init__(self) -> None:
        """Refuse a named tool without its name."""
        if self.type == "tool" and not self.name:
            raise ValueError("type `tool` needs `name`")


class Thinking(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Whether, and for how long, the model thinks first."""

    type: str
    budget_tokens: Count | None = None
    display: str | None = None

    def __post_init__(self) -> None:
        """Refuse a switched-on thinking without its budget."""
        if self.type == "enabled" and self.budget_tokens is None:
            raise ValueError("type `enabled` needs `budget_tokens`")


class Format(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The shape of the answer."""

    type: Literal["json_schema"]
    schema: dict[str, Any]


class OutputConfig(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How the answer is to be."""

    effort: str | None = None
    format: Format | None = None


class Metadata(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Who asks."""

    user_id: str | None = None


class Request(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The top level. ``max_tokens`` may be missing, for counting tokens needs none."""

    model: Name
    messages: Annotated[list[Message], msgspec.Meta(min_length=1)]
    max_tokens: Count | None = None
    system: str | list[TextBlock] | None = None
    stream: bool | None = None
    tools: list[CustomTool | None] | None = None
    """None stands for a tool that the provider runs."""
    tool_choice: Choice | None = None
    stop_sequences: list[str] | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: Count | None = None
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None
    output_format: Format | None = None
    metadata: Metadata | None = None


ROLES = get_args(Message.__annotations__["role"])
FIELDS = frozenset(Request.__struct_fields__)
CONFIG_FIELDS = frozenset(OutputConfig.__struct_fields__)


def fit(found: dict[str, Any]) -> tuple[Request, tuple[str, ...]]:
    """Return a decoded body as a Request, and the names of what that leaves out.

    Raises:
        MalformedBody: something that is read is missing or of the wrong type; says where.
    """
    unread = mark(found)
    try:
        return msgspec.convert(found, Request), unread
    except msgspec.ValidationError as error:
        raise MalformedBody(explain(str(error))) from None


def explain(text: str) -> str:
    """Return what a failed fit means, its place first: ``messages[2].content: expected …``."""
    match = WHERE.match(text)
    what, where = (match[1], match[2] or "") if match else (text, "")
    missing = MISSING.match(what)
    if missing:
        return f"{where}.{missing[1]}: required".removeprefix(".")
    what = what[:1].lower() + what[1:].replace("`", "")
    if where.endswith(".role"):
        what += f"; expected one of {', '.join(ROLES)}"
    return f"{where}: {what}" if where else what


def mark(found: dict[str, Any]) -> tuple[str, ...]:
    """Put UNKNOWN in the place of what is not read, inside ``found``; return its names."""
    names = dict.fromkeys(_clean(key) for key in found if key not in FIELDS)
    messages = found.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict):
            _mark_blocks(message, IN_TURN, names)
    config = found.get("output_config")
    if isinstance(config, dict):
        names |= {
            f"output_config.{_clean(key)}": None for key in config if key not in CONFIG_FIELDS
        }
    if isinstance(found.get("tools"), list):
        found["tools"] = [_tool(tool, names) for tool in found["tools"]]
    return tuple(names)[:MAX_NAMES]


def _mark_blocks(holder: dict[str, Any], known: frozenset[str], names: dict[str, None]) -> None:
    blocks = holder.get("content")
    if not isinstance(blocks, list):
        return
    for place, block in enumerate(blocks):
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "tool_result" and known is IN_TURN:
            _mark_blocks(block, IN_RESULT, names)
        elif isinstance(kind, str) and kind not in known:
            blocks[place] = {"type": UNKNOWN, "kind": kind}
            names[f"messages.content.{_clean(kind)}"] = None


def _tool(tool: object, names: dict[str, None]) -> object:
    kind = tool.get("type") if isinstance(tool, dict) else None
    if isinstance(kind, str) and kind != "custom":
        names[f"tools.{_clean(kind)}"] = None
        return None
    return tool if tool is not None else False


def _clean(name: str) -> str:
    return name if FIELD_NAME.fullmatch(name) else "unknown"

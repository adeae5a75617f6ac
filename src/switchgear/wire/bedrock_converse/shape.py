"""The parts of a Converse request that are read, as they stand on the wire.

Source: Bedrock Runtime, version 2023-09-30. A block is an object with one field, which says its
kind; ``mark`` finds those, and all other fields, that are not listed here.
"""

import re
from typing import Annotated, Any, Literal

import msgspec

from switchgear.domain.errors import MalformedBody
from switchgear.wire import strict

Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Name = Annotated[str, msgspec.Meta(min_length=1)]
NOTHING = msgspec.Raw(b"")

FIELD_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
"""What may be repeated in a response header."""
MAX_NAMES = 32
"""Names of unread things, at most, that are told."""
WHERE = re.compile(r"^(.*?)(?: - at `\$\.?(.*)`)?$", re.DOTALL)
MISSING = re.compile(r"Object missing required field `(\w+)`")


class Part(msgspec.Struct, frozen=True, gc=False, kw_only=True, rename="camel"):
    """Common to all objects here: names as the API writes them."""


class Words(Part, frozen=True):
    """A text within another object."""

    text: str = ""


class Source(Part, frozen=True):
    """Where an image or a document comes from."""

    bytes: str = ""
    text: str | None = None
    content: list[Words] | None = None
    s3_location: Any = None


class ImageBlock(Part, frozen=True):
    """A picture."""

    format: str
    source: Source


class DocumentBlock(Part, frozen=True):
    """A file to read."""

    name: Name
    source: Source
    format: str = "txt"
    context: str | None = None
    citations: dict[str, Any] | None = None


class ToolUseBlock(Part, frozen=True):
    """A call of a tool; one with a type was run by the provider itself."""

    tool_use_id: Name
    name: Name
    input: msgspec.Raw = NOTHING
    type: str | None = None


class ResultBlock(Part, frozen=True):
    """One block of what a tool gave back."""

    text: str | None = None
    json: msgspec.Raw = NOTHING
    image: ImageBlock | None = None
    document: DocumentBlock | None = None


class ToolResultBlock(Part, frozen=True):
    """What a tool gave back."""

    tool_use_id: Name
    content: list[ResultBlock]
    status: str | None = None
    type: str | None = None


class ReasoningText(Part, frozen=True):
    """Reasoning and its signature."""

    text: str
    signature: str = ""


class ReasoningBlock(Part, frozen=True):
    """Reasoning, shown or hidden."""

    reasoning_text: ReasoningText | None = None
    redacted_content: str = ""


class Block(Part, frozen=True):
    """One block of a message or of the system prompt."""

    text: str | None = None
    image: ImageBlock | None = None
    document: DocumentBlock | None = None
    tool_use: ToolUseBlock | None = None
    tool_result: ToolResultBlock | None = None
    reasoning_content: ReasoningBlock | None = None
    cache_point: dict[str, Any] | None = None


class Message(Part, frozen=True):
    """One turn."""

    role: Literal["user", "assistant", "system"]
    content: list[Block]


class InferenceConfig(Part, frozen=True):
    """Limits and sampling."""

    max_tokens: Count | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop_sequences: list[str] | None = None


class InputSchema(Part, frozen=True):
    """JSON Schema of a tool's arguments."""

    json: msgspec.Raw


class ToolSpec(Part, frozen=True):
    """A tool that the caller runs."""

    name: Name
    input_schema: InputSchema
    description: str = ""
    strict: bool | None = None


class Tool(Part, frozen=True):
    """A tool, or where the prompt cache ends."""

    tool_spec: ToolSpec | None = None
    cache_point: dict[str, Any] | None = None


class NamedTool(Part, frozen=True):
    """The tool that must be used."""

    name: Name


class ToolChoice(Part, frozen=True):
    """Whether tools must be used."""

    auto: dict[str, Any] | None = None
    any: dict[str, Any] | None = None
    tool: NamedTool | None = None


class ToolConfig(Part, frozen=True):
    """Tools, and whether they must be used."""

    tools: list[Tool]
    tool_choice: ToolChoice | None = None


class Thinking(msgspec.Struct, frozen=True, gc=False):
    """Claude's own field."""

    type: str = ""
    budget_tokens: Count | None = None


class NovaInference(Part, frozen=True):
    """Nova's own field."""

    top_k: Count | None = None


class More(msgspec.Struct, frozen=True, gc=False):
    """Fields that are the model's own; ``inferenceConfig`` is Nova's."""

    top_k: Count | None = None
    thinking: Thinking | None = None
    reasoning_effort: str | None = None
    inference: NovaInference | None = msgspec.field(default=None, name="inferenceConfig")


class JsonSchema(Part, frozen=True):
    """The shape of the answer; the schema is JSON within a string."""

    schema: str
    name: str = "answer"


class Structure(Part, frozen=True):
    """Of a text format."""

    json_schema: JsonSchema | None = None


class TextFormat(Part, frozen=True):
    """The shape of the answer."""

    structure: Structure


class OutputConfig(Part, frozen=True):
    """How the answer is to be."""

    text_format: TextFormat | None = None
    effort: str | None = None


class Request(Part, frozen=True):
    """The top level; the model, and whether it is a stream, are in the path."""

    messages: Annotated[list[Message], msgspec.Meta(min_length=1)]
    system: list[Block] | None = None
    inference_config: InferenceConfig | None = None
    tool_config: ToolConfig | None = None
    additional_model_request_fields: More | None = None
    additional_model_response_field_paths: list[str] | None = None
    output_config: OutputConfig | None = None
    request_metadata: dict[str, str] | None = None


_decode = msgspec.json.Decoder(Request).decode
FIELDS, BLOCKS, INNER, MORE, TOOLS = (
    frozenset(each.__struct_encode_fields__) for each in (Request, Block, ResultBlock, More, Tool)
)


def fit(raw: bytes) -> tuple[Request, tuple[str, ...]]:
    """Return a body as a Request, and the names of what that leaves out.

    Raises:
        MalformedBody: it is not what this dialect allows; the message says where.
    """
    found = strict.decode(raw)
    try:
        return _decode(raw), mark(found)
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
    return f"{where}: {what}" if where else what


def mark(found: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of what is not read of a body that has the right shape."""
    names = [_clean(key) for key, value in found.items() if key not in FIELDS and value]
    for message in found["messages"]:
        names += _unread("messages.content", message["content"], BLOCKS)
        for block in message["content"]:
            result = block.get("toolResult") or {}
            names += _unread("messages.content", result.get("content") or [], INNER)
    names += _unread("system", found.get("system") or [], BLOCKS)
    names += _unread("tools", (found.get("toolConfig") or {}).get("tools") or [], TOOLS)
    more = found.get("additionalModelRequestFields") or {}
    names += _unread("additionalModelRequestFields", [more], MORE)
    return tuple(dict.fromkeys(names))[:MAX_NAMES]


def _unread(place: str, blocks: list[dict[str, Any]], known: frozenset[str]) -> list[str]:
    return [f"{place}.{_clean(key)}" for block in blocks for key in block if key not in known]


def _clean(name: str) -> str:
    return name if FIELD_NAME.fullmatch(name) else "unknown"

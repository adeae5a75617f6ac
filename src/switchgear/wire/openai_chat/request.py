"""The shape of a chat completion request: the fields that are read, and their types."""

from typing import Annotated, Any, Literal, get_args

import msgspec

from switchgear.domain.errors import MalformedBody

Filled = Annotated[str, msgspec.Meta(min_length=1)]
Limit = Annotated[int, msgspec.Meta(ge=1)]
Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Role = Literal["system", "developer", "user", "assistant", "tool", "function"]


class ImageUrl(msgspec.Struct, frozen=True, gc=False):
    """A picture: an address, or a ``data:`` URL."""

    url: str
    detail: str | None = None


class File(msgspec.Struct, frozen=True, gc=False):
    """A file: its content as a ``data:`` URL, or an id at the provider."""

    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class ContentPart(msgspec.Struct, frozen=True, gc=False):
    """One part of a message; ``type`` says which field counts."""

    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: ImageUrl | None = None
    file: File | None = None
    cache_control: Any = None
    """Anthropic's mark, which some callers put here."""


class Called(msgspec.Struct, frozen=True, gc=False):
    """The function of a tool call."""

    name: str
    arguments: str = ""


class CalledText(msgspec.Struct, frozen=True, gc=False):
    """The tool of a call that takes text."""

    name: str
    input: str = ""


class ToolCall(msgspec.Struct, frozen=True, gc=False):
    """A tool call that the model made in an earlier turn."""

    id: str
    type: str = "function"
    function: Called | None = None
    custom: CalledText | None = None


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message of any role."""

    role: Role
    content: str | list[ContentPart] | None = None
    name: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning_details: Any = None
    """OpenRouter's: thinking with its signature, or hidden, as ``thought`` reads and writes it."""
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    function_call: Any = None
    audio: Any = None


class Function(msgspec.Struct, frozen=True, gc=False):
    """A function that is offered as a tool."""

    name: Filled
    description: str | None = None
    parameters: msgspec.Raw = msgspec.Raw(b"")
    strict: bool | None = None


class Custom(msgspec.Struct, frozen=True, gc=False):
    """A tool that takes text, and may say by a grammar which."""

    name: Filled
    description: str | None = None
    format: dict[str, Any] | None = None


class Offer(msgspec.Struct, frozen=True, gc=False):
    """One tool offered; functions and text tools are known to every dialect."""

    type: str
    function: Function | None = None
    custom: Custom | None = None


class Named(msgspec.Struct, frozen=True, gc=False):
    """The tool that must be used."""

    name: Filled


class NamedChoice(msgspec.Struct, frozen=True, gc=False):
    """The long form of ``tool_choice``."""

    type: str
    function: Named | None = None
    custom: Named | None = None


class JsonSchema(msgspec.Struct, frozen=True, gc=False):
    """The schema that the answer must fit."""

    name: str = "answer"
    schema: msgspec.Raw = msgspec.Raw(b"")
    strict: bool | None = None


class ResponseFormat(msgspec.Struct, frozen=True, gc=False):
    """The shape that the answer must have."""

    type: str
    json_schema: JsonSchema | None = None


class StreamOptions(msgspec.Struct, frozen=True, gc=False):
    """What the stream should tell besides the answer."""

    include_usage: bool | None = None


class Request(msgspec.Struct, frozen=True, gc=False):
    """The whole request. What is not named here is passed on and not read."""

    model: Filled
    messages: Annotated[list[Message], msgspec.Meta(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Limit | None = None
    max_completion_tokens: Limit | None = None
    tools: list[Offer] | None = None
    tool_choice: str | NamedChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    stop: str | list[str] | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: Whole | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    reasoning_effort: str | None = None
    user: str | None = None
    metadata: dict[str, str] | None = None
    prompt_cache_key: str | None = None

    @property
    def wants_usage(self) -> bool:
        """Whether the caller asked for the usage of a stream."""
        return bool(self.stream_options and self.stream_options.include_usage)

    @property
    def max_output(self) -> int | None:
        """The most output that the caller allows."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def max_field(self) -> str:
        """The field where the caller's limit stands, or should."""
        return limit_field(newer=bool(self.max_completion_tokens or self.reasoning_effort))


MAX_REASON = 300
"""Characters; a reason may quote what the caller sent."""

MISSING = "Object missing required field "
ROLES = get_args(Role)

WITH_BYTES = frozenset(("tools", "response_format"))
"""Fields whose values are kept as the bytes that came."""

_decode = msgspec.json.Decoder(Request).decode


def limit_field(*, newer: bool) -> str:
    """Return the field for the most output: reasoning models refuse the older one."""
    return "max_completion_tokens" if newer else "max_tokens"


def read_request(top: dict[str, Any], raw: bytes) -> Request:
    """Return the fields that are read, of a body that ``strict.decode`` has made ``top`` of.

    Raises:
        MalformedBody: a field is not of its type; the message begins with its path.
    """
    request = _fit(top) if WITH_BYTES.isdisjoint(top) else None
    try:
        request = request or _decode(raw)
    except msgspec.DecodeError as error:
        raise MalformedBody(_explained(str(error))) from None
    for index, message in enumerate(request.messages):
        if type(message.content) is not str or message.role == "tool":
            _check(message, f"messages[{index}]")
    if request.tools:
        for index, offer in enumerate(request.tools):
            if offer.function:
                _check_schema(offer.function.parameters, f"tools[{index}].function.parameters")
    if request.response_format and request.response_format.json_schema:
        _check_schema(request.response_format.json_schema.schema, "response_format.json_schema")
    return request


def _fit(top: dict[str, Any]) -> Request | None:
    """Return the same as ``_decode``, without reading the bytes again; None if it is refused."""
    try:
        return msgspec.convert(top, Request)
    except msgspec.ValidationError:
        return None


def _explained(error: str) -> str:
    reason, _, path = error.replace("`", "").partition(" - at $")
    missing = reason.removeprefix(MISSING)
    if missing != reason:
        return f"{path}.{missing}: required".removeprefix(".")
    reason = reason[:1].lower() + reason[1:MAX_REASON]
    if path.endswith(".role"):
        reason += f"; expected one of {', '.join(ROLES)}"
    return f"{path.removeprefix('.') or 'body'}: {reason}"


def _check_schema(schema: msgspec.Raw, path: str) -> None:
    if bytes(schema)[:1] not in {b"", b"{", b"n"}:  # left out, an object, null
        raise MalformedBody(f"{path}: expected an object")


def _check(message: Message, path: str) -> None:
    if message.content is None and message.role in {"system", "developer", "user", "tool"}:
        raise MalformedBody(f"{path}.content: expected a string or a list of parts")
    if message.role == "tool" and not message.tool_call_id:
        raise MalformedBody(f"{path}.tool_call_id: expected the id of a tool call")
    if isinstance(message.content, list):
        for index, part in enumerate(message.content):
            if PART_FIELD.get(part.type) and getattr(part, PART_FIELD[part.type]) is None:
                where = f"{path}.content[{index}]"
                raise MalformedBody(f"{where}: expected a field {PART_FIELD[part.type]}")


PART_FIELD = {"text": "text", "refusal": "refusal", "image_url": "image_url", "file": "file"}
"""Which field a type of part must have."""

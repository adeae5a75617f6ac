"""The shape of a Responses request: the fields that are read, and their types."""

from typing import Annotated, Any, Literal, TypeVar

import msgspec

from switchgear.domain.errors import MalformedBody

Filled = Annotated[str, msgspec.Meta(min_length=1)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class Content(msgspec.Struct, frozen=True, gc=False):
    """One part of a message or of a tool's output; ``type`` says which fields count."""

    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: str | None = None
    detail: str | None = None
    file_data: str | None = None
    file_url: str | None = None
    filename: str | None = None
    prompt_cache_breakpoint: Any = None


class Message(msgspec.Struct, frozen=True, gc=False):
    """What somebody said; its ``type`` may be left out."""

    role: Literal["user", "assistant", "system", "developer"]
    content: str | list[Content]
    phase: str | None = None


class FunctionCall(msgspec.Struct, frozen=True, gc=False):
    """The model asked for a function."""

    call_id: Filled
    name: Filled
    arguments: str
    namespace: str | None = None


class CustomCall(msgspec.Struct, frozen=True, gc=False):
    """The model asked for a tool that takes text."""

    call_id: Filled
    name: Filled
    input: str
    namespace: str | None = None


class CallOutput(msgspec.Struct, frozen=True, gc=False):
    """What a tool gave back."""

    call_id: Filled
    output: str | list[Content]


class Said(msgspec.Struct, frozen=True, gc=False):
    """A piece of reasoning."""

    text: str = ""


class Reasoning(msgspec.Struct, frozen=True, gc=False):
    """What the model thought."""

    summary: list[Said] | None = None
    content: list[Said] | None = None
    encrypted_content: str | None = None
    id: str | None = None


Item = Message | FunctionCall | CustomCall | CallOutput | Reasoning
ITEMS: dict[str, type[Item]] = {
    "message": Message,
    "function_call": FunctionCall,
    "custom_tool_call": CustomCall,
    "function_call_output": CallOutput,
    "custom_tool_call_output": CallOutput,
    "reasoning": Reasoning,
}
"""The items that have a place in our words; all others pass in their own dialect."""


class Offer(msgspec.Struct, frozen=True, gc=False):
    """One tool offered; functions and text tools are known to every dialect."""

    type: str
    name: str | None = None
    description: str | None = None
    strict: bool | None = None
    format: dict[str, Any] | None = None


class Picked(msgspec.Struct, frozen=True, gc=False):
    """The long forms of ``tool_choice``."""

    type: str
    name: str | None = None
    mode: str | None = None
    tools: list[dict[str, Any]] | None = None


class Format(msgspec.Struct, frozen=True, gc=False):
    """The shape that the answer must have."""

    type: str
    name: str = "answer"
    strict: bool | None = None


class TextConfig(msgspec.Struct, frozen=True, gc=False):
    """How the answer's text is to be."""

    format: Format | None = None
    verbosity: str | None = None


class Thought(msgspec.Struct, frozen=True, gc=False):
    """How the model is to think."""

    effort: str | None = None
    mode: str | None = None
    context: str | None = None


class Request(msgspec.Struct, frozen=True, gc=False):
    """The whole request. What is not named here is passed on and not read."""

    model: Filled
    input: str | list[dict[str, Any]] | None = None
    instructions: str | None = None
    stream: bool | None = None
    max_output_tokens: Limit | None = None
    tools: list[Offer] | None = None
    tool_choice: str | Picked | None = None
    parallel_tool_calls: bool | None = None
    text: TextConfig | None = None
    reasoning: Thought | None = None
    temperature: float | None = None
    top_p: float | None = None
    metadata: dict[str, str] | None = None
    prompt_cache_key: str | None = None
    user: str | None = None
    safety_identifier: str | None = None
    store: bool | None = None
    previous_response_id: str | None = None


class _Tool(msgspec.Struct, frozen=True, gc=False):
    parameters: msgspec.Raw = msgspec.Raw(b"")


class _Format(msgspec.Struct, frozen=True, gc=False):
    schema: msgspec.Raw = msgspec.Raw(b"")


class _Text(msgspec.Struct, frozen=True, gc=False):
    format: _Format | None = None


class Schemas(msgspec.Struct, frozen=True, gc=False):
    """The schemas of a request, each as the bytes that the caller sent."""

    tools: list[_Tool] | None = None
    text: _Text | None = None

    @property
    def answer(self) -> msgspec.Raw:
        """The schema of the answer; empty where none is given."""
        return self.text.format.schema if self.text and self.text.format else NOTHING


NOTHING = msgspec.Raw(b"")
NO_SCHEMAS = Schemas()
GOES_ON = ("previous_response_id", "conversation", "prompt")
"""Fields that say what to answer where ``input`` does not."""
MAX_REASON = 300
"""Characters; a reason may quote what the caller sent."""
MISSING = "Object missing required field "
FIELD = {"input_text": "text", "output_text": "text", "text": "text", "refusal": "refusal"}
"""Which field a type of part must have."""

_schemas = msgspec.json.Decoder(Schemas).decode
_Shape = TypeVar("_Shape", bound=msgspec.Struct)


def read_request(top: dict[str, Any]) -> Request:
    """Return the fields that are read.

    Raises:
        MalformedBody: a field is not of its type; the message begins with its path.
    """
    request = fit(top, Request, "")
    if not request.input and not any(top.get(name) for name in GOES_ON):
        raise MalformedBody("input: expected text, or a list of items")
    return request


def read_item(found: dict[str, Any], where: str) -> Item | str:
    """Return an item, or the type of one that has no place in our words.

    Raises:
        MalformedBody: it is not what its type says.
    """
    kind = found.get("type")
    if kind is None:
        kind = "message" if "role" in found else "item_reference" if "id" in found else None
    if not isinstance(kind, str):
        raise MalformedBody(f"{where}.type: expected the name of a type of item")
    shape = ITEMS.get(kind)
    if shape is None:
        return kind
    item = fit(found, shape, where)
    content = item.content if isinstance(item, Message) else None
    if isinstance(item, CallOutput):
        content = item.output
    if isinstance(content, list):
        _check(content, f"{where}.{'output' if isinstance(item, CallOutput) else 'content'}")
    return item


def read_schemas(raw: bytes, request: Request) -> Schemas:
    """Return the schemas of a request that ``read_request`` has read.

    Raises:
        MalformedBody: one of them is no object.
    """
    if not (request.tools or (request.text and request.text.format)):
        return NO_SCHEMAS
    schemas = _schemas(raw)
    for index, tool in enumerate(schemas.tools or ()):
        if request.tools and request.tools[index].type == "function":
            _check_schema(tool.parameters, f"tools[{index}].parameters")
            if not request.tools[index].name:
                raise MalformedBody(f"tools[{index}].name: required")
    _check_schema(schemas.answer, "text.format.schema")
    return schemas


def fit(found: dict[str, Any], shape: type[_Shape], where: str) -> _Shape:
    """Return ``found`` as a shape.

    Raises:
        MalformedBody: it is none; the message begins with its path, under ``where``.
    """
    try:
        return msgspec.convert(found, shape)
    except msgspec.ValidationError as error:
        raise MalformedBody(_explained(str(error), where)) from None


def _explained(error: str, where: str) -> str:
    reason, _, path = error.replace("`", "").partition(" - at $")
    missing = reason.removeprefix(MISSING)
    if missing != reason:
        return f"{where}{path}.{missing}: required".removeprefix(".")
    reason = reason[:1].lower() + reason[1:MAX_REASON]
    if path.endswith(".role"):
        reason += "; expected one of user, assistant, system, developer"
    return f"{(where + path).removeprefix('.') or 'body'}: {reason}"


def _check(content: list[Content], path: str) -> None:
    for index, part in enumerate(content):
        field = FIELD.get(part.type)
        if field and getattr(part, field) is None:
            raise MalformedBody(f"{path}[{index}]: expected a field {field}")


def _check_schema(schema: msgspec.Raw, path: str) -> None:
    if bytes(schema)[:1] not in {b"", b"{", b"n"}:  # left out, an object, null
        raise MalformedBody(f"{path}: expected an object")

"""The API's request: what is read of it, and the names of what is not.

Field names are read in camel case, as Google's own clients write them. Schemas, arguments and what
tools gave back keep the caller's bytes.
"""

import re
from typing import Annotated, Any

import msgspec

from switchgear.domain.errors import MalformedBody
from switchgear.wire.strict import decode

Count = Annotated[int, msgspec.Meta(ge=1)]
NOTHING = msgspec.Raw(b"")
MAX_NAMES = 32
FIELD_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What may stand in a response header."""
WHERE = re.compile(r"(.*) - at `\$\.?(.*)`$")


class _Shape(msgspec.Struct, frozen=True, gc=False, kw_only=True, rename="camel"):
    """Fields in camel case."""


class Blob(_Shape, frozen=True):
    """Data in the request itself."""

    mime_type: str = ""
    data: str = ""


class FileData(_Shape, frozen=True):
    """Data at an address."""

    mime_type: str = ""
    file_uri: str = ""


class FunctionCall(_Shape, frozen=True):
    """A tool that the model asked for."""

    name: str
    id: str | None = None
    args: msgspec.Raw = NOTHING


class ResponsePart(_Shape, frozen=True):
    """What a tool gave back besides its object."""

    inline_data: Blob | None = None
    file_data: FileData | None = None


class FunctionResponse(_Shape, frozen=True):
    """What a tool gave back."""

    name: str
    id: str | None = None
    response: msgspec.Raw = NOTHING
    parts: list[ResponsePart] | None = None


class Part(_Shape, frozen=True):
    """A part of a turn; one of its fields is set."""

    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    inline_data: Blob | None = None
    file_data: FileData | None = None
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None


class Content(_Shape, frozen=True):
    """One turn; without a role it is the user's."""

    role: str | None = None
    parts: list[Part] | None = None


class Declaration(_Shape, frozen=True):
    """A function that the model may ask for."""

    name: str
    description: str | None = None
    parameters_json_schema: msgspec.Raw = NOTHING
    parameters: msgspec.Raw = NOTHING
    """The older form, with the types in capitals."""


class Tool(_Shape, frozen=True):
    """Functions; all other tools are run by the provider."""

    function_declarations: list[Declaration] | None = None


class CallingConfig(_Shape, frozen=True):
    """Whether functions must be called."""

    mode: str | None = None
    allowed_function_names: list[str] | None = None


class ToolConfig(_Shape, frozen=True):
    """What is to be done with the tools."""

    function_calling_config: CallingConfig | None = None


class ThinkingConfig(_Shape, frozen=True):
    """How long to think."""

    thinking_budget: int | None = None
    thinking_level: str | None = None
    include_thoughts: bool | None = None


class Config(_Shape, frozen=True):
    """How the answer is drawn, and its shape."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: float | None = None
    seed: int | None = None
    max_output_tokens: Count | None = None
    stop_sequences: list[str] | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    response_mime_type: str | None = None
    response_json_schema: msgspec.Raw = NOTHING
    response_schema: msgspec.Raw = NOTHING
    """The older form, with the types in capitals."""
    thinking_config: ThinkingConfig | None = None


class Request(_Shape, frozen=True):
    """The top level. The model stands in the address, and here only by the way."""

    contents: Annotated[list[Content], msgspec.Meta(min_length=1)]
    model: str = ""
    system_instruction: Content | None = None
    tools: list[Tool] | None = None
    tool_config: ToolConfig | None = None
    generation_config: Config | None = None


MOOT: dict[str, tuple[object, ...]] = {
    "candidateCount": (1,),
    "responseModalities": (["TEXT"],),
    "responseLogprobs": (False,),
    "store": (False,),
    "safetySettings": ([],),
}
"""Values of fields we do not read that ask for nothing."""

_fit = msgspec.json.Decoder(Request).decode


def read_request(raw: bytes) -> tuple[Request, tuple[str, ...]]:
    """Return a body as a Request, and the names of what that leaves out.

    Raises:
        MalformedBody: it is not strict JSON, or something that is read is of the wrong type.
    """
    found = decode(raw)
    try:
        return _fit(raw), _unread(found)
    except (msgspec.ValidationError, RecursionError) as error:
        raise MalformedBody(_explained(str(error))) from None


def _explained(text: str) -> str:
    match = WHERE.match(text)
    what, where = (match[1], match[2]) if match else (text, "")
    what = what[:1].lower() + what[1:].replace("`", "")
    return f"{where}: {what}" if where else what


def names_of(shape: type[msgspec.Struct]) -> frozenset[str]:
    """Return the fields of a shape as the API writes them."""
    return frozenset(shape.__struct_encode_fields__)


TOP, CONFIG, PART = names_of(Request), names_of(Config), names_of(Part)
PART_EXTRA = frozenset(("partMetadata", "mediaProcessing"))
"""What says nothing of the part itself."""


def _unread(found: dict[str, Any]) -> tuple[str, ...]:
    names = dict.fromkeys(_strange(found, TOP))
    config = found.get("generationConfig")
    if isinstance(config, dict):
        names |= dict.fromkeys(f"generationConfig.{name}" for name in _strange(config, CONFIG))
    for tool in found.get("tools") or ():
        if isinstance(tool, dict):
            names |= dict.fromkeys(f"tools.{name}" for name in _strange(tool, names_of(Tool)))
    for content in found.get("contents") or ():
        for part in (isinstance(content, dict) and content.get("parts")) or ():
            known = PART | PART_EXTRA
            if isinstance(part, dict) and not part.keys() <= known:
                strange = _strange(part, known)
                names |= dict.fromkeys(f"contents.parts.{name}" for name in strange)
    return tuple(names)[:MAX_NAMES]


def _strange(holder: dict[str, Any], known: frozenset[str]) -> list[str]:
    return [
        name if FIELD_NAME.fullmatch(name) else "other"
        for name, value in holder.items()
        if name not in known and value is not None and value not in MOOT.get(name, ())
    ]

"""What a request of the API says, in our words."""

from typing import Any

import msgspec

from switchgear.domain import turn
from switchgear.domain.turn import Conversation, Part, Role, Turn
from switchgear.wire.gemini import shape
from switchgear.wire.gemini.delta import minted
from switchgear.wire.gemini.signature import NOT_CHECKED, read_signature

ROLES = {"model": Role.ASSISTANT, "assistant": Role.ASSISTANT, "system": Role.SYSTEM}
CHOICES = {
    "AUTO": turn.Choice.AUTO,
    "VALIDATED": turn.Choice.AUTO,
    "ANY": turn.Choice.REQUIRED,
    "NONE": turn.Choice.NONE,
}
IMAGE = "image/"
JSON = "application/json"
GIVEN, FAILED = "output", "error"
"""Keys of what a tool gave back, by the API's own words."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def read(request: shape.Request, unread: tuple[str, ...]) -> Conversation:
    """Return the whole request in our words."""
    names = dict.fromkeys(unread)
    config = request.generation_config or shape.Config()
    thinking = config.thinking_config or shape.ThinkingConfig()
    level = (thinking.thinking_level or "").lower()
    top_k = config.top_k
    return Conversation(
        model=request.model.removeprefix("models/"),
        turns=_Reader(names).turns(request),
        wants_usage=True,
        tools=_tools(request.tools or []),
        tool_choice=_choice(request.tool_config, names),
        max_output=config.max_output_tokens,
        stop=tuple(config.stop_sequences or ()),
        format=_format(config),
        sampling=turn.Sampling(
            temperature=config.temperature,
            top_p=config.top_p,
            top_k=None if top_k is None else int(top_k),
            seed=config.seed,
            frequency_penalty=config.frequency_penalty,
            presence_penalty=config.presence_penalty,
        ),
        effort="" if level.endswith("unspecified") else level,
        thinking_budget=_budget(thinking.thinking_budget),
        unread=tuple(names),
    )


def _budget(said: int | None) -> int | None:
    return said if said is not None and said >= 0 else None  # -1: as long as it likes


class _Reader:
    """Reads turns, and finds for each result the call that it answers."""

    def __init__(self, names: dict[str, None]) -> None:
        self._names = names
        self._open: list[turn.ToolUse] = []
        """Calls that no result has come for."""
        self._calls = 0

    def turns(self, request: shape.Request) -> tuple[Turn, ...]:
        """Return all turns; results, and the user's words after them, are one."""
        turns: list[Turn] = []
        if request.system_instruction:
            turns.append(Turn(Role.SYSTEM, self._parts(request.system_instruction)))
        for content in request.contents:
            role, parts = ROLES.get(content.role or "", Role.USER), self._parts(content)
            last = turns[-1] if turns else None
            if last and last.role is role is Role.USER and _only_results(last):
                turns[-1] = Turn(role, (*last.parts, *parts))
            else:
                turns.append(Turn(role, parts))
        return tuple(turns)

    def _parts(self, content: shape.Content) -> tuple[Part, ...]:
        parts: list[Part] = []
        for part in content.parts or ():
            self._add(part, parts)
        return tuple(parts)

    def _add(self, part: shape.Part, parts: list[Part]) -> None:
        if part.function_call:
            self._add_call(part.function_call, part.thought_signature or "", parts)
        elif part.function_response:
            parts.append(self._result(part.function_response))
        elif part.inline_data or part.file_data:
            parts.append(_matter(part))
        elif part.text is not None:
            _add_text(part, part.text, parts)

    def _add_call(self, call: shape.FunctionCall, signature: str, parts: list[Part]) -> None:
        if signature and signature != NOT_CHECKED:
            _sign(signature, parts)
        given = bytes(call.args)
        arguments = "" if given in {b"", b"null", b"{}"} else given.decode()
        made = call.id or minted("", str(self._calls), call.name, arguments)
        use = turn.ToolUse(id=made, name=call.name, arguments=arguments)
        self._calls += 1
        self._open.append(use)
        parts.append(use)

    def _result(self, given: shape.FunctionResponse) -> turn.ToolResult:
        found = [use for use in self._open if use.id == given.id] if given.id else []
        found = found or [use for use in self._open if use.name == given.name]
        if found:
            self._open.remove(found[0])
        texts, failed = _given(bytes(given.response))
        matter = [_matter(part) for part in given.parts or ()]
        return turn.ToolResult(
            id=given.id or (found[0].id if found else given.name),
            parts=(*texts, *matter),
            failed=failed,
        )


def _only_results(said: Turn) -> bool:
    return all(isinstance(part, turn.ToolResult) for part in said.parts)


def _add_text(part: shape.Part, text: str, parts: list[Part]) -> None:
    signature = part.thought_signature or ""
    if part.thought:
        signed = read_signature(signature)
        parts.append(
            turn.Thinking(text, signed.signature, redacted=signed.redacted, origin=signed.origin)
        )
        return
    if text or not signature:
        parts.append(turn.Text(text))
    if signature:
        _sign(signature, parts)


def _sign(signature: str, parts: list[Part]) -> None:
    """Add a signature: to the thinking right before it, if that has none."""
    signed, last = read_signature(signature), parts[-1] if parts else None
    text = ""
    bare = isinstance(last, turn.Thinking) and not (last.signature or last.redacted)
    if isinstance(last, turn.Thinking) and bare and not signed.redacted:
        text = last.text
        parts.pop()
    parts.append(
        turn.Thinking(text, signed.signature, redacted=signed.redacted, origin=signed.origin)
    )


def _matter(part: shape.Part | shape.ResponsePart) -> turn.Image | turn.Document:
    if part.file_data:
        uri, kind = part.file_data.file_uri, part.file_data.mime_type
        return turn.Image(url=uri) if kind.startswith(IMAGE) else turn.Document(url=uri)
    blob = part.inline_data or shape.Blob()
    made = turn.Image if blob.mime_type.startswith(IMAGE) else turn.Document
    return made(media_type=blob.mime_type, data=blob.data)


def _given(raw: bytes) -> tuple[list[turn.Text], bool]:
    """Return what a tool gave back as texts, and whether it failed."""
    found: Any = _decode(raw) if raw else {}
    for key in (GIVEN, FAILED):
        if isinstance(found, dict) and found.keys() == {key}:
            return _texts(found[key]), key == FAILED
    return ([turn.Text(raw.decode())] if found else []), False


def _texts(found: object) -> list[turn.Text]:
    if isinstance(found, list) and all(isinstance(each, str) for each in found):
        return [turn.Text(each) for each in found]
    return [turn.Text(found if isinstance(found, str) else _encode(found).decode())]


def _tools(tools: list[shape.Tool]) -> tuple[turn.Tool, ...]:
    return tuple(
        turn.Tool(
            name=each.name,
            description=each.description or "",
            schema=_schema(each.parameters_json_schema, each.parameters) or msgspec.Raw(b"{}"),
        )
        for tool in tools
        for each in tool.function_declarations or ()
    )


def _schema(given: msgspec.Raw, older: msgspec.Raw) -> msgspec.Raw | None:
    """Return a JSON Schema: the caller's bytes, or the older form with its types in small."""
    if bytes(given) not in {b"", b"null"}:
        return given
    if bytes(older) in {b"", b"null"}:
        return None
    return msgspec.Raw(_encode(_small(_decode(older))))


def _small(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(node, list):
        return [_small(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: value.lower() if key == "type" and isinstance(value, str) else _small(value)
        for key, value in node.items()
    }


def _choice(given: shape.ToolConfig | None, names: dict[str, None]) -> turn.ToolChoice | None:
    config = given and given.function_calling_config
    if not config or config.mode not in CHOICES:
        return None
    choice, allowed = CHOICES[config.mode], config.allowed_function_names or []
    if choice is turn.Choice.REQUIRED and len(allowed) == 1:
        return turn.ToolChoice(choice=turn.Choice.NAMED, name=allowed[0])
    if allowed:
        names["toolConfig.allowedFunctionNames"] = None
    return turn.ToolChoice(choice=choice)


def _format(config: shape.Config) -> turn.AnswerFormat | None:
    if config.response_mime_type != JSON:
        return None
    schema = _schema(config.response_json_schema, config.response_schema)
    return turn.AnswerFormat(schema=schema, strict=True if schema is not None else None)

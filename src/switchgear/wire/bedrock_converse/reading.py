"""What a Converse request says, in our words."""

import base64

import msgspec

from switchgear.domain import turn
from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import Conversation, Part, Role, Turn
from switchgear.wire.bedrock_converse import shape
from switchgear.wire.bedrock_converse.draft import STOP_SEQUENCE
from switchgear.wire.bedrock_converse.hidden import read_hidden
from switchgear.wire.bedrock_converse.word import DOCUMENT_TYPES, IMAGE_TYPES
from switchgear.wire.seal import unseal

ADAPTIVE_EFFORT = "high"
"""What adaptive thinking does when no effort is named, by the model's own word."""
ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT, "system": Role.SYSTEM}
Names = dict[str, None]


def read(request: shape.Request, unread: tuple[str, ...]) -> Conversation:
    """Return the whole request in our words; the model and the stream are told elsewhere."""
    names = dict.fromkeys(unread)
    inference = request.inference_config or shape.InferenceConfig()
    more = request.additional_model_request_fields or shape.More()
    effort, budget = _thinking(request, more, names)
    paths = request.additional_model_response_field_paths or []
    if any(path != STOP_SEQUENCE for path in paths):
        names["additionalModelResponseFieldPaths"] = None
    turns = [Turn(ROLES[it.role], _parts(it.content, names)) for it in request.messages]
    if request.system:
        turns.insert(0, Turn(Role.SYSTEM, _parts(request.system, names)))
    config = request.tool_config
    nova = more.inference.top_k if more.inference else None
    return Conversation(
        model="",
        turns=tuple(turns),
        tools=_tools(config.tools) if config else (),
        tool_choice=_choice(config.tool_choice) if config and config.tool_choice else None,
        max_output=inference.max_tokens,
        stop=tuple(inference.stop_sequences or ()),
        format=_format(request.output_config),
        sampling=turn.Sampling(
            temperature=inference.temperature,
            top_p=inference.top_p,
            top_k=nova if more.top_k is None else more.top_k,
        ),
        effort=effort,
        thinking_budget=budget,
        metadata=tuple(sorted((request.request_metadata or {}).items())),
        unread=tuple(names),
    )


def _parts(blocks: list[shape.Block], names: Names) -> tuple[Part, ...]:
    parts: list[Part] = []
    for block in blocks:
        if block.cache_point is not None:
            _mark_cache(parts, names)
        part = _part(block, names)
        if part is not None:
            parts.append(part)
    return tuple(parts)


def _mark_cache(parts: list[Part], names: Names) -> None:
    """Mark what stands before: that is where the cache ends."""
    last = parts[-1] if parts else None
    if last is None or isinstance(last, turn.Thinking):
        names["cachePoint"] = None
    else:
        parts[-1] = msgspec.structs.replace(last, cache=True)


def _part(block: shape.Block, names: Names) -> Part | None:
    if block.text is not None:
        return turn.Text(block.text)
    if block.tool_use and not block.tool_use.type:
        return _use(block.tool_use)
    if block.tool_result and not block.tool_result.type:
        return _result(block.tool_result, names)
    if block.tool_use or block.tool_result:
        names["messages.content.server_tool_use"] = None
        return None
    if block.reasoning_content:
        return _thought(block.reasoning_content)
    return _matter(block, names)


def _use(block: shape.ToolUseBlock) -> turn.ToolUse:
    given = bytes(block.input).decode()
    empty = given in ("", "null") or not given.strip("{} \t\r\n")
    arguments = "" if empty else given
    return turn.ToolUse(id=block.tool_use_id, name=block.name, arguments=arguments)


def _result(block: shape.ToolResultBlock, names: Names) -> turn.ToolResult:
    parts = [part for inner in block.content if (part := _given_back(inner, names))]
    failed = block.status == "error"
    return turn.ToolResult(id=block.tool_use_id, parts=tuple(parts), failed=failed)


def _given_back(
    block: shape.ResultBlock, names: Names
) -> turn.Text | turn.Image | turn.Document | None:
    if block.text is not None:
        return turn.Text(block.text)
    if block.json:
        return turn.Text(bytes(block.json).decode())
    return _matter(block, names)


def _thought(block: shape.ReasoningBlock) -> turn.Thinking:
    if block.redacted_content:
        redacted, origin = read_hidden(block.redacted_content)
        return turn.Thinking("", redacted=redacted, origin=origin)
    told = block.reasoning_text or shape.ReasoningText(text="")
    signature, origin = unseal(told.signature, Dialect.BEDROCK_CONVERSE)
    return turn.Thinking(told.text, signature, origin=origin)


def _matter(
    block: shape.Block | shape.ResultBlock, names: Names
) -> turn.Image | turn.Document | None:
    if block.image:
        source = block.image.source
        if source.bytes and block.image.format in IMAGE_TYPES:
            return turn.Image(media_type=IMAGE_TYPES[block.image.format], data=source.bytes)
        names["messages.content.image.source"] = None
    return _document(block.document, names) if block.document else None


def _document(block: shape.DocumentBlock, names: Names) -> turn.Document | None:
    if block.context:
        names["messages.content.document.context"] = None
    if block.citations and block.citations.get("enabled"):
        names["messages.content.document.citations"] = None
    source = block.source
    text = source.text
    if source.content is not None:
        text = "\n".join([each.text for each in source.content])
    data = base64.b64encode(text.encode()).decode() if text is not None else source.bytes
    if not data:
        names["messages.content.document.source"] = None
        return None
    media_type = DOCUMENT_TYPES.get(block.format, "text/plain")
    return turn.Document(media_type=media_type, data=data, name=block.name)


def _tools(tools: list[shape.Tool]) -> tuple[turn.Tool, ...]:
    found: list[turn.Tool] = []
    for tool in tools:
        if tool.cache_point is not None and found:
            found[-1] = msgspec.structs.replace(found[-1], cache=True)
        spec = tool.tool_spec
        if spec is not None:
            schema, description = spec.input_schema.json, spec.description
            found.append(
                turn.Tool(
                    name=spec.name, description=description, schema=schema, strict=spec.strict
                )
            )
    return tuple(found)


def _choice(choice: shape.ToolChoice) -> turn.ToolChoice:
    if choice.tool is not None:
        return turn.ToolChoice(choice=turn.Choice.NAMED, name=choice.tool.name)
    required = choice.any is not None
    return turn.ToolChoice(choice=turn.Choice.REQUIRED if required else turn.Choice.AUTO)


def _format(config: shape.OutputConfig | None) -> turn.AnswerFormat | None:
    wanted = config.text_format.structure.json_schema if config and config.text_format else None
    if wanted is None:
        return None
    schema = msgspec.Raw(wanted.schema.encode())
    return turn.AnswerFormat(schema=schema, name=wanted.name, strict=True)


def _thinking(request: shape.Request, more: shape.More, names: Names) -> tuple[str, int | None]:
    """Return the effort wanted, and the budget."""
    output = request.output_config or shape.OutputConfig()
    effort = output.effort or more.reasoning_effort or ""
    thinking = more.thinking
    if thinking is None:
        return effort, None
    if thinking.type == "enabled":
        return effort, thinking.budget_tokens
    if thinking.type == "disabled":
        return effort, 0
    if thinking.type == "adaptive":
        return effort or ADAPTIVE_EFFORT, None
    names["thinking"] = None
    return effort, None

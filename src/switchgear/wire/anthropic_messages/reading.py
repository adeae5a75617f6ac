"""What a Messages request says, in our words."""

import base64

import msgspec

from switchgear.domain import turn
from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import Conversation, Part, Role, Turn
from switchgear.wire.anthropic_messages import shape
from switchgear.wire.seal import unseal
from switchgear.wire.service import asked_tier

ADAPTIVE_EFFORT = "high"
"""What adaptive thinking does when no effort is named, by the API's own word."""
ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT, "system": Role.SYSTEM}
CHOICES = {
    "auto": turn.Choice.AUTO,
    "any": turn.Choice.REQUIRED,
    "tool": turn.Choice.NAMED,
    "none": turn.Choice.NONE,
}

_encode = msgspec.json.Encoder().encode


class _Tool(msgspec.Struct, frozen=True, gc=False):
    input_schema: msgspec.Raw = msgspec.Raw(b"{}")


class _Format(msgspec.Struct, frozen=True, gc=False):
    schema: msgspec.Raw = msgspec.Raw(b"{}")


class _Config(msgspec.Struct, frozen=True, gc=False):
    format: _Format | None = None


class _Schemas(msgspec.Struct, frozen=True, gc=False):
    """The schemas of a request, each as the bytes that the caller sent."""

    tools: list[_Tool] | None = None
    output_config: _Config | None = None
    output_format: _Format | None = None


NO_SCHEMAS = _Schemas()
_schemas = msgspec.json.Decoder(_Schemas).decode


def read(request: shape.Request, unread: tuple[str, ...], raw: bytes) -> Conversation:
    """Return the whole request in our words; ``raw`` gives the schemas their exact bytes."""
    names = dict.fromkeys(unread)
    turns = _turns(request, names)
    effort, budget = _thinking(request, names)
    has_schema = request.tools or request.output_config or request.output_format
    schemas = _schemas(raw) if has_schema else NO_SCHEMAS
    return Conversation(
        model=request.model,
        turns=tuple(turns),
        service=asked_tier(raw, "speed") if "speed" in unread else "",
        stream=bool(request.stream),
        tools=_tools(request.tools, schemas) if request.tools else (),
        tool_choice=_choice(request.tool_choice) if request.tool_choice else None,
        max_output=request.max_tokens,
        stop=tuple(request.stop_sequences or ()),
        format=_format(schemas),
        sampling=turn.Sampling(
            temperature=request.temperature, top_p=request.top_p, top_k=request.top_k
        ),
        effort=effort,
        thinking_budget=budget,
        end_user=(request.metadata and request.metadata.user_id) or "",
        unread=tuple(names),
    )


def _turns(request: shape.Request, names: dict[str, None]) -> list[Turn]:
    turns = []
    if request.system:
        turns.append(Turn(Role.SYSTEM, _parts(request.system, names)))
    turns += [Turn(ROLES[said.role], _parts(said.content, names)) for said in request.messages]
    return turns


def _parts(
    content: str | list[shape.Block] | list[shape.TextBlock], names: dict[str, None]
) -> tuple[Part, ...]:
    if isinstance(content, str):
        return (turn.Text(content),)
    return tuple([part for block in content if (part := _part(block, names))])


def _part(block: shape.Block, names: dict[str, None]) -> Part | None:
    if type(block) is shape.TextBlock:  # most of all blocks
        return turn.Text(block.text, block.cache_control is not None)
    if isinstance(block, shape.ToolUseBlock):
        return turn.ToolUse(
            id=block.id,
            name=block.name,
            arguments=_encode(block.input).decode() if block.input else "",
            cache=block.cache_control is not None,
        )
    if isinstance(block, shape.ToolResultBlock):
        return _result(block, names)
    if isinstance(block, shape.ThinkingBlock):
        signature, origin = unseal(block.signature, Dialect.ANTHROPIC_MESSAGES)
        return turn.Thinking(block.thinking, signature, origin=origin)
    if isinstance(block, shape.RedactedBlock):
        redacted, origin = unseal(block.data, Dialect.ANTHROPIC_MESSAGES)
        return turn.Thinking("", redacted=redacted, origin=origin)
    return _matter(block, names)


def _result(block: shape.ToolResultBlock, names: dict[str, None]) -> turn.ToolResult:
    content = block.content or []
    if isinstance(content, str):
        parts: tuple[turn.Text | turn.Image | turn.Document, ...] = (turn.Text(content),)
    else:
        found = [_matter(inner, names) for inner in content]
        parts = tuple([part for part in found if part is not None])
    return turn.ToolResult(
        id=block.tool_use_id,
        parts=parts,
        failed=bool(block.is_error),
        cache=block.cache_control is not None,
    )


def _matter(
    block: shape.TextBlock | shape.ImageBlock | shape.DocumentBlock | shape.UnknownBlock,
    names: dict[str, None],
) -> turn.Text | turn.Image | turn.Document | None:
    """Return what may also stand in a tool's result."""
    if isinstance(block, shape.TextBlock):
        return turn.Text(block.text, block.cache_control is not None)
    if isinstance(block, shape.ImageBlock):
        return _image(block, names)
    if isinstance(block, shape.DocumentBlock):
        return _document(block, names)
    return None  # its name is in ``names`` already


def _image(block: shape.ImageBlock, names: dict[str, None]) -> turn.Image | None:
    source, cache = block.source, block.cache_control is not None
    if source.type == "url":
        return turn.Image(url=source.url, cache=cache)
    if source.type == "base64":
        return turn.Image(media_type=source.media_type, data=source.data, cache=cache)
    names["messages.content.image.source"] = None
    return None


def _document(block: shape.DocumentBlock, names: dict[str, None]) -> turn.Document | None:
    source, cache, name = block.source, block.cache_control is not None, block.title or ""
    if block.context:
        names["messages.content.document.context"] = None
    if block.citations and block.citations.get("enabled"):
        names["messages.content.document.citations"] = None
    if source.type == "url":
        return turn.Document(url=source.url, name=name, cache=cache)
    if source.type in ("base64", "text"):
        plain = source.type == "text"
        data = base64.b64encode(source.data.encode()).decode() if plain else source.data
        media_type = source.media_type or "text/plain"
        return turn.Document(media_type=media_type, data=data, name=name, cache=cache)
    names["messages.content.document.source"] = None
    return None


def _tools(tools: list[shape.CustomTool | None], schemas: _Schemas) -> tuple[turn.Tool, ...]:
    found = [
        turn.Tool(
            name=tool.name,
            description=tool.description or "",
            schema=exact.input_schema,
            strict=tool.strict,
            cache=tool.cache_control is not None,
        )
        for tool, exact in zip(tools, schemas.tools or (), strict=True)
        if tool is not None
    ]
    return tuple(found)


def _choice(choice: shape.Choice) -> turn.ToolChoice:
    alone = choice.disable_parallel_tool_use
    return turn.ToolChoice(
        choice=CHOICES[choice.type],
        name=choice.name if choice.type == "tool" else "",
        parallel=None if alone is None else not alone,
    )


def _format(schemas: _Schemas) -> turn.AnswerFormat | None:
    exact = schemas.output_config.format if schemas.output_config else None
    exact = exact or schemas.output_format
    return turn.AnswerFormat(schema=exact.schema, strict=True) if exact else None


def _thinking(request: shape.Request, names: dict[str, None]) -> tuple[str, int | None]:
    """Return the effort wanted, and the budget."""
    effort = (request.output_config and request.output_config.effort) or ""
    thinking = request.thinking
    if thinking is None:
        return effort, None
    if thinking.display:
        names["thinking.display"] = None
    if thinking.type == "enabled":
        return effort, thinking.budget_tokens
    if thinking.type == "disabled":
        return effort, 0
    if thinking.type == "adaptive":
        return effort or ADAPTIVE_EFFORT, None
    names["thinking"] = None
    return effort, None

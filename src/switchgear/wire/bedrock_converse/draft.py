"""A conversation of ours as a Converse request."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.edit import CapOutput, Edit, UseModel
from switchgear.domain.turn import AnswerFormat, Choice, Conversation, Tool, ToolChoice
from switchgear.wire.bedrock_converse.dialogue import CACHE_HERE, Dialogue
from switchgear.wire.bedrock_converse.inference import Inference
from switchgear.wire.choice import with_choice
from switchgear.wire.tail import lengthened

STOP_SEQUENCE = "/stop_sequence"
"""What a Claude model is asked to tell besides: which of the stop sequences it met."""
MAX_METADATA = 16
METADATA = re.compile(r"[a-zA-Z0-9\s:_@$#=/+,.-]{1,256}")

_encode = msgspec.json.Encoder().encode
Dropped = dict[str, None]


def write(conversation: Conversation, edits: Sequence[Edit]) -> tuple[bytes, tuple[str, ...]]:
    """Return the request, and the names of what it could not carry; the path names the model."""
    turns = lengthened(conversation.turns, edits)
    if turns is not conversation.turns:
        conversation = msgspec.structs.replace(conversation, turns=turns)
    conversation = with_choice(conversation, edits)
    dialogue = Dialogue(conversation)
    dropped = dialogue.dropped
    inference = Inference(conversation, *_edited(conversation, edits), dropped)
    fields = {
        "system": dialogue.system,
        "messages": dialogue.messages,
        "toolConfig": _tool_config(conversation, dialogue),
        "inferenceConfig": inference.config,
        "additionalModelRequestFields": inference.more,
        "outputConfig": inference.output | _format(conversation.format, dropped),
        "requestMetadata": _metadata(conversation, dropped),
    }
    if inference.is_claude and "stopSequences" in inference.config:
        fields["additionalModelResponseFieldPaths"] = [STOP_SEQUENCE]
    return _encode({name: value for name, value in fields.items() if value}), tuple(dropped)


def _edited(conversation: Conversation, edits: Sequence[Edit]) -> tuple[str, int | None]:
    model, limits = conversation.model, [conversation.max_output]
    for edit in edits:
        if isinstance(edit, UseModel):
            model = edit.model
        elif isinstance(edit, CapOutput):
            limits.append(edit.tokens)
    return model, min([limit for limit in limits if limit is not None], default=None)


def _tool_config(conversation: Conversation, dialogue: Dialogue) -> dict[str, Any]:
    """Return the tools; those that were called must be there, offered or not."""
    choice = conversation.tool_choice or ToolChoice()
    offered = conversation.tools
    if choice.choice is Choice.NONE and offered:
        if dialogue.tools:
            dialogue.dropped["tool_choice"] = None  # they must be there, and there is no "none"
        else:
            offered = ()  # which comes to the same
    known = {tool.name for tool in offered}
    called = [Tool(name=name) for name in dialogue.tools if name not in known]
    specs = [spec for tool in (*offered, *called) for spec in _specs(tool)]
    if not specs:
        return {}
    if choice.parallel is False:
        dialogue.dropped["parallel_tool_calls"] = None
    return {"tools": specs, **write_choice(conversation.tool_choice)}


def write_choice(wanted: ToolChoice | None) -> dict[str, Any]:
    """Return ``toolChoice``, in the object that it is part of; nothing for none."""
    if wanted is None or wanted.choice is Choice.NONE:
        return {}
    if wanted.choice is Choice.NAMED:
        return {"toolChoice": {"tool": {"name": wanted.name}}}
    return {"toolChoice": {"any" if wanted.choice is Choice.REQUIRED else "auto": {}}}


def _specs(tool: Tool) -> list[dict[str, Any]]:
    spec: dict[str, Any] = {"name": tool.name}
    if tool.description:
        spec["description"] = tool.description
    empty = bytes(tool.schema).strip() == b"{}"
    spec["inputSchema"] = {
        "json": {"type": "object", "properties": {}} if empty else tool.schema,
    }
    if tool.strict is not None:
        spec["strict"] = tool.strict
    return [{"toolSpec": spec}, CACHE_HERE] if tool.cache else [{"toolSpec": spec}]


def _format(wanted: AnswerFormat | None, dropped: Dropped) -> dict[str, Any]:
    if wanted is None:
        return {}
    if wanted.schema is None:
        dropped["response_format"] = None
        return {}
    schema = {"schema": bytes(wanted.schema).decode(), "name": wanted.name}
    return {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}


def _metadata(conversation: Conversation, dropped: Dropped) -> dict[str, str]:
    if conversation.end_user:
        dropped["user"] = None
    if conversation.cache_key:
        dropped["prompt_cache_key"] = None
    kept = [pair for pair in conversation.metadata if all(map(METADATA.fullmatch, pair))]
    if len(kept) < len(conversation.metadata) or len(kept) > MAX_METADATA:
        dropped["metadata"] = None
    return dict(kept[:MAX_METADATA])

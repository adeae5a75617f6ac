"""A conversation written as a request of this dialect."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.edit import AskUsage, CapOutput, Edit, Prefill, PrefillForm, UseModel
from switchgear.domain.turn import AnswerFormat, Choice, Conversation, Tool, ToolChoice
from switchgear.wire import freeform
from switchgear.wire.choice import with_choice
from switchgear.wire.openai_chat.message import Dropped, write_messages
from switchgear.wire.openai_chat.request import limit_field
from switchgear.wire.tail import lengthened

TAKES_TEXT = re.compile(r"(?:^|/)gpt-(?:[5-9]|\d\d)")
"""Models that know tools which take text, by name."""


def write(conversation: Conversation, edits: Sequence[Edit]) -> tuple[bytes, tuple[str, ...]]:
    """Return the request, and the names of what it could not carry.

    The same turns give the same bytes, so that what a provider has cached of them stays good.
    """
    dropped: Dropped = dict.fromkeys(conversation.unread)
    conversation = with_choice(conversation, edits)
    texts = _texts(conversation, edits)
    top: dict[str, Any] = {
        "model": conversation.model,
        "messages": write_messages(lengthened(conversation.turns, edits), dropped, texts),
        **_tools(conversation, dropped, texts),
        **_limits(conversation),
        **_sampling(conversation, dropped),
        **_identity(conversation),
    }
    for edit in edits:
        _make(edit, top, conversation)
    return msgspec.json.encode(top), tuple(dropped)


def _texts(conversation: Conversation, edits: Sequence[Edit]) -> frozenset[str]:
    """Return the names of the tools that are to be written as tools that take text.

    Only OpenAI's own later models know them; to all others they are functions with one argument.
    """
    named = [edit.model for edit in edits if isinstance(edit, UseModel)]
    known = TAKES_TEXT.search(named[-1] if named else conversation.model)
    return freeform.names(conversation) if known else frozenset()


def _make(edit: Edit, top: dict[str, Any], conversation: Conversation) -> None:
    match edit:
        case UseModel(model):
            top["model"] = model
        case CapOutput(tokens):
            field = limit_field(newer=bool(conversation.effort))
            top[field] = min(tokens, top.get(field, tokens))
        case AskUsage():
            if conversation.stream:
                top["stream_options"] = {"include_usage": True}
        case Prefill():
            top["messages"][-1] |= ask_to_go_on([edit])
            top |= go_on_fields(edit)


def ask_to_go_on(edits: Sequence[Edit]) -> dict[str, Any]:
    """Return what the last message says besides, for the target to go on from it."""
    prefix = any(isinstance(it, Prefill) and it.form is PrefillForm.PREFIX for it in edits)
    return {"prefix": True} if prefix else {}


def go_on_fields(edit: Edit) -> dict[str, Any]:
    """Return what stands beside the messages, for the target to go on from the last one."""
    if isinstance(edit, Prefill) and edit.form is PrefillForm.CONTINUE:
        return {"continue_final_message": True, "add_generation_prompt": False}
    return {}


def _tools(conversation: Conversation, dropped: Dropped, texts: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if conversation.tools:
        found["tools"] = [
            _custom(tool) if tool.name in texts else _tool(tool) for tool in conversation.tools
        ]
        if any(tool.cache for tool in conversation.tools):
            dropped["cache_control"] = None
        found |= _tool_choice(conversation.tool_choice or ToolChoice(), texts)
    return found


def _tool(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = tool.schema
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _custom(tool: Tool) -> dict[str, Any]:
    custom: dict[str, Any] = {"name": tool.name}
    if tool.description:
        custom["description"] = tool.description
    grammar = freeform.grammar(tool.schema)
    if grammar:
        said = {"syntax": grammar.syntax, "definition": grammar.definition}
        custom["format"] = {"type": "grammar", "grammar": said}
    return {"type": "custom", "custom": custom}


def _tool_choice(asked: ToolChoice, texts: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if asked.choice is not Choice.AUTO:
        found["tool_choice"] = write_choice(asked, texts)
    if asked.parallel is not None:
        found["parallel_tool_calls"] = asked.parallel
    return found


def write_choice(asked: ToolChoice, texts: frozenset[str]) -> object:
    """Return a ``tool_choice``; the tools of these names take text."""
    if asked.choice is not Choice.NAMED:
        return asked.choice.value
    kind = "custom" if asked.name in texts else "function"
    return {"type": kind, kind: {"name": asked.name}}


def _limits(conversation: Conversation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if conversation.max_output is not None:
        found[limit_field(newer=bool(conversation.effort))] = conversation.max_output
    if conversation.stop:
        found["stop"] = list(conversation.stop)
    if conversation.format:
        found["response_format"] = _format(conversation.format)
    if conversation.stream:
        found["stream"] = True
        if conversation.wants_usage:
            found["stream_options"] = {"include_usage": True}
    return found


def _format(asked: AnswerFormat) -> dict[str, Any]:
    if asked.schema is None:
        return {"type": "json_object"}
    schema: dict[str, Any] = {"name": asked.name, "schema": asked.schema}
    if asked.strict is not None:
        schema["strict"] = asked.strict
    return {"type": "json_schema", "json_schema": schema}


SAMPLING = ("temperature", "top_p", "seed", "frequency_penalty", "presence_penalty")


def _sampling(conversation: Conversation, dropped: Dropped) -> dict[str, Any]:
    asked = {name: getattr(conversation.sampling, name) for name in SAMPLING}
    found = {name: value for name, value in asked.items() if value is not None}
    if conversation.sampling.top_k is not None:
        dropped["top_k"] = None
    if conversation.effort:
        found["reasoning_effort"] = conversation.effort
    elif conversation.thinking_budget is not None:
        dropped["thinking"] = None
    return found


def _identity(conversation: Conversation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if conversation.end_user:
        found["user"] = conversation.end_user
    if conversation.metadata:
        found["metadata"] = dict(conversation.metadata)
    if conversation.cache_key:
        found["prompt_cache_key"] = conversation.cache_key
    return found

"""A conversation written as a request of this dialect."""

from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.edit import CapOutput, Edit, UseModel
from switchgear.domain.turn import (
    AnswerFormat,
    Choice,
    Conversation,
    Role,
    Text,
    Tool,
    ToolChoice,
    Turn,
)
from switchgear.wire import freeform
from switchgear.wire.choice import with_choice
from switchgear.wire.openai_responses.body import ENCRYPTED
from switchgear.wire.openai_responses.script import Dropped, Script
from switchgear.wire.tail import lengthened

LEAST_OUTPUT = 16
"""Tokens. The API takes no smaller limit."""
EFFORTS = ((2048, "low"), (8192, "medium"))
"""Tokens to think with, at most, for an effort; more than the last is ``high``."""


def write(conversation: Conversation, edits: Sequence[Edit]) -> tuple[bytes, tuple[str, ...]]:
    """Return the request, and the names of what it could not carry.

    The same turns give the same bytes, so that what a provider has cached of them stays good; the
    input stands last, so that a longer conversation begins with all the bytes of a shorter one.
    """
    dropped: Dropped = dict.fromkeys(conversation.unread)
    conversation = with_choice(conversation, edits)
    turns = lengthened(conversation.turns, edits)
    instructions = _instructions(turns)
    script = Script(freeform.names(conversation), dropped)
    script.add(turns if instructions is None else turns[1:])
    top: dict[str, Any] = {
        "model": conversation.model,
        **({} if instructions is None else {"instructions": instructions}),
        **_tools(conversation, dropped),
        **_answer(conversation, dropped),
        **_thought(conversation, dropped),
        **_sampling(conversation, dropped),
        **_identity(conversation),
    }
    for edit in edits:
        _make(edit, top)
    return msgspec.json.encode({**top, "input": script.items}), tuple(dropped)


def _instructions(turns: tuple[Turn, ...]) -> str | None:
    """Return the first turn's words, if the system says but one thing there."""
    first = turns[0] if turns else None
    if first is None or first.role is not Role.SYSTEM or len(first.parts) != 1:
        return None
    part = first.parts[0]
    return part.text if isinstance(part, Text) and not part.cache else None


def _make(edit: Edit, top: dict[str, Any]) -> None:
    if isinstance(edit, UseModel):
        top["model"] = edit.model
    elif isinstance(edit, CapOutput):
        top["max_output_tokens"] = min(edit.tokens, top.get("max_output_tokens", edit.tokens))


def _tools(conversation: Conversation, dropped: Dropped) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if conversation.tools:
        found["tools"] = [write_tool(tool) for tool in conversation.tools]
        if any(tool.cache for tool in conversation.tools):
            dropped["cache_control"] = None
        asked = conversation.tool_choice or ToolChoice()
        if asked.choice is not Choice.AUTO:
            found["tool_choice"] = write_choice(asked, freeform.names(conversation))
        if asked.parallel is not None:
            found["parallel_tool_calls"] = asked.parallel
    return found


def write_tool(tool: Tool) -> dict[str, Any]:
    """Return a tool; ``strict`` is always said, for here alone it is the default."""
    found: dict[str, Any] = {
        "type": "custom" if tool.freeform else "function",
        "name": tool.name,
    }
    if tool.description:
        found["description"] = tool.description
    if not tool.freeform:
        return {**found, "parameters": tool.schema, "strict": bool(tool.strict)}
    grammar = freeform.grammar(tool.schema)
    if grammar:
        said = {"syntax": grammar.syntax, "definition": grammar.definition}
        found["format"] = {"type": "grammar", **said}
    return found


def write_choice(asked: ToolChoice, texts: frozenset[str]) -> object:
    """Return a ``tool_choice``; the tools of these names take text."""
    if asked.choice is not Choice.NAMED:
        return asked.choice.value
    return {"type": "custom" if asked.name in texts else "function", "name": asked.name}


def _answer(conversation: Conversation, dropped: Dropped) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if conversation.max_output is not None:
        found["max_output_tokens"] = max(LEAST_OUTPUT, conversation.max_output)
        if conversation.max_output < LEAST_OUTPUT:
            dropped["max_tokens"] = None
    if conversation.stop:
        dropped["stop"] = None
    if conversation.format:
        found["text"] = {"format": write_format(conversation.format)}
    if conversation.stream:
        found["stream"] = True
    return found


def write_format(asked: AnswerFormat) -> dict[str, Any]:
    """Return the shape that the answer must have."""
    if asked.schema is None:
        return {"type": "json_object"}
    found: dict[str, Any] = {"type": "json_schema", "name": asked.name, "schema": asked.schema}
    return found if asked.strict is None else {**found, "strict": asked.strict}


def _thought(conversation: Conversation, dropped: Dropped) -> dict[str, Any]:
    """Ask for as much reasoning as is wanted, and for what it takes to go on from it."""
    effort, budget = conversation.effort, conversation.thinking_budget
    if budget is not None:
        dropped["thinking.budget_tokens"] = None
        effort = effort or _effort(budget)
    found: dict[str, Any] = {"store": conversation.keep}
    if effort:
        found["reasoning"] = {"effort": effort}
        if not conversation.keep:
            found["include"] = [ENCRYPTED]
    return found


def _effort(budget: int) -> str:
    """Return the effort for a budget; none for none, which not every model can be told."""
    if not budget:
        return ""
    return next((effort for most, effort in EFFORTS if budget <= most), "high")


def _sampling(conversation: Conversation, dropped: Dropped) -> dict[str, Any]:
    said = conversation.sampling
    asked = {"temperature": said.temperature, "top_p": said.top_p}
    for name in ("top_k", "seed"):
        if getattr(said, name) is not None:
            dropped[name] = None
    for name in ("frequency_penalty", "presence_penalty"):
        if getattr(said, name):
            dropped[name] = None
    return {name: value for name, value in asked.items() if value is not None}


def _identity(conversation: Conversation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if conversation.end_user:
        found["user"] = conversation.end_user
    if conversation.metadata:
        found["metadata"] = dict(conversation.metadata)
    if conversation.cache_key:
        found["prompt_cache_key"] = conversation.cache_key
    return found

"""A conversation of ours as a Messages request."""

from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import CapOutput, Edit, UseModel
from switchgear.domain.turn import Conversation, Role, Sampling, Tool
from switchgear.wire.anthropic_messages.body import MIN_BUDGET
from switchgear.wire.anthropic_messages.choice import write_choice
from switchgear.wire.anthropic_messages.dialogue import CACHE_HERE, Dialogue
from switchgear.wire.choice import FORCED, with_choice
from switchgear.wire.generation import Generation, generation
from switchgear.wire.seal import begins_unsigned
from switchgear.wire.tail import lengthened

DEFAULT_OUTPUT = 4096
"""Tokens. What is asked for when nobody named a limit, which the API cannot do without."""
BUDGETS = {
    "minimal": 1024,
    "low": 2048,
    "medium": 8192,
    "high": 16_384,
    "xhigh": 32_768,
    "max": 32_768,
}
"""Effort as tokens to think with, doubling or more per step; always less than ``max_tokens``."""
EFFORTS = {
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "xhigh",
    "max": "max",
}
MIN_TOP_P_THINKING = 0.95

_encode = msgspec.json.Encoder().encode


def write(conversation: Conversation, edits: Sequence[Edit]) -> tuple[bytes, tuple[str, ...]]:
    """Return the request, and the names of what it could not carry."""
    turns = lengthened(conversation.turns, edits)
    if turns is not conversation.turns:
        conversation = msgspec.structs.replace(conversation, turns=turns)
    conversation = with_choice(conversation, edits)
    model, limit = _edited(conversation, edits)
    dialogue = Dialogue(conversation)
    body: dict[str, Any] = {"model": model, "max_tokens": limit}
    if conversation.stream:
        body["stream"] = True
    if dialogue.system:
        body["system"] = dialogue.system_field()
    body["messages"] = dialogue.messages
    _add_tools(body, conversation)
    taken = generation(model)
    thinks = _add_thinking(body, conversation, taken, dialogue.dropped)
    _add_format(body, conversation, dialogue.dropped)
    takes = _taken(conversation.sampling, taken, thinks=thinks)
    _add_sampling(body, conversation.sampling, takes, dialogue.dropped)
    _add_rest(body, conversation, dialogue.dropped)
    return _encode(body), tuple(dialogue.dropped)


def _edited(conversation: Conversation, edits: Sequence[Edit]) -> tuple[str, int]:
    model, limits = conversation.model, [conversation.max_output]
    for edit in edits:
        if isinstance(edit, UseModel):
            model = edit.model
        elif isinstance(edit, CapOutput):
            limits.append(edit.tokens)
    return model, min([limit for limit in limits if limit is not None], default=DEFAULT_OUTPUT)


def _add_tools(body: dict[str, Any], conversation: Conversation) -> None:
    if not conversation.tools:
        return
    body["tools"] = [_tool(tool) for tool in conversation.tools]
    if conversation.tool_choice:
        body["tool_choice"] = write_choice(conversation.tool_choice)


def _tool(tool: Tool) -> dict[str, Any]:
    written: dict[str, Any] = {"name": tool.name}
    if tool.description:
        written["description"] = tool.description
    empty = bytes(tool.schema).strip() == b"{}"
    written["input_schema"] = {"type": "object", "properties": {}} if empty else tool.schema
    if tool.strict is not None:
        written["strict"] = tool.strict
    if tool.cache:
        written["cache_control"] = CACHE_HERE
    return written


def _add_thinking(
    body: dict[str, Any], conversation: Conversation, taken: Generation, dropped: dict[str, None]
) -> bool:
    """Say how long to think; return whether thinking is now on."""
    effort, budget = conversation.effort, conversation.thinking_budget
    if not effort and budget is None:
        return False
    if effort == "none" or budget == 0:
        body["thinking"] = {"type": "disabled"}
        return False
    tokens = _budget(effort, budget, body["max_tokens"])
    if (tokens < MIN_BUDGET and not taken.adaptive) or _forbids_thinking(conversation):
        dropped["reasoning_effort" if budget is None else "thinking"] = None
        return False
    if not taken.adaptive:
        body["thinking"] = {"type": "enabled", "budget_tokens": tokens}
        return True
    body["thinking"] = {"type": "adaptive"}
    if effort in EFFORTS:
        body["output_config"] = {"effort": EFFORTS[effort]}
    elif effort:
        dropped["reasoning_effort"] = None
    if budget is not None:
        dropped["thinking.budget_tokens"] = None
    return True


def _budget(effort: str, budget: int | None, limit: int) -> int:
    """Return the tokens to think with; from an effort, so that as many are left to answer."""
    if budget is not None:
        return min(budget, limit - 1)
    return min(BUDGETS.get(effort, 0), max(limit // 2, min(MIN_BUDGET, limit - 1)))


def _forbids_thinking(conversation: Conversation) -> bool:
    """Say whether the API would refuse to think here.

    A forced tool and a prefilled answer forbid it; so does a tool loop that began without it,
    for its first turn would have to begin with signed thinking.
    """
    choice = conversation.tool_choice
    if conversation.tools and choice and choice.choice in FORCED:
        return True
    spoken = [turn for turn in conversation.turns if turn.role is not Role.SYSTEM]
    if not spoken or spoken[-1].role is Role.ASSISTANT:
        return bool(spoken)
    return begins_unsigned(conversation.turns, Dialect.ANTHROPIC_MESSAGES)


def _add_format(body: dict[str, Any], conversation: Conversation, dropped: dict[str, None]) -> None:
    if conversation.format is None:
        return
    if conversation.format.schema is None:
        dropped["response_format"] = None
        return
    wanted = {"type": "json_schema", "schema": conversation.format.schema}
    body.setdefault("output_config", {})["format"] = wanted


def _taken(said: Sampling, taken: Generation, *, thinks: bool) -> frozenset[str]:
    """Return the sampling fields that may be written."""
    if not taken.samples:
        return frozenset()
    if thinks:
        high = said.top_p is not None and said.top_p >= MIN_TOP_P_THINKING
        return frozenset(("top_p",) if high else ())
    if taken.one_of_two and said.temperature is not None:
        return frozenset(("temperature", "top_k"))
    return frozenset(("temperature", "top_p", "top_k"))


def _add_sampling(
    body: dict[str, Any], said: Sampling, takes: frozenset[str], dropped: dict[str, None]
) -> None:
    """Write what may be written; a 1 that may not is no loss, for that is the default."""
    for name in ("temperature", "top_p", "top_k"):
        value = getattr(said, name)
        if value is not None and name in takes:
            body[name] = value
        elif value is not None and (name == "top_k" or value != 1):
            dropped[name] = None
    if body.get("temperature", 0) > 1:
        body["temperature"] = 1.0
        dropped["temperature"] = None
    if said.seed is not None:
        dropped["seed"] = None
    for name in ("frequency_penalty", "presence_penalty"):
        if getattr(said, name):
            dropped[name] = None


def _add_rest(body: dict[str, Any], conversation: Conversation, dropped: dict[str, None]) -> None:
    stops = [stop for stop in conversation.stop if stop.strip()]
    if stops:
        body["stop_sequences"] = stops
    if len(stops) < len(conversation.stop):
        dropped["stop"] = None
    if conversation.end_user:
        body["metadata"] = {"user_id": conversation.end_user}
    if conversation.metadata:
        dropped["metadata"] = None
    if conversation.cache_key:
        dropped["prompt_cache_key"] = None

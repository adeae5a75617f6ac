"""A conversation of ours as a request of the API."""

from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.edit import CapOutput, Edit, UseModel
from switchgear.domain.turn import Choice, Conversation, Tool, ToolChoice
from switchgear.wire.choice import with_choice
from switchgear.wire.gemini.dialogue import Dialogue
from switchgear.wire.gemini.generation import BUDGETS, Generation, generation
from switchgear.wire.tail import lengthened

MODES = {Choice.AUTO: "AUTO", Choice.REQUIRED: "ANY", Choice.NAMED: "ANY", Choice.NONE: "NONE"}
MOST_STOPS = 5
LARGEST_SEED = 2**31 - 1
HIGH, MOST = "high", frozenset(("xhigh", "max"))
"""Efforts above the API's highest."""
FIELDS = (
    ("temperature", "temperature"),
    ("top_p", "topP"),
    ("top_k", "topK"),
    ("frequency_penalty", "frequencyPenalty"),
    ("presence_penalty", "presencePenalty"),
)

Dropped = dict[str, None]


def write(conversation: Conversation, edits: Sequence[Edit]) -> tuple[bytes, tuple[str, ...]]:
    """Return the request, and the names of what it could not carry.

    The model, and whether the answer is to be streamed, stand in the address.
    """
    dropped: Dropped = dict.fromkeys(conversation.unread)
    conversation = with_choice(conversation, edits)
    model, limit = edited(conversation, edits)
    taken = generation(model)
    dialogue = Dialogue(dropped, newest=taken.newest)
    dialogue.tell(lengthened(conversation.turns, edits))
    body: dict[str, Any] = {}
    if dialogue.system:
        body["systemInstruction"] = {"parts": dialogue.system}
    if conversation.tools:
        body |= _tools(conversation, dropped)
    config = _config(conversation, limit, dropped)
    config |= _format(conversation, taken, dropped)
    thinking = _thinking(conversation, taken, limit, dropped)
    if thinking:
        config["thinkingConfig"] = thinking
    if config:
        body["generationConfig"] = config
    body["contents"] = dialogue.contents
    if conversation.end_user:
        dropped["user"] = None
    if conversation.metadata:
        dropped["metadata"] = None
    if conversation.cache_key:
        dropped["prompt_cache_key"] = None
    return msgspec.json.encode(body), tuple(dropped)


def edited(conversation: Conversation, edits: Sequence[Edit]) -> tuple[str, int | None]:
    """Return the model and the limit of the answer, as the edits want them."""
    model, limits = conversation.model, [conversation.max_output]
    for edit in edits:
        if isinstance(edit, UseModel):
            model = edit.model
        elif isinstance(edit, CapOutput):
            limits.append(edit.tokens)
    return model, min((limit for limit in limits if limit is not None), default=None)


def _tools(conversation: Conversation, dropped: Dropped) -> dict[str, Any]:
    tools, choice = conversation.tools, conversation.tool_choice
    if any(tool.strict for tool in tools):
        dropped["tools.strict"] = None
    if any(tool.cache for tool in tools):
        dropped["cache_control"] = None
    written: dict[str, Any] = {
        "tools": [{"functionDeclarations": [_declared(tool) for tool in tools]}]
    }
    if choice:
        if choice.parallel is False:
            dropped["parallel_tool_calls"] = None
        written["toolConfig"] = {"functionCallingConfig": calling(choice)}
    return written


def _declared(tool: Tool) -> dict[str, Any]:
    written: dict[str, Any] = {"name": tool.name}
    if tool.description:
        written["description"] = tool.description
    if bytes(tool.schema).strip() not in {b"", b"{}", b"null"}:
        written["parametersJsonSchema"] = tool.schema
    return written


def calling(choice: ToolChoice) -> dict[str, Any]:
    """Return a ``functionCallingConfig``."""
    named = {"allowedFunctionNames": [choice.name]} if choice.choice is Choice.NAMED else {}
    return {"mode": MODES[choice.choice], **named}


def _config(conversation: Conversation, limit: int | None, dropped: Dropped) -> dict[str, Any]:
    said = conversation.sampling
    config: dict[str, Any] = {
        name: value for field, name in FIELDS if (value := getattr(said, field)) is not None
    }
    if said.seed is not None and abs(said.seed) <= LARGEST_SEED:
        config["seed"] = said.seed
    elif said.seed is not None:
        dropped["seed"] = None
    if limit is not None:
        config["maxOutputTokens"] = limit
    stops = [stop for stop in conversation.stop if stop][:MOST_STOPS]
    if stops:
        config["stopSequences"] = stops
    if len(stops) < len(conversation.stop):
        dropped["stop"] = None
    return config


def _format(conversation: Conversation, taken: Generation, dropped: Dropped) -> dict[str, Any]:
    """Return how the answer is to be shaped; older models refuse JSON where there are tools."""
    asked = conversation.format
    if asked is None:
        return {}
    if conversation.tools and not taken.newest:
        dropped["response_format"] = None
        return {}
    shape: dict[str, Any] = {"responseMimeType": "application/json"}
    if asked.schema is not None:
        shape["responseJsonSchema"] = asked.schema
    return shape


def _thinking(
    conversation: Conversation, taken: Generation, limit: int | None, dropped: Dropped
) -> dict[str, Any]:
    """Return how long to think; whoever asks for thinking gets a summary of it."""
    effort, budget = conversation.effort, conversation.thinking_budget
    if not effort and budget is None:
        return {}
    if effort == "none" or (budget == 0 and not effort):
        return _least(taken, dropped)
    if taken.budget is None:
        dropped["thinking" if budget else "reasoning_effort"] = None
        return {}
    known = HIGH if effort in MOST else effort
    if taken.levels and known in taken.levels:
        level = taken.levels[known]
        if level != effort:
            dropped["reasoning_effort"] = None
        return {"thinkingLevel": level, "includeThoughts": True}
    if not budget and known not in BUDGETS:
        dropped["reasoning_effort"] = None
        return {}
    if known != effort:
        dropped["reasoning_effort"] = None
    return {"thinkingBudget": _tokens(budget, known, taken.budget, limit), "includeThoughts": True}


def _tokens(budget: int | None, effort: str, bounds: tuple[int, int], limit: int | None) -> int:
    """Return the tokens to think with; from an effort, so that as many are left to answer."""
    least, most = bounds
    if budget:
        return min(max(budget, least), most)
    wanted = BUDGETS[effort]
    return max(least, min(wanted, most, wanted if limit is None else limit // 2))


def _least(taken: Generation, dropped: Dropped) -> dict[str, Any]:
    """Return what keeps a model from thinking, or from thinking more than it must."""
    if taken.stops:
        return {"thinkingBudget": 0} if taken.budget else {}
    dropped["thinking"] = None
    if taken.levels:
        return {"thinkingLevel": taken.levels["minimal"]}
    return {"thinkingBudget": taken.budget[0]} if taken.budget else {}

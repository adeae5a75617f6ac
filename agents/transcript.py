"""What a conversation tells of the tools that ran in it: each call with its result."""

import ast
from typing import Any

import msgspec

from switchgear.domain.turn import Conversation, Text, ToolResult, ToolUse

CALLING, OBSERVED = "Calling tools:\n", "Observation:\n"
"""How smolagents tells the model what was called and what came of it: as text."""


class Lost(Exception):
    """The conversation is not as it was said; the message tells what is missing or wrong."""


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """One tool call that has its result."""

    name: str
    arguments: dict[str, Any]
    text: str
    """What the tool gave back."""
    failed: bool = False


def runs(conversation: Conversation) -> tuple[Ran, ...]:
    """Return the tool calls with their results, in the order of the calls.

    Raises:
        Lost: a call has no result, a result no call, or arguments are not what a call can have.
    """
    parts = [part for turn in conversation.turns for part in turn.parts]
    calls = {part.id: part for part in parts if isinstance(part, ToolUse)}
    results = {part.id: part for part in parts if isinstance(part, ToolResult)}
    if len(calls) != sum(isinstance(part, ToolUse) for part in parts):
        raise Lost("two tool calls have the same id")
    strangers = sorted(set(calls) ^ set(results))
    if strangers:
        raise Lost(f"a tool call without its result, or a result without its call: {strangers}")
    found = tuple(_ran(call, results[call.id]) for call in calls.values())
    return found or _told([part.text for part in parts if isinstance(part, Text)])


def _told(texts: list[str]) -> tuple[Ran, ...]:
    """Return the tool calls that are told as text, each result on a line of its own."""
    calls = [
        call["function"]
        for text in texts
        if CALLING in text and "'function'" in text
        for call in ast.literal_eval(text.partition(CALLING)[2])
    ]
    lines = [
        line
        for text in texts
        if text.startswith(OBSERVED)
        for line in text.removeprefix(OBSERVED).splitlines()
    ]
    if len(calls) != len(lines):
        raise Lost(f"there are {len(calls)} calls and {len(lines)} observations")
    return tuple(
        Ran(name=call["name"], arguments=call["arguments"], text=line)
        for call, line in zip(calls, lines, strict=True)
    )


def _ran(call: ToolUse, result: ToolResult) -> Ran:
    return Ran(
        name=call.name,
        arguments=_decoded(call.arguments or "{}"),
        text="".join(part.text for part in result.parts if isinstance(part, Text)),
        failed=result.failed,
    )


def _decoded(text: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        raise Lost(f"the arguments of a tool call came back as {text[:200]!r}") from None
    if not isinstance(found, dict):
        raise Lost(f"the arguments of a tool call came back as {text[:200]!r}")
    return found

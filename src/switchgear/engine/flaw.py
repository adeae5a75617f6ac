"""Whether an answer that came to its end is of any use to who asked for it."""

from collections.abc import Iterable
from enum import Enum

import msgspec

from switchgear.domain.event import (
    Event,
    Finished,
    RefusalDelta,
    Stop,
    TextDelta,
    ToolDelta,
    ToolStarted,
)
from switchgear.domain.turn import AnswerFormat, Choice, Conversation, Tool
from switchgear.engine.schema import fits

MOST_TEXT = 1_048_576
"""Characters of an answer in JSON that are looked at; a longer one is not judged."""
MOST_ARGUMENTS = 262_144
"""Characters of all arguments of tool calls; and bytes of a tool's schema."""
ON_ITS_OWN = frozenset({Stop.END, Stop.TOOL_USE})
"""Ends that the model chose: what was cut short, filtered or refused is judged by nobody."""


class Flaw(Enum):
    """Why an answer is of no use. The value is what the ledger keeps."""

    EMPTY = "empty"
    """It says nothing and asks for no tool."""
    BROKEN_JSON = "broken_json"
    """JSON was asked for, and this is none, or not all of it."""
    OFF_SCHEMA = "off_schema"
    """It is JSON, and certainly not of the schema that was asked for."""
    NO_TOOL = "no_tool"
    """A tool had to be called, and was not."""
    BAD_ARGUMENTS = "bad_arguments"
    """A tool is called with arguments that are not JSON, or do not fit its schema."""
    UNKNOWN_TOOL = "unknown_tool"
    """A tool is called that was not offered."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, as far as it takes to judge it."""

    stop: Stop
    spoke: bool
    """It has words that are more than blanks: an answer, or a refusal."""
    refused: bool = False
    text: str = ""
    """Kept only where JSON was asked for."""
    calls: tuple[tuple[str, str], ...] = ()
    """Each tool's name, and its arguments as JSON text."""
    cut: bool = False
    """It was too long to be kept."""


def find_flaw(conversation: Conversation, events: Iterable[Event]) -> Flaw | None:
    """Return what is wrong with a whole answer to a conversation; None when nothing is."""
    said = summed_up(events)
    return None if said is None else judge(conversation, said)


def judge(conversation: Conversation, said: Said) -> Flaw | None:
    """Return what is wrong with what was said; None when nothing is, or when nobody can tell."""
    if said.stop not in ON_ITS_OWN or said.refused or said.cut:
        return None
    if said.calls:
        return _in_calls(conversation, said)
    if _must_call(conversation):
        return Flaw.NO_TOOL
    if not said.spoke:
        return Flaw.EMPTY
    return None if conversation.format is None else _of_format(said.text, conversation.format)


def judged(said: Said) -> bool:
    """Return whether an answer tells anything of who gave it."""
    return said.stop in ON_ITS_OWN and not said.refused and not said.cut


def summed_up(events: Iterable[Event]) -> Said | None:
    """Return what the events of a whole answer say; None when they have no end."""
    texts: list[str] = []
    names: dict[int, str] = {}
    arguments: dict[int, str] = {}
    refused, end = False, None
    for event in events:
        match event:
            case TextDelta():
                texts.append(event.text)
            case RefusalDelta():
                refused = True
            case ToolStarted():
                names[event.index] = event.name
            case ToolDelta():
                arguments[event.index] = arguments.get(event.index, "") + event.json
            case Finished():
                end = event
            case _:
                pass
    if end is None:
        return None
    text = "".join(texts)
    return Said(
        stop=end.stop,
        spoke=text.strip() != "",
        refused=refused,
        text=text,
        calls=tuple((name, arguments.get(index, "")) for index, name in names.items()),
        cut=len(text) > MOST_TEXT or sum(map(len, arguments.values())) > MOST_ARGUMENTS,
    )


def route_of(model: str, rule: str) -> str:
    """Return the name of a route: what was asked for, and the rule that matched."""
    return f"{model}, rule {rule}" if rule else model


def _in_calls(conversation: Conversation, said: Said) -> Flaw | None:
    tools = {tool.name: tool for tool in conversation.tools}
    closed = not _runs_own(conversation)
    for name, arguments in said.calls:
        tool = tools.get(name)
        if tool is None and closed:
            return Flaw.UNKNOWN_TOOL
        if tool is not None and not _fit(arguments, tool):
            return Flaw.BAD_ARGUMENTS
    choice = conversation.tool_choice
    if choice is not None and choice.choice is Choice.NAMED and choice.name in tools:
        return None if any(name == choice.name for name, _ in said.calls) else Flaw.NO_TOOL
    return None


def _must_call(conversation: Conversation) -> bool:
    choice = conversation.tool_choice
    if choice is None or _runs_own(conversation) or not conversation.tools:
        return False
    return choice.choice in {Choice.REQUIRED, Choice.NAMED}


def _runs_own(conversation: Conversation) -> bool:
    """Whether there are tools that the provider runs, of which nothing is known here."""
    return any(name.startswith("tools") for name in conversation.unread)


def _fit(arguments: str, tool: Tool) -> bool:
    found = _decoded(arguments or "{}")
    if not isinstance(found, dict):
        return False
    schema = bytes(tool.schema)
    return len(schema) > MOST_ARGUMENTS or fits(found, _decoded(schema))


def _decoded(text: str | bytes) -> object:
    """Return JSON's value; None for what is none, or too deep."""
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return None


def _of_format(text: str, wanted: AnswerFormat) -> Flaw | None:
    try:
        found = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return Flaw.BROKEN_JSON
    schema = bytes(wanted.schema or b"")
    if not schema or len(schema) > MOST_ARGUMENTS or fits(found, _decoded(schema)):
        return None
    return Flaw.OFF_SCHEMA

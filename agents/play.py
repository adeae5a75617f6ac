"""The scripted model: what it says next follows from the conversation so far, and nothing else."""

import re
from collections.abc import Sequence

import msgspec
from agents.transcript import runs
from agents.wish import Say, Use, Wish

from agents import circle, desk, patch, shop
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    Stop,
    TextDelta,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.domain.turn import Choice, Conversation
from switchgear.domain.units import Tokens

PLAYS = (shop, desk, patch, circle)
"""The tasks that it knows; the first whose tools are offered is played."""
SMALL_TALK = Say("A short title")
"""What it says where no task is known: agents also ask for titles and summaries."""
LAST_WORD = re.compile(r"^final_(answer|result)$")
"""Tools with which some agents want to be told the answer."""
SLICE = 7
"""Characters of words, and of arguments, in one piece of an answer."""


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """One answer."""

    step: str
    """Name of the task and number of the step; empty for small talk."""
    events: tuple[Event, ...]


def play(conversation: Conversation, number: int) -> Played:
    """Return the answer to a conversation; ``number`` tells this answer from others.

    Raises:
        Lost: something that was said before has not come back as it was.
    """
    names = [tool.name for tool in conversation.tools]
    for each in PLAYS:
        tools = each.find(names)
        if tools is not None:
            done = runs(conversation)
            step, wishes = each.act(tools, done)
            told = [_last_word(conversation, wish) for wish in wishes]
            return Played(step=f"{each.NAME} {step}", events=_events(told, number))
    return Played(step="", events=_events([SMALL_TALK], number))


def _last_word(conversation: Conversation, wish: Wish) -> Wish:
    """Tell the answer by the tool that the agent has for it, if it has one and must have it so."""
    found = [tool for tool in conversation.tools if LAST_WORD.search(tool.name)]
    if not found or not isinstance(wish, Say) or not wish.last:
        return wish
    choice = conversation.tool_choice
    if choice is not None and choice.choice is Choice.NONE:
        return wish
    schema = msgspec.json.decode(found[0].schema)
    return Use(found[0].name, {next(iter(schema["properties"])): wish.text})


def _events(wishes: Sequence[Wish], number: int) -> tuple[Event, ...]:
    events: list[Event] = [Opened(id=f"scripted-{number}", model="scripted-1")]
    calls = 0
    for wish in wishes:
        if isinstance(wish, Say):
            events += [TextDelta(piece) for piece in _slices(wish.text)]
            continue
        events.append(ToolStarted(index=calls, id=f"call_{number}_{calls}", name=wish.tool))
        text = msgspec.json.encode(wish.arguments).decode()
        events += [ToolDelta(index=calls, json=piece) for piece in _slices(text)]
        calls += 1
    usage = Usage(input=Tokens(100 + number), cached=Tokens(40), output=Tokens(20 + calls))
    events.append(Finished(stop=Stop.TOOL_USE if calls else Stop.END, usage=usage))
    return tuple(events)


def _slices(text: str) -> list[str]:
    return [text[start : start + SLICE] for start in range(0, len(text), SLICE)]

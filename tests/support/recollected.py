"""Answers to be kept."""

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import Finished, Opened, Stop, TextDelta
from switchgear.domain.turn import (
    AnswerFormat,
    Conversation,
    Part,
    Role,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.domain.units import UnixMs
from switchgear.ports.recollection import Owner, Recollection

MINE, THEIRS = Owner(key="mine", tenant="t"), Owner(key="theirs", tenant="t")
ELSEWHERE = Owner(key="mine", tenant="other")
TOOL = Tool(name="look", schema=msgspec.Raw(b'{"type":"object"}'))
FORMAT = AnswerFormat(schema=msgspec.Raw(b'{"type":"object"}'))
SYSTEM = Turn(Role.SYSTEM, (Text("Be brief."),))


def user(*parts: Part | str) -> Turn:
    return Turn(Role.USER, tuple(Text(it) if isinstance(it, str) else it for it in parts))


def model(*parts: Part | str) -> Turn:
    return Turn(Role.ASSISTANT, tuple(Text(it) if isinstance(it, str) else it for it in parts))


def answer(
    name: str, question: str = "hi", reply: str = "hello", after: Recollection | None = None
) -> Recollection:
    """An answer that goes on from another."""
    asked = Conversation(
        model="auto",
        turns=(SYSTEM, user(question)),
        instructions=1,
        tools=(TOOL,),
        format=FORMAT,
        previous=after.id if after else "",
        keep=True,
    )
    return Recollection(
        id=name,
        at=UnixMs(5),
        decision=f"sg_{name}",
        earlier=after.whole if after else (),
        asked=asked,
        answer=(model(Thinking("so", "sig", origin=Dialect.OPENAI_RESPONSES), reply),),
        events=(Opened(id=name, model="m"), TextDelta(reply), Finished(stop=Stop.END)),
    )


def tool_call(name: str, after: Recollection) -> Recollection:
    """An answer that asks for a tool."""
    use = ToolUse(id=f"call_{name}", name="look", arguments='{"at":"it"}')
    return msgspec.structs.replace(answer(name, after=after), answer=(model(use),))


def tool_result(name: str, after: Recollection) -> Recollection:
    """An answer to what a tool gave back."""
    found = answer(name, after=after)
    result = ToolResult(id=f"call_{after.id}", parts=(Text("found"),))
    asked = msgspec.structs.replace(found.asked, turns=(SYSTEM, user(result)))
    return msgspec.structs.replace(found, asked=asked)

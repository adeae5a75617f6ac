"""Two agents on one job, and a simulated model: it asks for whatever is not in front of it."""

import asyncio
from collections.abc import Sequence
from itertools import count
from typing import Any

import anthropic
import msgspec
import openai

from support.converse import check
from support.geminis import check_request
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import MalformedBody
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
from switchgear.domain.turn import Conversation, Role, Text, ToolResult, ToolUse, Turn
from switchgear.domain.units import Tokens
from switchgear.wire.registry import TONGUES

FACTS = {f"item-{number}": f"price-{number * 7}" for number in range(1, 11)}
"""What the job needs, and the tool tells."""
GOAL = "Price the ten items, item-1 to item-10."
TOOL = "price"
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"of": {"type": "string"}}}
MOST_TURNS = 24
BYTES_PER_TOKEN = 4


class Pricer:
    """A model that looks up, one by one, what it does not see the price of; then it is done.

    As real ones do, it refuses calls of tools without results, and results without calls.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.told: list[Conversation] = []
        self.raw: list[bytes] = []
        self._numbers = count(1)

    async def respond(self, raw: bytes, writer: asyncio.StreamWriter) -> None:
        tongue = TONGUES[self.dialect]
        talk = tongue.parse(raw).conversation
        self.told.append(talk)
        self.raw.append(raw)
        head = "HTTP/1.1 200 X\r\ncontent-type: application/json\r\n"
        if self.dialect is Dialect.BEDROCK_CONVERSE:
            check(raw)
        if self.dialect is Dialect.GEMINI:
            check_request(raw)
        if is_whole(talk.turns):
            events = self._events(talk, Tokens(len(raw) // BYTES_PER_TOKEN))
            body = tongue.write_whole("sg_w", events, talk)
        else:
            head = head.replace("200", "400")
            body = tongue.write_error(MalformedBody("a call has no result"), "sg_w")
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)

    def _events(self, talk: Conversation, size: Tokens) -> list[Event]:
        usage, number = Usage(input=size, output=Tokens(10)), next(self._numbers)
        opened = Opened(id=f"resp_{number}", model="pricer", created=1)
        seen = words(talk)
        missing = [name for name, price in FACTS.items() if price not in seen]
        if not missing:
            return [opened, TextDelta("All are priced."), Finished(stop=Stop.END, usage=usage)]
        return [
            opened,
            TextDelta(f"Looking up {missing[0]}."),
            ToolStarted(index=0, id=f"call_{self.dialect.value[:6]}_{number}", name=TOOL),
            ToolDelta(index=0, json=f'{{"of": "{missing[0]}"}}'),
            Finished(stop=Stop.TOOL_USE, usage=usage),
        ]


def is_whole(turns: Sequence[Turn]) -> bool:
    """Whether each call is answered by whoever speaks next, and each answer called for."""
    left: list[str] = []
    for at, turn in enumerate(turns):
        uses = [part.id for part in turn.parts if isinstance(part, ToolUse)]
        results = [part.id for part in turn.parts if isinstance(part, ToolResult)]
        if any(name not in left for name in results) or (left and turn.role is Role.ASSISTANT):
            return False
        left = [name for name in left if name not in results] + uses
        speaks_on = at + 1 < len(turns) and turns[at + 1].role is turn.role
        if left and not uses and not speaks_on:
            return False
    return not left


def words(talk: Conversation) -> set[str]:
    """Return what is in front of a model, by the word."""
    found: list[str] = []
    for turn in talk.turns:
        for part in turn.parts:
            if isinstance(part, Text):
                found.append(part.text)
            elif isinstance(part, ToolResult):
                found += [it.text for it in part.parts if isinstance(it, Text)]
    text = " ".join(found)
    return set("".join(it if it.isalnum() or it == "-" else " " for it in text).split())


Who = dict[str, str]
"""The task, and the agent."""


class Shift(msgspec.Struct, kw_only=True):
    """What one agent did."""

    asked: list[str] = []
    """What it asked the tool for."""
    talk: list[Any] = []
    """All that was said, as its SDK has it."""
    final: str = ""
    decisions: list[str] = []


def openai_agent(url: str, model: str, *, who: Who, talk: list[Any], most: int) -> Shift:
    """OpenAI's SDK, and the loop around it; after ``most`` answers it leaves off."""
    shift = Shift(talk=list(talk))
    tool = {"type": "function", "function": {"name": TOOL, "parameters": SCHEMA}}
    marks = {f"x-switchgear-{name}": said for name, said in who.items()}
    with openai.OpenAI(base_url=f"{url}/v1", api_key="sk", default_headers=marks) as client:
        for _ in range(most):
            body: Any = {"model": model, "messages": shift.talk, "tools": [tool]}
            got = client.chat.completions.with_raw_response.create(**body)
            shift.decisions.append(got.headers["x-switchgear-decision"])
            message = got.parse().choices[0].message
            shift.talk.append(message.model_dump(exclude_none=True))
            if not message.tool_calls:
                shift.final = message.content or ""
                break
            for each in message.tool_calls:
                name = msgspec.json.decode(each.function.arguments)["of"]
                shift.asked.append(name)
                result = {"role": "tool", "tool_call_id": each.id, "content": FACTS[name]}
                shift.talk.append(result)
    return shift


def anthropic_agent(url: str, model: str, *, who: Who, talk: list[Any], most: int) -> Shift:
    """Anthropic's SDK, likewise."""
    shift = Shift(talk=list(talk))
    tool = {"name": TOOL, "input_schema": SCHEMA}
    marks = {f"x-switchgear-{name}": said for name, said in who.items()}
    with anthropic.Anthropic(base_url=url, api_key="sk", default_headers=marks) as client:
        for _ in range(most):
            body: Any = {"model": model, "messages": shift.talk, "tools": [tool], "max_tokens": 99}
            message = client.messages.create(**body)
            shift.talk.append({"role": "assistant", "content": message.model_dump()["content"]})
            calls = [block for block in message.content if block.type == "tool_use"]
            if not calls:
                shift.final = "".join(it.text for it in message.content if it.type == "text")
                break
            results = []
            for each in calls:
                name = str(each.input["of"])
                shift.asked.append(name)
                results.append(
                    {"type": "tool_result", "tool_use_id": each.id, "content": FACTS[name]}
                )
            shift.talk.append({"role": "user", "content": results})
    return shift

"""Agents that go in circles with the official SDKs, and a model that makes them."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import anthropic
import msgspec
import openai

from switchgear.domain.dialect import Dialect
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
from switchgear.wire.registry import TONGUES

MODEL, TASK = "auto", {"x-switchgear-task": "job"}
MOST_TURNS = 24
"""After so many the agent is given up as one that nothing stops."""
USAGE = Usage(input=Tokens(20), output=Tokens(10))
SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}}


class Circling:
    """A model that asks for the same tool for ever; forbidden that, it answers, if it obeys."""

    def __init__(self, dialect: Dialect, *, obeys: bool = True) -> None:
        self.dialect = dialect
        self.obeys = obeys
        self.told: list[Conversation] = []
        self._numbers = count(1)

    async def respond(self, raw: bytes, writer: asyncio.StreamWriter) -> None:
        tongue = TONGUES[self.dialect]
        talk = tongue.parse(raw).conversation
        self.told.append(talk)
        events = self._events(talk)
        if not talk.stream:
            body = tongue.write_whole("sg_w", events, talk)
            head = "HTTP/1.1 200 X\r\ncontent-type: application/json\r\n"
            writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
            return
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n")
        writer.write(b"transfer-encoding: chunked\r\n\r\n")
        frames = tongue.stream_writer("sg_w", talk)
        for event in events:
            frame = frames.write([event])
            writer.write(b"%x\r\n%s\r\n" % (len(frame), frame) if frame else b"")
        writer.write(b"0\r\n\r\n")

    def _events(self, talk: Conversation) -> list[Event]:
        number, choice = next(self._numbers), talk.tool_choice
        opened = Opened(id=f"resp_{number}", model="circling", created=1)
        none = choice is not None and choice.choice is Choice.NONE
        if not talk.tools or (none and self.obeys):
            return [opened, TextDelta("I found nothing."), Finished(stop=Stop.END, usage=USAGE)]
        return [
            opened,
            ToolStarted(index=0, id=f"call_{number}", name=talk.tools[0].name),
            ToolDelta(index=0, json='{"at":"here"}'),
            Finished(stop=Stop.TOOL_USE, usage=USAGE),
        ]


class Ran(msgspec.Struct, kw_only=True):
    """How an agent's run went."""

    turns: int = 0
    """Answers that it got."""
    final: str = ""
    code: str = ""
    status: int = 0
    said: str = ""
    """What it was told when it was stopped."""
    rungs: list[str] = []
    """What the header said with each answer."""


Look = Callable[[int], str]
Agent = Callable[..., Ran]


def nothing_there(turn: int) -> str:
    """Return the same whenever it is asked."""
    del turn
    return "nothing here"


def chat(
    url: str, *, stream: bool, look: Look = nothing_there, ask: Sequence[str] = ("Go.",)
) -> Ran:
    """OpenAI's SDK, and the loop that everybody writes around it."""
    ran, tool = Ran(), {"type": "function", "function": {"name": "look", "parameters": SCHEMA}}
    talk: list[Any] = []
    with openai.OpenAI(base_url=f"{url}/v1", api_key="sk", default_headers=TASK) as client:
        for wish in ask:
            talk.append({"role": "user", "content": wish})
            for _ in range(MOST_TURNS):
                body: Any = {"model": MODEL, "messages": talk, "tools": [tool]}
                try:
                    if stream:
                        with client.chat.completions.stream(**body) as events:
                            message = events.get_final_completion().choices[0].message
                    else:
                        got = client.chat.completions.with_raw_response.create(**body)
                        ran.rungs.append(got.headers.get("x-switchgear-task-rung", ""))
                        message = got.parse().choices[0].message
                except openai.APIStatusError as error:
                    return _stopped(ran, error)
                ran.turns += 1
                talk.append(message.model_dump(exclude_none=True, exclude={"parsed"}))
                if not message.tool_calls:
                    ran.final = message.content or ""
                    break
                talk += [
                    {"role": "tool", "tool_call_id": each.id, "content": look(ran.turns)}
                    for each in message.tool_calls
                ]
    return ran


def responses(url: str, *, stream: bool, look: Look = nothing_there, by_id: bool = False) -> Ran:
    """The same in OpenAI's newer dialect; ``by_id`` sends only what is new."""
    ran, tool = Ran(), {"type": "function", "name": "look", "parameters": SCHEMA, "strict": False}
    talk: list[Any] = [{"role": "user", "content": "Go."}]
    previous: dict[str, Any] = {}
    with openai.OpenAI(base_url=f"{url}/v1", api_key="sk", default_headers=TASK) as client:
        for _ in range(MOST_TURNS):
            body: Any = {"model": MODEL, "input": talk, "tools": [tool], "store": by_id, **previous}
            try:
                if stream:
                    with client.responses.stream(**body) as events:
                        for _event in events:
                            pass
                        answer: Any = events.get_final_response()
                else:
                    answer = client.responses.create(**body)
            except openai.APIStatusError as error:
                return _stopped(ran, error)
            ran.turns += 1
            calls = [each for each in answer.output if each.type == "function_call"]
            if not calls:
                ran.final = answer.output_text
                break
            results = [
                {"type": "function_call_output", "call_id": each.call_id, "output": look(ran.turns)}
                for each in calls
            ]
            if by_id:
                previous, talk = {"previous_response_id": answer.id}, results
            else:
                asked = ("type", "call_id", "name", "arguments")
                talk += [{name: getattr(each, name) for name in asked} for each in calls]
                talk += results
    return ran


def messages(url: str, *, stream: bool, look: Look = nothing_there) -> Ran:
    """The same with Anthropic's SDK."""
    ran, talk = Ran(), [{"role": "user", "content": "Go."}]
    tool = {"name": "look", "input_schema": SCHEMA}
    with anthropic.Anthropic(base_url=url, api_key="sk", default_headers=TASK) as client:
        for _ in range(MOST_TURNS):
            body: Any = {"model": MODEL, "messages": talk, "tools": [tool], "max_tokens": 100}
            try:
                if stream:
                    with client.messages.stream(**body) as events:
                        answer: Any = events.get_final_message()
                else:
                    answer = client.messages.create(**body)
            except anthropic.APIStatusError as error:
                return _stopped(ran, error)
            ran.turns += 1
            calls = [each for each in answer.content if each.type == "tool_use"]
            talk.append({"role": "assistant", "content": answer.model_dump()["content"]})
            if not calls:
                ran.final = "".join(each.text for each in answer.content if each.type == "text")
                break
            results = [
                {"type": "tool_result", "tool_use_id": each.id, "content": look(ran.turns)}
                for each in calls
            ]
            talk.append({"role": "user", "content": results})  # type: ignore[dict-item]  # as the API takes it
    return ran


def _stopped(ran: Ran, error: Any) -> Ran:
    ran.status = error.status_code
    ran.said = str(error)
    ran.rungs.append(error.response.headers.get("x-switchgear-task-rung", ""))
    body = error.response.json()
    ran.code = body["error"].get("code") or body["error"].get("type", "")
    return ran

"""A provider of any dialect that says back what users told it, and remembers if it may."""

import asyncio
from collections.abc import Sequence
from itertools import count

import msgspec

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
from switchgear.domain.turn import Conversation, Part, Role, Text, ToolResult, ToolUse, Turn
from switchgear.domain.units import Tokens
from switchgear.engine.telling import turn_of
from switchgear.wire.registry import TONGUES

FORGOTTEN = (
    b'{"error":{"message":"Previous response with id not found.","type":"invalid_request_error",'
    b'"param":"previous_response_id","code":"previous_response_not_found"}}'
)
USAGE = Usage(input=Tokens(7), output=Tokens(2))


class Witness:
    """Calls the first tool it has when it is asked to look; else it repeats what was said."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.known: dict[str, tuple[Turn, ...]] = {}
        """Conversations, by the ids of the answers that they end with."""
        self.raw: list[bytes] = []
        self.told: list[Conversation] = []
        """What came, each with all that it goes on from."""
        self.down = False
        self.stalls = False
        """It never ends a stream."""
        self._numbers = count(1)

    async def respond(self, raw: bytes, writer: asyncio.StreamWriter) -> None:
        talk = TONGUES[self.dialect].parse(raw).conversation
        if self.down:
            _write(writer, 500, b'{"error":{"message":"down"}}')
            return
        if talk.previous and talk.previous not in self.known:
            _write(writer, 400, FORGOTTEN)
            return
        self.raw.append(raw)
        before = self.known.get(talk.previous, ())
        talk = msgspec.structs.replace(talk, turns=(*before, *talk.turns))
        self.told.append(talk)
        events = self._events(talk)
        if talk.keep and self.dialect is Dialect.OPENAI_RESPONSES:
            opened = events[0]
            assert isinstance(opened, Opened)
            kept = talk.turns[talk.instructions if not before else 0 :]
            self.known[opened.id] = (*kept, *turn_of(events))
        tongue = TONGUES[self.dialect]
        if not talk.stream:
            _write(writer, 200, tongue.write_whole("sg_w", events, talk))
            return
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n")
        writer.write(b"transfer-encoding: chunked\r\n\r\n")
        frames = tongue.stream_writer("sg_w", talk)
        for event in events:
            if self.stalls and isinstance(event, Finished):
                await asyncio.Event().wait()
            frame = frames.write([event])
            writer.write(b"%x\r\n%s\r\n" % (len(frame), frame) if frame else b"")
            await writer.drain()
        writer.write(b"0\r\n\r\n")

    def _events(self, talk: Conversation) -> list[Event]:
        number = next(self._numbers)
        responses = self.dialect is Dialect.OPENAI_RESPONSES
        name = f"resp_native{number}" if responses else f"answer{number}"
        opened = Opened(id=name, model="witness", created=1, usage=USAGE)
        said = spoken([turn for turn in talk.turns if turn.role is Role.USER])
        if talk.tools and said[-1].startswith("look"):
            return [
                opened,
                ToolStarted(index=0, id=f"call_{number}", name=talk.tools[0].name),
                ToolDelta(index=0, json='{"at":"it"}'),
                Finished(stop=Stop.TOOL_USE, usage=USAGE),
            ]
        words = [TextDelta(f"{word}+") for word in said]
        return [opened, *words, Finished(stop=Stop.END, usage=USAGE)]


def spoken(turns: Sequence[Turn]) -> list[str]:
    """Return all that was said by users, assistants and tools, in order."""
    return [_word(part) for turn in turns if turn.role is not Role.SYSTEM for part in turn.parts]


def _word(part: Part) -> str:
    match part:
        case Text(text):
            return text
        case ToolUse():
            return f"{part.name}({part.arguments})"
        case ToolResult():
            return "/".join(_word(each) for each in part.parts)
    return type(part).__name__


def _write(writer: asyncio.StreamWriter, status: int, body: bytes) -> None:
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n"
    writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)

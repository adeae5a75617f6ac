"""The SDKs' own methods and stream readers, which put an answer together event by event."""

from typing import Any

import msgspec
from parity.cell import require
from parity.content import spoken_by
from parity.provider import says
from parity.stage import Stage

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import Stop, TextDelta
from switchgear.wire.registry import TONGUES
from switchgear.wire.specimen import tooled
from switchgear.wire.utterance import CALLS, THOUGHT, UTTERANCES, WORDS, ended

ANSWER = ended(*THOUGHT, *WORDS, *CALLS, stop=Stop.TOOL_USE)
LOOKS = ("words", "parallel tool calls", "stop: tool_use", "usage: input", "usage: output")


async def readers(stage: Stage) -> None:
    """An SDK's own reader comes to the whole answer: words, calls, reason to stop, usage."""
    async with stage.gateway():
        stage.scene.play(says(ANSWER))
        body = msgspec.json.decode(stage.body(tooled(max_output=4096)), type=dict[str, Any])
        body.pop("stream", None)
        found = await _final(stage, body)
        events = TONGUES[stage.column.caller].read_whole(msgspec.json.encode(found))
        wanted = spoken_by(stage, ANSWER)
        for each in UTTERANCES:
            if each.name in LOOKS:
                got, right = each.look(events), each.look(wanted)
                require(got == right, f"{each.name}: {right!r} became {got!r}")
        require(any(isinstance(it, TextDelta) for it in events), "there are no words")


async def _final(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    """Return what the SDK has in the end."""
    client: Any = stage.clients.at(stage.stand.port, stage.column.caller)
    streams = stage.column.streams
    house = {
        Dialect.OPENAI_CHAT: lambda: client.chat.completions,
        Dialect.OPENAI_RESPONSES: lambda: client.responses,
        Dialect.ANTHROPIC_MESSAGES: lambda: client.messages,
    }[stage.column.caller]()
    if not streams:
        answer = await house.create(**body)
        return dict(answer.to_dict(mode="json"))
    body.pop("stream_options", None)
    if stage.column.caller is Dialect.OPENAI_CHAT:
        body["stream_options"] = {"include_usage": True}
    async with house.stream(**body) as stream:
        async for _ in stream:
            pass
        final = await getattr(stream, FINALS[stage.column.caller])()
        return dict(final.to_dict(mode="json"))


FINALS = {
    Dialect.OPENAI_CHAT: "get_final_completion",
    Dialect.OPENAI_RESPONSES: "get_final_response",
    Dialect.ANTHROPIC_MESSAGES: "get_final_message",
}

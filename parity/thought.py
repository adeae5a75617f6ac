"""Thinking in a conversation: as a caller has it from an answer, and sends it back."""

from typing import Any

import msgspec
from parity.cell import ImpossibleError, require
from parity.client import Seen
from parity.content import ASKED, named
from parity.provider import says
from parity.service import complete
from parity.stage import Stage

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import Event, Stop, ThinkingDelta, ThinkingSigned
from switchgear.domain.turn import Thinking
from switchgear.wire.carriage import DECISION, Carriage, Fate, carry_request, spoken
from switchgear.wire.registry import TONGUES
from switchgear.wire.specimen import SIGNED, Specimen, parts_of, posed, tooled
from switchgear.wire.utterance import CALL, ended

Json = dict[str, Any]

WORDS = "It is Oslo."
THOUGHT = ended(ThinkingDelta(WORDS), ThinkingSigned(SIGNED), *CALL, stop=Stop.TOOL_USE)
WITH_TOOLS = tooled(thinking_budget=2048)
LISTS = {
    Dialect.OPENAI_CHAT: "messages",
    Dialect.OPENAI_RESPONSES: "input",
    Dialect.ANTHROPIC_MESSAGES: "messages",
}
"""Where a request of a dialect has what was said."""
KINDS = (
    "thinking, unsigned",
    "thinking, hidden by the target",
    "thinking, signed by another",
    "thinking, hidden by another",
)


async def back(stage: Stage) -> None:
    """Thinking that a target signed comes back to it with its signature, as it was."""
    column = stage.column
    if not signatures(spoken(THOUGHT, TONGUES[column.target], stream=column.streams)):
        raise ImpossibleError(f"{column.target.value} has no signatures of thinking")
    fate = _fate(stage, ASKED["thinking, signed by the target"])
    async with stage.gateway():
        stage.scene.play(says(THOUGHT), says(ended()))
        first = await stage.good(WITH_TOOLS)
        if fate.fate is not Fate.ABSENT:
            require(signatures(first.events), "no signature reached the caller")
        complete(seen := await stage.good(going_on(stage, _answer(stage, first))))
        if column.crosses and fate.fate is not Fate.CARRIED:
            named(stage, seen, "thinking", fate)
            return
        parts = parts_of(stage.scene.heard[1].conversation, Thinking)
        found = [(it.text, it.signature) for it in parts if isinstance(it, Thinking)]
        kept = [text for text, signature in found if signature.endswith(SIGNED)]
        require(kept == [WORDS], f"the target got {found}")


def _answer(stage: Stage, seen: Seen) -> Json:
    """Return a whole answer as the caller has it."""
    last = seen.told[-1]
    if not stage.column.streams or "response" in last:
        return dict(last.get("response", last))
    whole = TONGUES[stage.column.caller].write_whole("peer_1", seen.events)
    return msgspec.json.decode(whole, type=Json)


async def sent(stage: Stage) -> None:
    """Thinking that nobody signed, or another, is kept from who cannot check it, and named."""
    column = stage.column
    fates = []
    async with stage.gateway():
        for specimen in (ASKED[name] for name in KINDS):
            fates.append(fate := _fate(stage, specimen))
            if fate.fate is not Fate.ABSENT:
                await _send(stage, specimen, fate)
    if all(each.fate is Fate.ABSENT for each in fates):
        raise ImpossibleError(f"{column.caller.value} has no place for it")


async def _send(stage: Stage, specimen: Specimen, fate: Carriage) -> None:
    column = stage.column
    asked = posed(specimen, column.caller, column.target)
    part = next(it for it in parts_of(asked, Thinking) if isinstance(it, Thinking))
    said: list[Event] = [ThinkingDelta(part.text)] if part.text else []
    if part.origin is not None:
        said.append(ThinkingSigned(part.signature, part.redacted, part.origin))
    answer = TONGUES[column.caller].write_whole(
        DECISION, ended(*said, *CALL, stop=Stop.TOOL_USE), WITH_TOOLS
    )
    complete(seen := await stage.good(going_on(stage, msgspec.json.decode(answer))))
    if column.crosses and fate.fate is not Fate.CARRIED:
        named(stage, seen, specimen.name, fate)
    elif column.crosses:
        got, wanted = specimen.look(stage.scene.heard[-1].conversation), specimen.look(asked)
        require(got == wanted, f"{specimen.name}: {wanted!r} became {got!r}")


def _fate(stage: Stage, specimen: Specimen) -> Carriage:
    return carry_request(specimen, TONGUES[stage.column.caller], TONGUES[stage.column.target])


def going_on(stage: Stage, answer: Json) -> bytes:
    """Return a request that goes on from an answer, as an agent does: with all of it as it came."""
    body = msgspec.json.decode(stage.body(WITH_TOOLS), type=Json)
    told = body[LISTS[stage.column.caller]]
    if isinstance(told, str):
        told = [{"role": "user", "content": told}]
    body[LISTS[stage.column.caller]] = told + sent_back(stage.column.caller, answer, "Rain.")
    return msgspec.json.encode(body)


def sent_back(dialect: Dialect, answer: Json, result: str) -> list[Json]:
    """Return what a caller adds to its conversation: the answer as it came, and a tool's result."""
    if dialect is Dialect.OPENAI_CHAT:
        message = answer["choices"][0]["message"]
        return [message, {"role": "tool", "tool_call_id": "call_1", "content": result}]
    if dialect is Dialect.ANTHROPIC_MESSAGES:
        told = {"type": "tool_result", "tool_use_id": "call_1", "content": result}
        return [
            {"role": "assistant", "content": answer["content"]},
            {"role": "user", "content": [told]},
        ]
    told = {"type": "function_call_output", "call_id": "call_1", "output": result}
    return [*answer["output"], told]


def signatures(events: object) -> list[str]:
    """Return the signatures in an answer."""
    found = events if isinstance(events, list | tuple) else ()
    return [it.signature for it in found if isinstance(it, ThinkingSigned) and it.signature]

"""A gateway whose answers may go up a tier, and calls that are worth it."""

from collections.abc import Mapping

import msgspec

from support.cast import AUTO, TARGETS, policy
from support.stage import Scenery, Stage, a_call
from switchgear.adapters.upstreams.scripted import Calls, Says, Script
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.escalation import Escalation
from switchgear.domain.event import Event, TextDelta, ToolDelta
from switchgear.domain.turn import AnswerFormat, Tool
from switchgear.domain.units import NANO_PER_USD, NanoUsd
from switchgear.ports.handler import Head, Trail

SCHEMA = msgspec.Raw(b'{"type":"object","required":["city"]}')
WEATHER = Tool(name="weather", schema=SCHEMA)
WRONG, RIGHT = Calls("weather", "{}"), Calls("weather", '{"city":"Graz"}')
GRAZ = Says('{"city": "Graz"}')
NOTHING = Says("")
ON = Escalation(on=True)
DOLLAR = NanoUsd(NANO_PER_USD)


def dollars(count: float) -> NanoUsd:
    return NanoUsd(round(count * NANO_PER_USD))


def climbing(
    scripts: Mapping[str, Script], wish: Escalation = ON, around: Scenery | None = None
) -> Stage:
    """A stage of the targets that have a script."""
    there = [each for each in TARGETS if each.id in scripts]
    alias = msgspec.structs.replace(AUTO, targets=tuple(each.id for each in there))
    rules = policy(there, escalate=wish, aliases={"auto": alias})
    return Stage(scripts, rules, around or Scenery())


def asking(name: str = "c1", *, stream: bool = False, **talk: object) -> Call:
    """A call with these fields of a conversation."""
    caller = talk.pop("caller", Caller())
    call = a_call(name, stream=stream, caller=caller)  # type: ignore[arg-type]  # a test's shorthand
    said = msgspec.structs.replace(call.body.conversation, **talk)
    body = msgspec.structs.replace(call.body, conversation=said)  # type: ignore[type-var]  # a test's body
    return msgspec.structs.replace(call, body=body)


def for_tools(name: str = "c1", *, stream: bool = False, **talk: object) -> Call:
    return asking(name, stream=stream, tools=(WEATHER,), **talk)


def for_json(name: str = "c1", *, stream: bool = False, **talk: object) -> Call:
    return asking(name, stream=stream, format=AnswerFormat(schema=SCHEMA), **talk)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller got."""

    head: Head | None = None
    events: tuple[Event, ...] = ()
    raw: bytes = b""
    error: str = ""

    @property
    def text(self) -> str:
        return "".join([each.text for each in self.events if isinstance(each, TextDelta)])

    @property
    def arguments(self) -> str:
        return "".join([each.json for each in self.events if isinstance(each, ToolDelta)])

    @property
    def by(self) -> str:
        return "" if self.head is None else self.head.target


async def told(stage: Stage, call: Call) -> Told:
    """Send one call, and read all that it gets."""
    events: list[Event] = []
    raw = b""
    try:
        reply = await stage.handler(call, Trail())
    except SwitchgearError as error:
        return Told(error=error.code)
    try:
        async for piece in reply.pieces:
            events += piece.seen
            raw += piece.raw or b""
    finally:
        reply.close()
    return Told(head=reply.head, events=tuple(events), raw=raw)


def row(stage: Stage, name: str = "c1") -> list[tuple[str, str, str, str]]:
    """Of each attempt: target, role, code, flaw."""
    attempts = stage.entry(name).attempts
    return [(each.target, each.role.value, each.code, each.flaw) for each in attempts]

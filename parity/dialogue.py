"""What takes more than one call: going on, counting, growing, and what nobody has heard of."""

from itertools import pairwise
from typing import Any

import msgspec
from parity.cell import ImpossibleError, require
from parity.provider import COUNT, decoded
from parity.service import complete
from parity.stage import Stage
from parity.talk import TALKS, head_of
from parity.thought import LISTS

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import Event
from switchgear.ports.upstream import Endpoint
from switchgear.surfaces.http.route import ROUTES
from switchgear.wire.registry import TONGUES
from switchgear.wire.specimen import AGAIN as NEXT
from switchgear.wire.specimen import PLAINLY, talk, tooled

Json = dict[str, Any]

COUNTS = {
    Dialect.ANTHROPIC_MESSAGES: "/v1/messages/count_tokens",
    Dialect.OPENAI_RESPONSES: "/v1/responses/input_tokens",
}


async def counting(stage: Stage) -> None:
    """Tokens are counted by the target where it can, else estimated, and said to be."""
    column = stage.column
    path = COUNTS.get(column.caller)
    if column.streams:
        raise ImpossibleError("a count is never streamed")
    if path is None or not any(route.path == path for route in ROUTES):
        raise ImpossibleError(f"{column.caller.value} has no endpoint that counts")
    async with stage.gateway():
        told = msgspec.json.decode(stage.body(PLAINLY), type=Json)
        for name in ("max_tokens", "max_output_tokens", "stream"):
            told.pop(name, None)
        seen = await stage.raw("POST", path, msgspec.json.encode(told))
        status, found = seen
        require(status == 200, f"status {status}: {found}")
        asked = [it for it in stage.scene.heard if it.endpoint is Endpoint.COUNT]
        if TONGUES[column.target].counter is None or not asked:
            stage.note("estimated: the target has no way to count")
            require(found["input_tokens"] > 0, f"it has {found}")
        else:
            require(found["input_tokens"] == COUNT, f"not the target's count: {found}")


CALLS = 6
"""Of a conversation that grows; the tests have one of fifty."""


async def prefix(stage: Stage) -> None:
    """A conversation that grows keeps what the target got before, byte for byte."""
    column = stage.column
    async with stage.gateway():
        for body in TALKS[column.caller](CALLS):
            told = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
            told["stream"] = msgspec.Raw(b"true" if column.streams else b"false")
            complete(await stage.good(msgspec.json.encode(told)))
        heads = [head_of(column.target, it.body) for it in stage.scene.heard]
        require(len(heads) == CALLS, f"the target heard {len(heads)} calls")
        for number, (before, after) in enumerate(pairwise(heads), 2):
            require(after.startswith(before), f"call {number} does not begin as the one before")


async def unknown(stage: Stage) -> None:
    """A field that nobody knows reaches a target of the caller's dialect as it came."""
    column = stage.column
    async with stage.gateway():
        seen = await stage.good(PLAINLY, None, x_unheard_of={"b": [1, 2.50, "é"], "a": None})
        if column.crosses:
            require("x_unheard_of" in seen.dropped, f"not named: {seen.dropped!r}")
            stage.note("dropped across dialects, and named")
            return
        got = stage.scene.heard[0].body
        require('"x_unheard_of":{"b":[1,2.5,"é"],"a":null}'.encode() in got, "it was changed")


async def untouched(stage: Stage) -> None:
    """A body reaches a target of the caller's dialect byte for byte, but for the model's name."""
    column = stage.column
    if column.crosses:
        raise ImpossibleError("a translated body has other bytes")
    async with stage.gateway():
        body = stage.body(tooled(), x_odd={"z": 1, "a": [True, 1e3]})
        spaced = body.replace(b'":', b'" :  ').replace(b'"auto"', b'"auto" ')
        complete(await stage.good(spaced))
        told = decoded(stage.scene.heard[0])
        sent = msgspec.json.decode(spaced, type=dict[str, object])
        differ = [name for name in {*told, *sent} if told.get(name) != sent.get(name)]
        added = {"stream_options"} if column.streams else set()
        require(set(differ) - added <= {"model"}, f"these differ: {sorted(differ)}")
        for name in ("tools", LISTS[column.caller]):
            part = _value(spaced, name)
            require(part in stage.scene.heard[0].body, f"the bytes of {name} were changed")


def _value(body: bytes, name: str) -> bytes:
    return bytes(msgspec.json.decode(body, type=dict[str, msgspec.Raw])[name])


async def dropping(stage: Stage) -> None:
    """What cannot be carried is named in a header."""
    column = stage.column
    if not column.crosses:
        raise ImpossibleError("nothing is translated, so nothing is dropped")
    async with stage.gateway():
        seen = await stage.good(PLAINLY, None, x_first=1, x_second=2)
        for name in ("x_first", "x_second"):
            require(name in seen.dropped, f"{name} is not named: {seen.dropped!r}")


async def previous(stage: Stage) -> None:
    """A call that goes on from an earlier answer by its id reaches a target that never had it."""
    column = stage.column
    if column.caller is not Dialect.OPENAI_RESPONSES:
        raise ImpossibleError(f"{column.caller.value} sends the whole conversation each time")
    async with stage.gateway():
        first = await stage.good(PLAINLY, None, store=True)
        answer = _id_of(first.told, first.events)
        complete(await stage.good(AGAIN, None, previous_response_id=answer, store=True))
        got = stage.scene.heard[1]
        if not column.crosses:
            kept = decoded(got).get("previous_response_id")
            whole = b"What is the weather in Oslo?" in got.body
            require(kept or whole, "the target got neither the id nor what was said")
            return
        require(b"What is the weather in Oslo?" in got.body, "what was asked first is not there")
        require(b"Rain, mostly." in got.body, "what was answered is not there")


def _id_of(told: list[Json], events: list[Event]) -> str:
    del events
    last = told[-1]
    return str(last.get("response", last)["id"])


AGAIN = talk(NEXT)

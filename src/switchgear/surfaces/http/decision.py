"""Decisions: asked for before a call, or looked up after it."""

from urllib.parse import parse_qsl

import msgspec

from switchgear.domain.call import Call
from switchgear.domain.caller import Caller
from switchgear.domain.dialect import Dialect
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.entry import End
from switchgear.domain.errors import MalformedBody, MalformedRequest, UnknownDecision
from switchgear.engine.right import require
from switchgear.ports.ledger import MOST_ROWS, Query
from switchgear.surfaces.http.answer import JSON_HEADERS
from switchgear.surfaces.http.call import parse
from switchgear.surfaces.http.heading import Marks, headers
from switchgear.surfaces.http.intake import read_body
from switchgear.surfaces.http.request import ANTHROPIC_MARK, Request
from switchgear.surfaces.http.wish import carried, wishes

ANTHROPIC_FIELDS = {"system", "stop_sequences", "thinking", "top_k"}
"""Of a body's top level: fields that only that dialect has."""
RESPONSES_FIELDS = {"input", "instructions", "previous_response_id"}
TEXTS = {"key", "tenant", "task", "target", "model", "code", "before"}
NUMBERS = {"since", "until", "limit"}
MOST_FIELDS = 16
PAGE = 50

_top_level = msgspec.json.Decoder(dict[str, msgspec.Raw])


async def preview(request: Request) -> None:
    """Answer with the decision on a call that is not sent."""
    key = request.key
    require(key, Endpoint.ANSWER)
    caller = Caller(key=key, wishes=wishes(request))
    request.task = caller.wishes.task
    raw = await read_body(request)
    tongue = request.tongues[_dialect(request, raw)]
    call = Call(
        id=request.id,
        body=await parse(tongue.parse, raw, request.gateway.aside),
        caller=caller,
        headers=carried(request),
        at=request.at,
        began=request.began,
    )
    await _write(request, request.id, await request.gateway.preview(call))


async def show(request: Request) -> None:
    """Answer with one decision."""
    found = await request.gateway.decision(request.rest, request.key)
    if found is None:
        raise UnknownDecision
    await _write(request, request.rest, found)


async def search(request: Request) -> None:
    """Answer with the decisions that fit, newest first."""
    key = request.key
    query = _query(request.scope["query_string"])
    found = await request.gateway.decisions(query, key)
    await _write(request, request.id, {"object": "list", "data": found})


async def _write(request: Request, decision: str, found: object) -> None:
    marks = headers(Marks(decision=decision, task=request.task, own=request.age))
    await request.response.whole(200, [*JSON_HEADERS, *marks], msgspec.json.encode(found))


def _dialect(request: Request, raw: bytes) -> Dialect:
    """Return what the body is written in: by the headers' word, else by its looks."""
    if (name := request.header(b"x-switchgear-dialect")) != "":
        known = {dialect.value: dialect for dialect in request.tongues}
        if name not in known:
            raise MalformedRequest(f"x-switchgear-dialect is one of {', '.join(known)}.")
        return known[name]
    if ANTHROPIC_MARK in request.headers:
        return Dialect.ANTHROPIC_MESSAGES
    try:
        fields = _top_level.decode(raw).keys()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedBody("The body is not a JSON object.") from None
    if "messages" not in fields and RESPONSES_FIELDS & fields:
        return Dialect.OPENAI_RESPONSES
    return Dialect.ANTHROPIC_MESSAGES if ANTHROPIC_FIELDS & fields else Dialect.OPENAI_CHAT


def _query(text: bytes) -> Query:
    try:
        pairs = parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(text),
            max_num_fields=MOST_FIELDS,
        )
        asked = {name: _value(name, value) for name, value in pairs}
        return msgspec.convert({"limit": PAGE, **asked}, Query)
    except (ValueError, msgspec.ValidationError) as error:
        raise MalformedRequest(f"The query is not understood: {error}.") from None


def _value(name: str, value: str) -> object:
    if name in TEXTS:
        return value
    if name == "end":
        return End(value)
    if name not in NUMBERS:
        raise ValueError(f"there is no {name!r}; use {', '.join(sorted(TEXTS | NUMBERS))} or end")
    return min(max(0, int(value)), MOST_ROWS) if name == "limit" else int(value)

"""The data plane: calls in any dialect that is spoken here."""

import asyncio
from collections.abc import Awaitable, Callable

from switchgear.domain.body import Body
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import (
    Draining,
    Overloaded,
    SwitchgearError,
    UnknownPath,
    UpstreamGarbled,
)
from switchgear.domain.event import Finished
from switchgear.engine.right import require
from switchgear.ports.handler import Handler, Reply, Trail
from switchgear.surfaces.http.answer import JSON_HEADERS, read_whole, write_stream, write_whole
from switchgear.surfaces.http.asgi import Headers
from switchgear.surfaces.http.heading import headers, of_failure, of_reply, verdicts
from switchgear.surfaces.http.identity import source_of, task_of
from switchgear.surfaces.http.intake import read_body
from switchgear.surfaces.http.leaving import Leaving
from switchgear.surfaces.http.notice import notices
from switchgear.surfaces.http.rate import rate_headers
from switchgear.surfaces.http.recollection import refuse_elsewhere
from switchgear.surfaces.http.refusal import refusal
from switchgear.surfaces.http.request import Request
from switchgear.surfaces.http.rung import rung_of
from switchgear.surfaces.http.unread import Unread
from switchgear.surfaces.http.wish import carried, idempotency, wishes
from switchgear.wire.embedding.body import parse as parse_embedding

LARGE = 262_144
"""Bytes of body from which reading it would hold up all other calls: a thread does it."""

Read = Callable[[bytes], Body]
Write = Callable[[Request, Call, Reply, Headers], Awaitable[None]]


async def answer_call(request: Request) -> None:
    """Answer a call with a model's, an agent's or a tool's words."""
    call = await take_call(request, request.key)
    write = write_stream if call.body.stream else write_whole
    await serve_call(request, call, request.gateway.handler, write)


async def count_call(request: Request) -> None:
    """Answer how many tokens the input of a call has."""
    call = await take_call(request, request.key, Endpoint.COUNT)
    await serve_call(request, call, request.gateway.count, _write_count)


async def embed_call(request: Request) -> None:
    """Answer with a vector for each text of a call."""
    call = await take_call(request, request.key, Endpoint.EMBED)
    await serve_call(request, call, request.gateway.handler, _write_vectors)


async def take_call(request: Request, key: Key, endpoint: Endpoint = Endpoint.ANSWER) -> Call:
    """Return the call; one that cannot be read comes with what is wrong with it."""
    raw, caller, again = b"", Caller(key=key), ""
    read = parse_embedding if endpoint is Endpoint.EMBED else request.tongue.parse
    body: Body
    try:
        require(key, endpoint)
        caller = Caller(key=key, wishes=wishes(request))
        again = idempotency(request)
        raw = await read_body(request)
        if not again and request.gateway.full(caller):
            raise Overloaded  # before any work is done: that is what there is too much of
        body = await parse(read, raw, request.gateway.aside)
        refuse_elsewhere(body)
    except SwitchgearError as error:
        body, again = Unread(request.dialect, raw, error), ""
    return Call(
        id=request.id,
        body=body,
        endpoint=endpoint,
        caller=caller,
        headers=carried(request),
        idempotency=again,
        at=request.at,
        began=request.began,
    )


async def parse(read: Read, raw: bytes, aside: asyncio.Lock) -> Body:
    """Read a body, in a thread if it is large; one large body at a time.

    A thread that decodes keeps the interpreter for milliseconds: several would keep it in turns,
    and all other calls would wait for the sum.

    Raises:
        MalformedBody: it is not what the dialect allows.
    """
    if len(raw) <= LARGE:
        return read(raw)
    async with aside:
        return await asyncio.to_thread(_parse_all, read, raw)


def _parse_all(read: Read, raw: bytes) -> Body:
    body = read(raw)
    _ = body.conversation  # read now and kept, so that it is not read on the loop
    return body


async def serve_call(request: Request, call: Call, handler: Handler, write: Write) -> None:
    """Answer a call by its handler, or say what went wrong; end it when its client leaves."""
    trail = Trail()
    leaving = Leaving(request, reading=call.endpoint.passed)
    try:
        await _answer(request, call, trail, handler, write)
    except SwitchgearError as error:
        if request.response.begun:
            raise
        marks = of_failure(call.id, request.task, error.code, trail, request.age)
        status, found, body = refusal(request.tongue, error, marks)
        await request.response.whole(status, [*found, *_more(call, trail)], body)
    except asyncio.CancelledError:
        if request.gateway.over:
            raise Draining from None
        if not leaving.noticed:
            raise
    finally:
        leaving.stop()
        if isinstance(call.body, Unread):
            call.body.forget()


async def _answer(
    request: Request, call: Call, trail: Trail, handler: Handler, write: Write
) -> None:
    body = call.body
    try:
        reply = await handler(call, trail)
    except SwitchgearError as error:
        request.task = task_of(trail)
        if isinstance(body, Unread) and body.error is not error:
            raise body.error from error
        raise
    request.task = task_of(trail)
    try:
        if isinstance(body, Unread):
            raise body.error
        await write(request, call, reply, _more(call, trail))
    finally:
        reply.close()


async def _write_count(request: Request, call: Call, reply: Reply, extra: Headers) -> None:
    raw, events = await read_whole(reply)
    head, last = reply.head, events[-1]
    if not isinstance(last, Finished) or last.usage is None:
        raise UpstreamGarbled
    if head.dialect is not request.dialect or not raw:
        counter = request.tongue.counter
        if counter is None:
            raise UnknownPath(f"{request.dialect.value} has no way to count.")
        raw = counter.write_answer(last.usage.input)
    estimated = [(b"x-switchgear-estimated", b"true")] if head.dialect is None else []
    marks = of_reply(call.id, request.task, head, whole=True)
    found = [*JSON_HEADERS, *headers(marks), *estimated, *extra]
    await request.response.whole(200, found, raw)


async def _write_vectors(request: Request, call: Call, reply: Reply, extra: Headers) -> None:
    raw, _ = await read_whole(reply)
    marks = of_reply(call.id, request.task, reply.head, whole=True)
    await request.response.whole(200, [*JSON_HEADERS, *headers(marks), *extra], raw or b"")


def _more(call: Call, trail: Trail) -> Headers:
    """Return what is told beside the marks: the verdicts only to who asked and may see them."""
    found = [*notices(trail), *rate_headers(trail, call.body.dialect, call.at), *rung_of(trail)]
    found += source_of(trail)
    if call.caller.wishes.debug and call.caller.key.debug:
        found += verdicts(trail)
    return found

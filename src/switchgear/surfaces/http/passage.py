"""What is passed through and not translated: files, batches, speech, pictures, moderations."""

import asyncio
import re

import msgspec

from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.dialect import Dialect
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import (
    BodyTooLarge,
    MalformedRequest,
    NotAllowed,
    NotPassed,
    SwitchgearError,
    WrongMediaType,
    WrongMethod,
)
from switchgear.engine.right import require
from switchgear.ports.handler import Reply
from switchgear.ports.passage import Passed, once
from switchgear.surfaces.http.asgi import Headers
from switchgear.surfaces.http.call import LARGE, serve_call
from switchgear.surfaces.http.heading import headers, of_reply
from switchgear.surfaces.http.request import Request
from switchgear.surfaces.http.unread import Unread
from switchgear.surfaces.http.upload import Upload
from switchgear.surfaces.http.wish import SILENT, carried, wishes
from switchgear.wire.strict import decode

BASE = "/v1"
KINDS = (
    ("/v1/files", Endpoint.FILES),
    ("/v1/uploads", Endpoint.FILES),
    ("/v1/batches", Endpoint.BATCHES),
    ("/v1/vector_stores", Endpoint.VECTOR_STORES),
    ("/v1/audio", Endpoint.AUDIO),
    ("/v1/images", Endpoint.IMAGES),
    ("/v1/moderations", Endpoint.MODERATIONS),
    ("/v1/messages/batches", Endpoint.MESSAGE_BATCHES),
)
"""Where each kind begins; all that is below passes too."""
METHODS = ("GET", "POST", "DELETE")
PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_~:@-][A-Za-z0-9._~:@-]*)+")
"""No part of it is empty, begins with a dot or is written with escapes: so none climbs."""
PLAIN_QUERY = re.compile(r"[!$-~]*")
LONGEST_PATH, LONGEST_QUERY = 512, 2048
TARGET = b"x-switchgear-target"
MOST_LETTERS = 256
PASSED_ON = (b"accept", b"content-type")
"""Headers that go on beside those of the dialect."""
JSON_TYPE = "application/json"
TAKEN = (JSON_TYPE, "multipart/form-data")
HARMLESS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
]
"""What somebody left at a provider must not act as a page of ours."""


async def pass_through(request: Request) -> None:
    """Answer with what the provider of the kind's target answers."""
    key = request.key
    if request.method == "HEAD":
        request.allowed = ", ".join(METHODS).encode()
        raise WrongMethod(f"{request.path} takes only {', '.join(METHODS)}.")
    call = await _take(request, key)
    try:
        await serve_call(request, call, request.gateway.passage, _write)
    except SwitchgearError:
        if not request.response.begun:
            raise
        # Half an answer, that nobody ends, breaks off: an error has no place in its bytes.


async def realtime(_request: Request) -> None:
    """Say that this is not served yet."""
    raise NotPassed("The realtime API is not passed through yet.")


async def _take(request: Request, key: Key) -> Call:
    """Return the call; one that may not pass comes with what is wrong with it."""
    said = SILENT
    found: Passed | Unread
    try:
        require(key, _kind(request))
        said = wishes(request)
        head = _passed(request, key)
        upload = Upload(request, request.gateway.most_passed)
        found = await _body(request, key, head, upload)
    except SwitchgearError as error:
        found = Unread(request.dialect, b"", error)
    return Call(
        id=request.id,
        body=found,
        endpoint=_kind(request),
        caller=Caller(key=key, wishes=said),
        at=request.at,
        began=request.began,
    )


def _kind(request: Request) -> Endpoint:
    for path, kind in KINDS:
        if request.path == path or request.path.startswith(path + "/"):
            mine = request.dialect is Dialect.ANTHROPIC_MESSAGES and kind is Endpoint.FILES
            return Endpoint.MESSAGE_FILES if mine else kind
    raise NotPassed


def _passed(request: Request, key: Key) -> Passed:
    """Return the head of the request, as far as it goes on.

    Raises:
        NotAllowed: a page in a browser sends it, and nobody has to prove who calls.
        MalformedRequest: its path or query could mean something else to the provider.
    """
    if not key.id and (b"origin" in request.headers or _from_elsewhere(request)):
        raise NotAllowed("Declare keys in the config to let web pages use what is passed through.")
    path, query = request.scope["raw_path"].decode("latin-1"), _query(request)
    if len(path) > LONGEST_PATH or not PLAIN_PATH.fullmatch(path) or path != request.path:
        raise MalformedRequest("The path holds what no path that is passed through may hold.")
    named = request.header(TARGET)
    if len(named) > MOST_LETTERS:
        raise MalformedRequest(f"{TARGET.decode()}: at most {MOST_LETTERS} characters")
    passing = tuple(
        (name.decode(), request.header(name)) for name in PASSED_ON if name in request.headers
    )
    return Passed(
        named=named,
        dialect=request.dialect,
        method=request.method,
        path=path.removeprefix(BASE),
        query=query,
        headers=(*passing, *carried(request)),
        take=once(b""),
    )


def _from_elsewhere(request: Request) -> bool:
    return request.headers.get(b"sec-fetch-site", b"none") not in {b"none", b"same-origin"}


def _query(request: Request) -> str:
    query: str = request.scope["query_string"].decode("latin-1")
    if len(query) > LONGEST_QUERY or not PLAIN_QUERY.fullmatch(query):
        raise MalformedRequest("The query is too long, or holds what no query may hold.")
    return query


async def _body(request: Request, key: Key, passed: Passed, upload: Upload) -> Passed:
    """Return it with its body: read, where that is JSON and not too long, else as it comes.

    Raises:
        WrongMediaType: it is neither JSON nor a form, or compressed.
        BodyTooLarge: the models in it could not be looked at, and the key has limits.
        MalformedBody: it is JSON by its own word alone.
    """
    if upload.length == 0:
        return passed
    kind = request.header(b"content-type").partition(";")[0].strip().lower()
    if kind not in TAKEN or request.header(b"content-encoding") not in {"", "identity"}:
        raise WrongMediaType("The body must be JSON or a multipart form, and not compressed.")
    if kind != JSON_TYPE:
        return msgspec.structs.replace(passed, length=upload.length, take=upload.take)
    most = request.gateway.server.max_body
    if upload.length is None or upload.length > most:
        if key.models or key.targets or key.tiers:
            raise BodyTooLarge(f"With this key, JSON may have at most {most} bytes, said before.")
        return msgspec.structs.replace(passed, length=upload.length, take=upload.take)
    raw = bytearray()
    while part := await upload.take():
        raw += part
    return await _read(request, passed, bytes(raw))


async def _read(request: Request, passed: Passed, raw: bytes) -> Passed:
    if len(raw) > LARGE:
        async with request.gateway.aside:
            top = await asyncio.to_thread(decode, raw)
    else:
        top = decode(raw)
    model, parts = top.get("model"), top.get("requests")
    inner = [_model(each) for each in parts] if isinstance(parts, list) else []
    return msgspec.structs.replace(
        passed,
        json=raw,
        length=len(raw),
        take=once(raw),
        model=model if isinstance(model, str) else "",
        inner=tuple(dict.fromkeys(inner)),
    )


def _model(part: object) -> str:
    """Return the model that one part of a batch names."""
    asked = part.get("params") if isinstance(part, dict) else None
    model = asked.get("model") if isinstance(asked, dict) else None
    return model if isinstance(model, str) else ""


async def _write(request: Request, call: Call, reply: Reply, extra: Headers) -> None:
    """Write the answer as it comes.

    Its length is not told beforehand, even where it is known: who has the last byte has a row.
    """
    head, response = reply.head, request.response
    told = headers(of_reply(call.id, request.task, head, whole=False))
    passed = [(name.encode(), value.encode("latin-1")) for name, value in head.headers]
    found = [*passed, *HARMLESS, *told, *extra]
    async for piece in reply.pieces:
        raw, last = piece.raw or b"", piece.finish is not None
        if last and not response.begun:
            await response.whole(head.status, found, raw)
        elif raw or last:
            if not response.begun:
                await response.begin(head.status, found)
            await response.write(raw, last=last)

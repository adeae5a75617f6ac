"""One request that is passed through to a provider, and its answer as it comes."""

import re

import msgspec
from typing_extensions import override

from switchgear.adapters.upstreams.answer import HttpAnswer
from switchgear.adapters.upstreams.http1.connection import Connection
from switchgear.adapters.upstreams.http1.origin import locate
from switchgear.adapters.upstreams.http1.pool import Pool
from switchgear.adapters.upstreams.line import Line
from switchgear.adapters.upstreams.request import DEFAULTS, encode, fits, own_headers
from switchgear.config.service import Service
from switchgear.domain.dialect import Dialect
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import (
    MalformedRequest,
    NothingFits,
    ReplyClosed,
    UpstreamError,
    UpstreamFailed,
    UpstreamGarbled,
    UpstreamUnreachable,
)
from switchgear.domain.event import Event, Finished, Stop, TextDelta, Usage
from switchgear.domain.piece import Piece
from switchgear.domain.target import Target
from switchgear.domain.units import Tokens
from switchgear.ports.passage import Passed, once
from switchgear.wire.failure import denied
from switchgear.wire.strict import members

SERVICES = (Service.PLAIN, Service.AZURE)
"""Those whose credential is a header, whatever the body is."""
PASSED_BACK = (
    "content-type",
    "content-disposition",
    "request-id",
    "x-request-id",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
)
OURS_TO_MEND = frozenset((401, 402, 403, 407))
"""What they say may hold a part of our credential."""
METERED = (Endpoint.AUDIO, Endpoint.IMAGES, Endpoint.MODERATIONS)
"""Where an answer tells what itself took, and not what something before it did."""
MOST_HELD = 1_000_000
"""Bytes of a JSON answer that is read before it goes on; a longer one goes on unread."""
BEGUN: tuple[Event, ...] = (TextDelta(""),)
"""Tells that the answer has begun; it says nothing."""
RESULTS = re.compile(rb'("results_url"\s*:\s*")[^"]*?(/messages/batches/[^"]*")')
"""Where Anthropic has the results of a batch: its SDK goes there, and would go past us."""


class Told(msgspec.Struct, frozen=True, gc=False):
    """What an answer took, by the words of OpenAI's newer endpoints and its older ones."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Metered(msgspec.Struct, frozen=True, gc=False):
    """As much of a JSON answer as is read."""

    usage: Told | None = None


_metered = msgspec.json.Decoder(Metered).decode


class HttpPassage(HttpAnswer):
    """A request whose body is sent as it comes, and an answer that is read as it comes."""

    headers: tuple[tuple[str, str], ...] = ()
    _begun = False
    _held = False
    """Its answer is read before it goes on."""

    @property
    @override
    def dialect(self) -> Dialect | None:
        return self._order.body.dialect

    @override
    async def open(self) -> None:
        line, body = self._line, self._order.body
        if self._closed is not None:
            raise self._closed
        if line is None or not isinstance(body, Passed):
            raise UpstreamUnreachable(f"the provider {self._order.target.provider} is gone")
        well = False
        try:
            body = await _named(body, self._order.target)
            head = _head(line, body)
            connection = await (
                self._exchange(line.pool, head, b"")
                if body.length == 0
                else self._upload(line.pool, head, body)
            )
            self._look(line, connection)
            well = True
        finally:
            if not well:
                self._end()

    @override
    async def read(self) -> Piece | None:
        connection = self._connection
        if self._finished:
            return None
        if self._closed is not None or connection is None:
            raise self._closed or ReplyClosed
        well = False
        try:
            chunk = await self._next_part(connection)
            well = True
        finally:
            if not well:
                self._end()
        if self._line is not None and self._status >= 400:  # noqa: PLR2004  (RFC 9110, 15.5)
            chunk = self._line.veil.hide(chunk)
        first = () if self._begun else BEGUN
        self._begun = True
        if self._finished:
            end = Finished(stop=Stop.END, usage=self._usage(chunk))
            return Piece(RESULTS.sub(rb"\1/v1\2", chunk), (*first, end))
        return Piece(chunk, first)

    async def _upload(self, pool: Pool, head: bytes, body: Passed) -> Connection:
        """Send the body as it comes, and return when the head of the answer is there.

        It goes over a new connection: a body that has gone by cannot be sent once more.
        """
        connection = self._connection = await self._arrive(pool)
        connection.send(head, b"")
        while not connection.headed() and (part := await body.take()):
            sized = body.length is not None
            connection.more(part if sized else b"%x\r\n%b\r\n" % (len(part), part))
            while connection.clogged and not connection.headed():
                await self._change(connection)
        if body.length is None and not connection.headed():
            connection.more(b"0\r\n\r\n")
        while not connection.headed():
            await self._change(connection)
        return connection

    def _look(self, line: Line, connection: Connection) -> None:
        """Take note of the answer's head, unless what follows is not the caller's to see."""
        status = self._status = connection.response.status
        name = line.provider.id
        if status in OURS_TO_MEND:
            raise _noted(denied(status), status)
        if status >= 500:  # noqa: PLR2004  (RFC 9110, 15.6)
            raise _noted(UpstreamFailed(f"The target failed with status {status}."), status)
        if 300 <= status < 400:  # noqa: PLR2004  (RFC 9110, 15.4)
            raise UpstreamGarbled(f"{name} answered with a redirect ({status})")
        told = connection.response.headers
        self.headers = tuple(
            (each, line.veil.hide(told[each.encode()]).decode("latin-1"))
            for each in PASSED_BACK
            if each.encode() in told
        )
        kind = told.get(b"content-type", b"").partition(b";")[0].strip().lower()
        self._held = kind == b"application/json" or status >= 400  # noqa: PLR2004  (RFC 9110)

    async def _next_part(self, connection: Connection) -> bytes:
        """Return what comes next: all of a short JSON answer, else what has come."""
        held = bytearray()
        while True:
            chunk = connection.take()
            if chunk is None:
                await self._change(connection)
                continue
            held += chunk
            if not chunk:
                self._finished = True
            if not chunk or not self._held:
                return bytes(held)
            if len(held) > MOST_HELD:
                self._held = False
                return bytes(held)

    def _usage(self, raw: bytes) -> Usage:
        """Return what the answer says it took; nothing where it says nothing."""
        if not self._held or self._order.endpoint not in METERED:
            return Usage()
        try:
            told = _metered(raw).usage or Told()
        except (ValueError, RecursionError):
            return Usage()
        into = told.input_tokens or told.prompt_tokens or 0
        return Usage(
            input=Tokens(max(0, into)),
            output=Tokens(max(0, told.output_tokens or told.completion_tokens or 0)),
        )


async def _named(body: Passed, target: Target) -> Passed:
    """Return the body with the provider's own name for the model, where ours stands in its JSON."""
    if body.json is None or body.model != target.id or target.id == target.model:
        return body
    raw = msgspec.json.encode({**members(body.json), "model": target.model})
    while await body.take():
        pass  # so that it is counted
    return msgspec.structs.replace(body, json=raw, length=len(raw), take=once(raw))


def _head(line: Line, body: Passed) -> bytes:
    """Return the head of the request: our credential, and the caller's words to the dialect.

    Raises:
        NothingFits: the provider wants each request signed.
        MalformedRequest: one of the call's headers cannot be sent.
    """
    provider = line.provider
    if provider.service not in SERVICES:
        raise NothingFits(f"nothing is passed through to {provider.service.value}")
    at, own = locate(provider.id, provider.base_url), own_headers(provider)
    passed = [each for each in body.headers if each[0] not in own]
    if not all(fits(name, value) for name, value in passed):
        raise MalformedRequest("a header of the call holds what no header may hold")
    said = {name for name, _ in passed}.union(own)
    defaults = DEFAULTS.get((provider.service, provider.dialect), ())
    lines = (
        ("host", at.authority),
        ("accept-encoding", "identity"),
        ("user-agent", "switchgear"),
        *own.items(),
        *[each for each in defaults if each[0] not in said],
        *passed,
        *_framing(body),
    )
    queries = [each for each in (at.query.removeprefix("?"), body.query) if each]
    path = at.path + body.path + ("?" + "&".join(queries) if queries else "")
    return f"{body.method} {path} HTTP/1.1\r\n".encode("ascii") + encode(lines) + b"\r\n"


def _framing(body: Passed) -> tuple[tuple[str, str], ...]:
    if body.length is None:
        return (("transfer-encoding", "chunked"),)
    if body.length == 0 and body.method != "POST":
        return ()
    return (("content-length", str(body.length)),)


def _noted(error: UpstreamError, status: int) -> UpstreamError:
    error.provider_status = status
    return error

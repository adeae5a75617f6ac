"""Write down every call once, whatever came of it."""

import asyncio
from collections.abc import Callable, Sequence
from hashlib import blake2b

import msgspec

from switchgear.domain.account import Charge
from switchgear.domain.call import Call
from switchgear.domain.entry import Entry
from switchgear.domain.errors import (
    Broken,
    Draining,
    LedgerDown,
    Refusal,
    SwitchgearError,
    UpstreamError,
)
from switchgear.domain.fact import Answered, Cut, Ending, Failed, Left
from switchgear.domain.piece import Piece
from switchgear.engine.fold import fold
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Handler, Layer, Read, Reply, Trail
from switchgear.ports.ledger import Ledger
from switchgear.ports.nursery import Nursery
from switchgear.ports.signals import Signals

DIGEST_BYTES = 16
LARGE = 262_144
"""Bytes of body whose digest takes longer than a thread is worth."""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What records are made with."""

    ledger: Ledger
    signals: Signals
    nursery: Nursery
    clock: Clock
    bodies: bool = False
    """Keep request bodies, not only their digests."""
    settled: Callable[[Sequence[Charge]], object] = len
    """Is told what a row has settled, or could not."""
    heard: Callable[[Entry], object] = bool
    """Is told of every call that has ended, before its row is kept."""
    over: Callable[[], bool] = bool
    """Whether calls that are cancelled now are broken off by us, because the server stops."""


def record(desk: Desk) -> Layer:
    """Return the layer that keeps the ledger; it is the outermost."""

    def layer(inner: Handler) -> Handler:
        async def handle(call: Call, trail: Trail) -> Reply:
            row = _Row(call, trail, desk)
            try:
                if len(call.body.raw) > LARGE:
                    await row.digest_apart()
                reply = await inner(call, trail)
            except asyncio.CancelledError:
                row.leave()
                raise
            except Exception as error:
                await row.fail(error)
                raise
            row.attach(reply)
            return reply

        return handle

    return layer


class _Row:
    """The entry of one call: the first ending writes it, any other finds it written."""

    __slots__ = ("_attached", "_call", "_desk", "_digest", "_read", "_trail", "_written")

    def __init__(self, call: Call, trail: Trail, desk: Desk) -> None:
        self._call = call
        self._trail = trail
        self._desk = desk
        self._written = False
        self._attached = False
        self._digest = ""
        self._read: Read

    async def digest_apart(self) -> None:
        """Digest a large body in a thread: hashing lets the interpreter go, so nobody waits."""
        self._digest = await asyncio.to_thread(digest_of, self._call.body.raw)

    def attach(self, reply: Reply) -> None:
        """See every piece of the reply, and its close."""
        self._attached = True
        reply.wrap(self._wrap)
        reply.at_close(self.leave)

    async def fail(self, error: Exception) -> None:
        """Write the row of a call that got an error; a ledger that fails masks no other error."""
        try:
            await self._settle(_failed(error))
        except LedgerDown:
            if isinstance(error, LedgerDown):
                raise

    def leave(self) -> None:
        """Write the row of a caller that did not stay to the end; nobody waits for it."""
        if not self._written:
            self._desk.nursery.spawn(self._settle(self._left()))

    def _left(self) -> Ending:
        if not self._desk.over():
            return Left()
        if self._attached and self._call.body.stream:
            return Cut(Draining.code)
        return Failed(Draining.code, Draining.status)

    def _wrap(self, read: Read) -> Read:
        self._read = read
        return self._watched

    async def _watched(self) -> Piece | None:
        """Hold the last piece back until its row is kept: who has the last byte has a row."""
        try:
            piece = await self._read()
        except (UpstreamError, Refusal) as error:
            await self._settle(Cut(error.code))
            raise
        if piece is not None and piece.finish is not None:
            await self._settle(Answered())
        return piece

    async def _settle(self, ending: Ending) -> None:
        if self._written:
            return
        self._written = True
        self._trail.add(ending)
        entry = self._entry()
        self._desk.signals.observe(entry)
        self._desk.heard(entry)
        try:
            await self._desk.ledger.write(entry)
        finally:
            if entry.charges:
                self._desk.settled(entry.charges)

    def _entry(self) -> Entry:
        raw = self._call.body.raw
        if self._call.endpoint.passed:  # its body is not here
            return fold(self._call, self._trail.facts, now=self._desk.clock.now(), digest="")
        digest = self._digest or digest_of(raw)
        entry = fold(self._call, self._trail.facts, now=self._desk.clock.now(), digest=digest)
        return msgspec.structs.replace(entry, request=raw) if self._desk.bodies else entry


def _failed(error: Exception) -> Failed:
    if isinstance(error, SwitchgearError):
        return Failed(error.code, error.status)
    return Failed(Broken.code, Broken.status)


def digest_of(raw: bytes) -> str:
    """Return the digest under which the ledger knows a body."""
    return blake2b(raw, digest_size=DIGEST_BYTES).hexdigest()

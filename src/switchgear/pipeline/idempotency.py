"""The same answer for a call that is sent again under the same idempotency key."""

import asyncio
from collections import OrderedDict
from hashlib import blake2b

import msgspec

from switchgear.config.setup import Keeping
from switchgear.domain.call import Call
from switchgear.domain.errors import IdempotencyMismatch
from switchgear.domain.fact import Committed, Replayed
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.pipeline.record import LARGE, digest_of
from switchgear.pipeline.sharing import Reader, Shared, Title
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Handler, Head, Layer, Reply, Trail
from switchgear.ports.nursery import Nursery

MOST_KEYS = 10_000
"""Answers kept at once, however small."""
MOST_ONE = 4_000_000
"""Bytes of one answer that is kept; a larger one is shared only by those who read it already."""
KEY_BYTES = 16


class Answers:
    """The answers that are under way, and those of a while ago, by idempotency key."""

    def __init__(self, clock: Clock, nursery: Nursery) -> None:
        """Start with none."""
        self.keeping = Keeping()
        """How long and how much; each version of the config says it anew."""
        self.size = 0
        """Bytes that all of them take in memory, about."""
        self._clock = clock
        self._nursery = nursery
        self._running: OrderedDict[bytes, Shared] = OrderedDict()
        self._kept: OrderedDict[bytes, tuple[Seconds, Shared]] = OrderedDict()
        """By the time that they ended, with that time."""
        self._sizes: dict[bytes, int] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._sizes)

    def now(self) -> Seconds:
        """Return the time."""
        return self._clock.now()

    def find(self, key: bytes) -> Shared | None:
        """Return the answer to a key; None when its call is yet to be made."""
        self._forget_old()
        running = self._running.get(key)
        if running is not None:
            return running
        kept = self._kept.get(key)
        return kept[1] if kept else None

    def begin(self, title: Title) -> Shared:
        """Return an answer that is yet to come, known by its key from now on."""
        shared = Shared(title, self._nursery, self._changed)
        self._running[title.key] = shared
        self._sizes[title.key] = 0
        self._make_room()
        return shared

    def _changed(self, shared: Shared) -> None:
        """See what has become of an answer."""
        key = shared.title.key
        if self._running.get(key) is not shared:
            return
        if shared.error is not None or shared.size > MOST_ONE or (shared.left and not shared.whole):
            self._forget(key)
            return
        self.size += shared.size - self._sizes[key]
        self._sizes[key] = shared.size
        if shared.whole:
            self._kept[key] = self._clock.now(), self._running.pop(key)
        self._make_room()

    def _make_room(self) -> None:
        """Keep within the bounds: what ended first is forgotten first, then what began first."""
        while self._sizes and (self.size > self.keeping.most_bytes or len(self) > MOST_KEYS):
            self._forget(next(iter(self._kept or self._running)))

    def _forget_old(self) -> None:
        until = self._clock.now() - self.keeping.window
        while self._kept:
            key = next(iter(self._kept))
            if self._kept[key][0] > until:
                return
            self._forget(key)

    def _forget(self, key: bytes) -> None:
        self.size -= self._sizes.pop(key)
        shared = self._kept.pop(key)[1] if key in self._kept else self._running.pop(key)
        shared.disown()


def share(answers: Answers, keeping: Keeping) -> Layer:
    """Return the layer that lets calls with one idempotency key have one answer.

    It stands before the limit, so that who only reads along takes no slot.
    """
    answers.keeping = keeping

    def layer(inner: Handler) -> Handler:
        async def handle(call: Call, trail: Trail) -> Reply:
            if not call.idempotency:
                return await inner(call, trail)
            return await _Following(answers, call, trail).go(inner)

        return handle

    return layer


class _Following:
    """One call with a key: the first makes the call to the target, the others read along."""

    __slots__ = ("_answers", "_call", "_trail")

    def __init__(self, answers: Answers, call: Call, trail: Trail) -> None:
        self._answers = answers
        self._call = call
        self._trail = trail

    async def go(self, inner: Handler) -> Reply:
        """Return the answer, one's own or another's.

        Raises:
            IdempotencyMismatch: the key came with another body before.
            SwitchgearError: the call failed; whoever waited for it gets the same.
        """
        title = await title_of(self._call)
        shared = self._answers.find(title.key)
        if shared is None:
            shared = self._answers.begin(title)
            reader = shared.open(inner, self._call, self._trail)
        elif shared.title.digest != title.digest:
            raise IdempotencyMismatch
        else:
            self._trail.add(Replayed(shared.title.call))
            reader = shared.join(self._trail)
        waited = await self._wait(shared, reader)
        head = shared.head
        if shared.title.call != self._call.id:
            head = self._told(shared, Seconds(self._now() - self._call.began - waited))
        reply = Reply(head, reader.read)
        reply.at_close(reader.leave)
        return reply

    async def _wait(self, shared: Shared, reader: Reader) -> float:
        """Wait for the commit, and return how long that took."""
        began = self._now()
        try:
            await shared.committed()
        except BaseException:
            reader.leave()
            if shared.left:
                await shared.stopped()  # so that its facts come before our row
            raise
        return self._now() - began

    def _told(self, shared: Shared, own: Seconds) -> Head:
        seen = Seconds(self._now() - self._call.began)
        self._trail.add(Committed(target=shared.head.target, own=own, first_content=seen))
        return msgspec.structs.replace(
            shared.head, replayed=shared.title.call, attempts=0, own=own, cost=NanoUsd(0)
        )

    def _now(self) -> Seconds:
        return self._answers.now()


async def title_of(call: Call) -> Title:
    """Return what the answer to a call is known by; strangers' keys never meet."""
    raw = call.body.raw
    digest = digest_of(raw) if len(raw) <= LARGE else await asyncio.to_thread(digest_of, raw)
    parts = (call.caller.key.id, call.body.dialect.value, call.idempotency)
    key = blake2b(msgspec.json.encode(parts), digest_size=KEY_BYTES).digest()
    return Title(key=key, digest=digest, call=call.id)

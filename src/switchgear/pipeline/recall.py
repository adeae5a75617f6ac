"""Go on from an earlier answer by its id, and keep answers that may be gone on from."""

from collections.abc import Iterable, Mapping

import msgspec

from switchgear.domain.body import Recalled
from switchgear.domain.call import Call
from switchgear.domain.caller import Key
from switchgear.domain.edit import Edit, Recall
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import PreviousNotFound
from switchgear.domain.event import Event, Opened
from switchgear.domain.ids import answer_id
from switchgear.domain.piece import Piece
from switchgear.domain.target import Target
from switchgear.engine.telling import turn_of
from switchgear.pipeline.held import merged
from switchgear.ports.handler import Handler, Layer, Read, Reply, Trail
from switchgear.ports.recollection import Owner, Recollection, Recollections

MOST_SAID = 8_000_000
"""Characters of one answer that is kept; a longer one cannot be gone on from."""
MOST_LOOSE = 4096
"""Events that are put together into fewer at once."""
MOST_LETTERS = 100
"""Of an id that an error repeats."""


def recall(kept: Recollections, holders: Mapping[str, str]) -> Layer:
    """Return the layer that lets calls go on from answers that were given to the same key.

    It stands next to the decision, inside of what shares answers: what is kept is kept once, and
    what is refused by the layers before it leaves nothing behind.

    Shapes: ``holders`` has the targets whose providers hold their answers, with those providers.
    """

    def layer(inner: Handler) -> Handler:
        async def handle(call: Call, trail: Trail) -> Reply:
            talk = call.body.conversation  # raises what is wrong with a body that was not read
            if not (talk.previous or talk.keep):
                return await inner(call, trail)
            told = await recalled(call, kept)
            reply = await inner(told, trail)
            if talk.keep and call.endpoint is Endpoint.ANSWER:
                _Keeping(told, kept, holders).attach(reply)
            return reply

        return handle

    return layer


async def recalled(call: Call, kept: Recollections) -> Call:
    """Return the call with all that was said before it; itself, where that is nothing.

    Raises:
        PreviousNotFound: it goes on from an answer that is not kept for its key.
    """
    talk = call.body.conversation
    if not talk.previous:
        return call
    found = await kept.find(owner_of(call.caller.key), talk.previous)
    if found is None:
        name = talk.previous[:MOST_LETTERS]
        raise PreviousNotFound(
            f"Previous response with id {name!r} not found: it was never given to this key, was not"
            " stored, or has been forgotten since. Send the whole conversation as input instead."
        )
    alone, own = talk.turns[: talk.instructions], talk.turns[talk.instructions :]
    whole = msgspec.structs.replace(talk, turns=(*alone, *found.whole, *own), previous="")
    body = Recalled(call.body, found.whole, whole, found.target, found.provider)
    return msgspec.structs.replace(call, body=body)


def owner_of(key: Key) -> Owner:
    """Return whose the answers to a key's calls are."""
    return Owner(key=key.id, tenant=key.tenant)


def retold(call: Call, target: Target, forgetful: Iterable[str] = ()) -> tuple[Edit, ...]:
    """Return what a target must be told again: nothing, where its provider holds it.

    Shapes: ``forgetful`` are providers that said they do not, whatever we thought.
    """
    body = call.body
    if not isinstance(body, Recalled):
        return ()
    if target.provider == body.provider and target.provider not in forgetful:
        return ()
    return (Recall(body.turns),)


class _Keeping:
    """Listens to one answer, and keeps it when it has come to its end."""

    __slots__ = (
        "_call",
        "_events",
        "_holders",
        "_id",
        "_kept",
        "_loose",
        "_one",
        "_raw",
        "_read",
        "_reply",
        "_size",
    )

    def __init__(self, call: Call, kept: Recollections, holders: Mapping[str, str]) -> None:
        self._call = call
        self._kept = kept
        self._holders = holders
        self._id = ""
        self._events: list[Event] = []
        self._loose = 0
        """Events at the end that are not put together yet."""
        self._size = 0
        self._one = True
        """All of it are one target's own bytes, in the caller's dialect."""
        self._raw = b""
        self._reply: Reply
        self._read: Read

    def attach(self, reply: Reply) -> None:
        """Hear every piece of the reply."""
        self._reply = reply
        self._one = reply.head.dialect is self._call.body.dialect
        reply.wrap(self._wrap)

    def _wrap(self, read: Read) -> Read:
        self._read = read
        return self._heard

    async def _heard(self) -> Piece | None:
        """Keep the answer before its last piece goes out: the very next call may go on from it."""
        piece = await self._read()
        if piece is None:
            return None
        self._one = self._one and piece.raw is not None
        piece = self._named(piece)
        self._take(piece.seen)
        if piece.finish is not None and self._size <= MOST_SAID:
            self._raw = piece.raw or b""
            await self._kept.keep(owner_of(self._call.caller.key), self._recollection())
        return piece

    def _named(self, piece: Piece) -> Piece:
        """Return a piece with an id of ours, where the caller does not get a target's own bytes."""
        if self._id:
            return piece
        opened = next((each for each in piece.seen if isinstance(each, Opened)), None)
        if self._one and opened is not None and opened.id:
            self._id = opened.id
            return piece
        if not piece.seen:
            return piece
        self._id = answer_id(self._call.id)
        named = Opened(id=self._id, model=self._reply.head.model)
        if opened is not None:
            named = msgspec.structs.replace(opened, id=self._id)
        others = [each for each in piece.seen if each is not opened]
        return msgspec.structs.replace(piece, seen=(named, *others))

    def _take(self, events: tuple[Event, ...]) -> None:
        if self._size > MOST_SAID:
            return
        self._events += events
        self._loose += len(events)
        said = [getattr(each, "text", "") or getattr(each, "json", "") for each in events]
        self._size += sum(map(len, said))
        if self._loose > MOST_LOOSE:
            self._events, self._loose = list(merged(self._events)), 0
        if self._size > MOST_SAID:
            self._events.clear()

    def _recollection(self) -> Recollection:
        call, head = self._call, self._reply.head
        body = call.body
        before = body.turns if isinstance(body, Recalled) else ()
        asked = body.own.conversation if isinstance(body, Recalled) else body.conversation
        events = merged(self._events)
        provider = self._holders.get(head.target, "") if self._one else ""
        return Recollection(
            id=self._id or answer_id(call.id),
            at=call.at,
            decision=call.id,
            earlier=before,
            asked=asked,
            answer=turn_of(events),
            events=() if self._one else events,
            raw=self._raw if self._one else b"",
            stream=head.stream,
            target=head.target if provider else "",
            provider=provider,
        )

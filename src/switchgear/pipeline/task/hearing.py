"""Hear what a call is answered, to know the next call of its task by it."""

from switchgear.domain.call import Call
from switchgear.domain.errors import Refusal
from switchgear.domain.event import Opened, TextDelta, ToolStarted
from switchgear.domain.piece import Piece
from switchgear.engine.identity import distinct
from switchgear.engine.prefix import answered
from switchgear.pipeline.task.identity import Finder, Sighting, digest
from switchgear.ports.handler import Handler, Layer, Read, Reply, Trail

MOST_SAID = 1_000_000
"""Characters of an answer; the end of a longer one is not known again."""
MOST_LOOSE = 4096
"""Pieces of it that are put together at once: a million of one letter each would take 60 MB."""
MOST_TOOLS = 1024
"""Tool calls of one answer."""


def hear(finder: Finder) -> Layer:
    """Return the layer that listens, next outside of the one that asks the finder."""

    def layer(inner: Handler) -> Handler:
        async def handle(call: Call, trail: Trail) -> Reply:
            if call.caller.wishes.task:
                await finder.fetch(call)
            try:
                reply = await inner(call, trail)
            except Refusal:
                sighting = finder.seen(call.id)
                if sighting is not None:
                    finder.refused(sighting, call)
                raise
            except BaseException:
                finder.seen(call.id)
                raise
            sighting = finder.seen(call.id)
            if sighting is not None:
                reply.wrap(_Ear(finder, sighting).wrap)
            return reply

        return handle

    return layer


class _Ear:
    """Listens to one answer; what it says counts once it has come to its end."""

    __slots__ = ("_finder", "_id", "_read", "_said", "_sighting", "_size", "_tools")

    def __init__(self, finder: Finder, sighting: Sighting) -> None:
        self._finder = finder
        self._sighting = sighting
        self._id = ""
        self._said: list[str] = []
        self._size = 0
        self._tools: list[tuple[str, str]] = []
        self._read: Read

    def wrap(self, read: Read) -> Read:
        self._read = read
        return self._heard

    async def _heard(self) -> Piece | None:
        """Learn from the answer before its last piece goes out: the next call may come at once."""
        piece = await self._read()
        if piece is None:
            return None
        for event in piece.seen:
            if type(event) is TextDelta:
                self._hear_words(event.text)
            elif type(event) is ToolStarted:
                if len(self._tools) < MOST_TOOLS:
                    self._tools.append((event.id, event.name))
            elif type(event) is Opened:
                self._id = event.id
        if piece.finish is not None:
            self._learn()
        return piece

    def _hear_words(self, text: str) -> None:
        self._size += len(text)
        if self._sighting.rolling is None:
            return
        if self._size > MOST_SAID:
            self._said.clear()
            return
        self._said.append(text)
        if len(self._said) >= MOST_LOOSE:
            self._said = ["".join(self._said)]

    def _learn(self) -> None:
        finder, sighting = self._finder, self._sighting
        key, trace = sighting.key, sighting.trace
        for name, _ in self._tools:
            if distinct(name):
                finder.tool_calls.keep(digest(key, name.encode()), trace)
        if sighting.keeps and self._id:
            finder.answers.keep(digest(key, self._id.encode()), trace)
        if sighting.rolling is not None and self._size <= MOST_SAID:
            end = answered(sighting.rolling, "".join(self._said), self._tools)
            finder.prefixes.keep(end, trace)

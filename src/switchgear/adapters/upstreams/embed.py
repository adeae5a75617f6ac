"""One request for vectors to a provider, and its answer in the form that was asked for."""

import asyncio

from typing_extensions import override

from switchgear.adapters.upstreams.answer import LARGE, HttpAnswer
from switchgear.adapters.upstreams.line import Line
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Edit
from switchgear.domain.errors import NothingFits, UpstreamGarbled
from switchgear.domain.event import Event, Finished, Stop
from switchgear.domain.piece import Piece
from switchgear.wire.embedding.body import EmbeddingBody
from switchgear.wire.embedding.embedder import Vectors
from switchgear.wire.embedding.registry import EMBEDDERS


class EmbedAnswer(HttpAnswer):
    """A whole answer, whose one piece is in the caller's shape whatever the target's is."""

    @property
    @override
    def dialect(self) -> Dialect | None:
        return self._order.body.dialect

    @override
    async def read(self) -> Piece | None:
        piece = await super().read()
        if piece is None or not piece.raw:
            return piece
        raw = piece.raw
        # Numbers by the ten thousand take long to read: all other calls would wait.
        large = len(raw) > LARGE
        found = await asyncio.to_thread(self._vectors, raw) if large else self._vectors(raw)
        self._dropped += tuple(name for name in found.dropped if name not in self._dropped)
        return Piece(found.raw, (Finished(stop=Stop.END, usage=found.usage),))

    @override
    def _written(self, line: Line, edits: tuple[Edit, ...]) -> bytes:
        embedder, body = EMBEDDERS.get(line.provider.dialect), self._order.body
        if embedder is None or not isinstance(body, EmbeddingBody):
            raise NothingFits(f"provider {line.provider.id} has no way to embed")
        raw, self._dropped = embedder.write(body, self._order.target.model)
        return raw

    @override
    def _events(self, raw: bytes) -> tuple[Event, ...]:
        return (Finished(stop=Stop.END),)  # what it says is looked at by ``read``

    def _vectors(self, raw: bytes) -> Vectors:
        line, body = self._line, self._order.body
        if line is None or not isinstance(body, EmbeddingBody):
            raise UpstreamGarbled
        embedder = EMBEDDERS[line.provider.dialect]
        return embedder.read(raw, body, self._order.target.model)

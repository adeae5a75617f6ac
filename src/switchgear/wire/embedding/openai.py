"""Vectors from OpenAI, and from the many servers that copy its API."""

import msgspec

from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.event import Usage
from switchgear.domain.units import Tokens
from switchgear.wire.embedding.body import EmbeddingBody
from switchgear.wire.embedding.embedder import Vectors, guessed
from switchgear.wire.embedding.vector import converted, encode, length, packed
from switchgear.wire.strict import members

NOT_VECTORS = "the target's answer is no list of vectors"


class Item(msgspec.Struct, frozen=True, gc=False):
    """One vector."""

    embedding: msgspec.Raw
    index: int | None = None


class Told(msgspec.Struct, frozen=True, gc=False):
    """What it took; some servers tell one of the two."""

    prompt_tokens: int | None = None
    total_tokens: int | None = None


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The answer, as far as it is read."""

    data: list[Item]
    object: str | None = None
    model: str | None = None
    usage: Told | None = None


_decode = msgspec.json.Decoder(Answer).decode
_top = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class OpenAIEmbedder:
    """Passes what came through wherever it is what was asked for."""

    def write(self, body: EmbeddingBody, model: str) -> tuple[bytes, tuple[str, ...]]:
        """Return the caller's own request for that model, all else byte for byte."""
        if body.request.model == model:
            return body.raw, ()
        return encode({**members(body.raw), "model": model}), ()

    def read(self, raw: bytes, body: EmbeddingBody, model: str) -> Vectors:
        """Return the answer itself, or with its vectors in the form that was asked for."""
        try:
            answer = _decode(raw)
        except (ValueError, RecursionError):
            raise UpstreamGarbled(NOT_VECTORS) from None
        if len(answer.data) != body.count:
            found = f"{len(answer.data)} vectors for {body.count} texts"
            raise UpstreamGarbled(f"the target answered with {found}")
        wanted = body.request.dimensions
        ignored = wanted is not None and length(bytes(answer.data[0].embedding)) != wanted
        return Vectors(
            raw=raw if _fits(answer, body) else _rewritten(raw, answer, body, model),
            usage=_usage(answer.usage),
            dropped=("dimensions",) if ignored else (),
        )


def _fits(answer: Answer, body: EmbeddingBody) -> bool:
    """Whether the answer is, to the letter, what the caller's SDK expects."""
    told = answer.usage
    return (
        all(packed(bytes(each.embedding)) is body.packed for each in answer.data)
        and all(each.index is not None for each in answer.data)
        and answer.object == "list"
        and answer.model is not None
        and told is not None
        and told.prompt_tokens is not None
        and told.total_tokens is not None
    )


def _rewritten(raw: bytes, answer: Answer, body: EmbeddingBody, model: str) -> bytes:
    items = [
        {
            "object": "embedding",
            "index": place if item.index is None else item.index,
            "embedding": msgspec.Raw(converted(bytes(item.embedding), pack=body.packed)),
        }
        for place, item in enumerate(answer.data)
    ]
    return whole(_top(raw), items, answer.model or model, _count(answer.usage) or guessed(body))


def whole(rest: dict[str, msgspec.Raw], items: object, model: str, tokens: int) -> bytes:
    """Return an answer in OpenAI's shape; ``rest`` are fields of its top level that stay."""
    told = {"prompt_tokens": tokens, "total_tokens": tokens}
    return encode({**rest, "object": "list", "data": items, "model": model, "usage": told})


def _count(told: Told | None) -> int:
    return 0 if told is None else told.prompt_tokens or told.total_tokens or 0


def _usage(told: Told | None) -> Usage | None:
    count = _count(told)
    return Usage(input=Tokens(count)) if count else None

"""Vectors from Gemini's API: ``batchEmbedContents``, which takes one text as well as many."""

import msgspec

from switchgear.domain.errors import NothingFits, UpstreamGarbled
from switchgear.domain.event import Usage
from switchgear.domain.units import Tokens
from switchgear.wire.embedding.body import EmbeddingBody
from switchgear.wire.embedding.embedder import Vectors, guessed
from switchgear.wire.embedding.openai import NOT_VECTORS, whole
from switchgear.wire.embedding.vector import encode, written


class Values(msgspec.Struct, frozen=True, gc=False):
    """One vector."""

    values: list[float]


class Told(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What it took."""

    prompt_token_count: int = 0


class Answer(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The answer, as far as it is read."""

    embeddings: list[Values]
    usage_metadata: Told | None = None


_decode = msgspec.json.Decoder(Answer).decode


class GeminiEmbedder:
    """Translates to Gemini's words and back."""

    def write(self, body: EmbeddingBody, model: str) -> tuple[bytes, tuple[str, ...]]:
        """Return the request; tokens cannot be told to a model that has others."""
        if not body.texts:
            raise NothingFits("input: this target takes texts, and no numbers of tokens")
        size = body.request.dimensions
        more = {} if size is None else {"outputDimensionality": size}
        name = f"models/{model.removeprefix('models/')}"
        each = [
            {"model": name, "content": {"parts": [{"text": text}]}, **more} for text in body.texts
        ]
        dropped = body.conversation.unread + (("user",) if body.request.user else ())
        return encode({"requests": each}), dropped

    def read(self, raw: bytes, body: EmbeddingBody, model: str) -> Vectors:
        """Return the answer in OpenAI's shape."""
        try:
            answer = _decode(raw)
        except (ValueError, RecursionError):
            raise UpstreamGarbled(NOT_VECTORS) from None
        found = [each.values for each in answer.embeddings]
        if len(found) != body.count:
            raise UpstreamGarbled(
                f"the target answered with {len(found)} vectors for {body.count} texts"
            )
        wanted = body.request.dimensions
        items = [
            {
                "object": "embedding",
                "index": place,
                "embedding": msgspec.Raw(written(numbers, pack=body.packed)),
            }
            for place, numbers in enumerate(found)
        ]
        told = answer.usage_metadata.prompt_token_count if answer.usage_metadata else 0
        return Vectors(
            raw=whole({}, items, model, told or guessed(body)),
            usage=Usage(input=Tokens(told)) if told else None,
            dropped=("dimensions",) if wanted is not None and len(found[0]) != wanted else (),
        )

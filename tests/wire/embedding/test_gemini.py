"""Vectors from Gemini's API."""

import msgspec
import pytest
from google.genai.types import EmbedContentResponse
from openai.types import CreateEmbeddingResponse

from switchgear.domain.errors import NothingFits, UpstreamGarbled
from switchgear.domain.event import Usage
from switchgear.domain.units import Tokens
from switchgear.wire.embedding.body import parse
from switchgear.wire.embedding.gemini import GeminiEmbedder

EMBEDDER = GeminiEmbedder()
ASKED = parse(b'{"model":"vectors","input":["a","b"],"dimensions":2,"user":"u","odd":1}')
ANSWER = b'{"embeddings":[{"values":[0.5,-0.25]},{"values":[1,2]}]}'


def test_each_text_is_a_request_of_its_own_in_one_batch() -> None:
    raw, dropped = EMBEDDER.write(ASKED, "gemini-embedding-001")
    each = {"model": "models/gemini-embedding-001", "outputDimensionality": 2}
    assert msgspec.json.decode(raw) == {
        "requests": [
            {**each, "content": {"parts": [{"text": "a"}]}},
            {**each, "content": {"parts": [{"text": "b"}]}},
        ]
    }
    assert dropped == ("odd", "user")


@pytest.mark.parametrize(
    ("told", "count"), [(b"", 2), (b',"usageMetadata":{"promptTokenCount":9}', 9)]
)
def test_its_answer_is_written_as_openais(told: bytes, count: int) -> None:
    raw = ANSWER[:-1] + told + b"}"
    EmbedContentResponse.model_validate_json(raw)
    found = EMBEDDER.read(raw, ASKED, "e")
    read = CreateEmbeddingResponse.model_validate(msgspec.json.decode(found.raw), strict=True)
    assert [each.embedding for each in read.data] == [[0.5, -0.25], [1, 2]]
    assert [each.index for each in read.data] == [0, 1]
    assert read.usage.prompt_tokens == count
    assert found.usage == (Usage(input=Tokens(9)) if told else None)
    assert found.dropped == ()


def test_base64_is_made_where_it_was_asked_for() -> None:
    body = parse(b'{"model":"v","input":["a","b"],"encoding_format":"base64","dimensions":3}')
    found = EMBEDDER.read(ANSWER, body, "e")
    assert msgspec.json.decode(found.raw)["data"][0]["embedding"] == "AAAAPwAAgL4="
    assert found.dropped == ("dimensions",)


def test_tokens_as_numbers_cannot_be_told() -> None:
    with pytest.raises(NothingFits):
        EMBEDDER.write(parse(b'{"model":"v","input":[1,2]}'), "e")


@pytest.mark.parametrize("raw", [b"{}", b"x", b'{"embeddings":[{"values":[1]}]}'])
def test_what_has_not_one_vector_for_each_text_is_the_targets_fault(raw: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        EMBEDDER.read(raw, ASKED, "e")

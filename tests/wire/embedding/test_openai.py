"""Vectors from OpenAI's API and its copies."""

from typing import Any

import msgspec
import pytest
from openai.types import CreateEmbeddingResponse

from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.event import Usage
from switchgear.domain.units import Tokens
from switchgear.wire.embedding.body import EmbeddingBody, parse
from switchgear.wire.embedding.openai import OpenAIEmbedder

NUMBERS = [0.5, -0.25]
PACKED = "AAAAPwAAgL4="
USAGE = {"prompt_tokens": 7, "total_tokens": 7}
EMBEDDER = OpenAIEmbedder()


def asked(**fields: Any) -> EmbeddingBody:
    return parse(msgspec.json.encode({"model": "vectors", "input": ["a", "b"], **fields}))


def answer(*vectors: object, **changes: Any) -> bytes:
    data = [
        {"object": "embedding", "index": at, "embedding": each} for at, each in enumerate(vectors)
    ]
    told = {"object": "list", "data": data, "model": "e-1", "usage": USAGE, **changes}
    return msgspec.json.encode({name: value for name, value in told.items() if value is not None})


def test_only_the_model_of_a_request_is_changed() -> None:
    raw = b'{ "input" : ["a"],"odd":{"x": 1},  "model": "vectors"}'
    written, dropped = EMBEDDER.write(parse(raw), "e-1")
    assert written == b'{"input":["a"],"odd":{"x": 1},"model":"e-1"}'
    assert dropped == ()
    assert EMBEDDER.write(parse(raw), "vectors")[0] is raw


@pytest.mark.parametrize(
    ("form", "vector"), [("float", NUMBERS), ("base64", PACKED), (None, NUMBERS)]
)
def test_an_answer_in_the_form_that_was_asked_for_stays_to_the_byte(
    form: str | None, vector: object
) -> None:
    raw = answer(vector, vector, extra=1)
    found = EMBEDDER.read(raw, asked(encoding_format=form), "e-1")
    assert found.raw is raw
    assert found.usage == Usage(input=Tokens(7))
    assert found.dropped == ()


@pytest.mark.parametrize(
    ("form", "vector", "wanted"), [("base64", NUMBERS, PACKED), ("float", PACKED, NUMBERS)]
)
def test_an_answer_in_the_other_form_is_converted(
    form: str, vector: object, wanted: object
) -> None:
    found = EMBEDDER.read(answer(vector, vector, extra=1), asked(encoding_format=form), "e-1")
    told = msgspec.json.decode(found.raw)
    assert [each["embedding"] for each in told["data"]] == [wanted] * 2
    assert (told["extra"], told["model"], told["usage"]) == (1, "e-1", USAGE)


@pytest.mark.parametrize("gone", ["usage", "object", "model"])
def test_what_a_copy_leaves_out_and_an_sdk_needs_is_filled_in(gone: str) -> None:
    found = EMBEDDER.read(answer(NUMBERS, NUMBERS, **{gone: None}), asked(), "e-2")
    read = CreateEmbeddingResponse.model_validate(msgspec.json.decode(found.raw), strict=True)
    assert read.model == ("e-2" if gone == "model" else "e-1")
    assert read.usage.prompt_tokens == (2 if gone == "usage" else 7)
    assert (found.usage is None) is (gone == "usage")


def test_a_size_that_the_target_passed_over_is_named() -> None:
    for wanted, dropped in ((2, ()), (3, ("dimensions",))):
        found = EMBEDDER.read(answer(NUMBERS, NUMBERS), asked(dimensions=wanted), "e-1")
        assert found.dropped == dropped


@pytest.mark.parametrize(
    "raw", [b"{}", b"nonsense", b'{"error":{"message":"no"}}', answer(NUMBERS), b"[" * 100_000]
)
def test_what_has_not_one_vector_for_each_text_is_the_targets_fault(raw: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        EMBEDDER.read(raw, asked(), "e-1")

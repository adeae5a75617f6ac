"""Requests for vectors."""

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.errors import MalformedBody
from switchgear.engine.features import input_tokens, needs_of, survey
from switchgear.wire.embedding.body import MOST_INPUTS, NEEDS, EmbeddingBody, parse

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


def read(**fields: Any) -> EmbeddingBody:
    return parse(msgspec.json.encode({"model": "e", "input": "hi", **fields}))


@given(texts | st.lists(texts, min_size=1, max_size=5))
def test_every_text_is_a_turn_of_the_user_and_the_longest_comes_last(
    given: str | list[str],
) -> None:
    body = read(input=given)
    wanted = [given] if isinstance(given, str) else given
    said = [getattr(turn.parts[0], "text", "") for turn in body.conversation.turns]
    assert body.texts == tuple(wanted)
    assert sorted(said) == sorted(wanted)
    shape = survey(body.conversation)
    assert shape.last_chars == max(map(len, wanted))
    assert needs_of(body.conversation, shape) == NEEDS
    assert (body.model, body.stream, body.count) == ("e", False, len(wanted))


@pytest.mark.parametrize(("given", "count"), [([1, 2, 3], 1), ([[1, 2], [3]], 2)])
def test_numbers_of_tokens_count_as_tokens_and_have_no_text(given: object, count: int) -> None:
    body = read(input=given)
    assert (body.texts, body.count) == ((), count)
    assert 3 <= input_tokens(survey(body.conversation)) <= 3 + 1 + 4 * count


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"input": []}, "input"),
        ({"input": [1, "two"]}, "input"),
        ({"input": [[]]}, "input"),
        ({"input": [-1]}, "input"),
        ({"input": [True]}, "input"),
        ({"input": None}, "input"),
        ({"input": ["x"] * (MOST_INPUTS + 1)}, "2048"),
        ({"model": ""}, "model"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"dimensions": 0}, "dimensions"),
        ({"user": 7}, "user"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], where: str) -> None:
    with pytest.raises(MalformedBody, match=where):
        read(**fields)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(MalformedBody, match="input: required"):
        parse(b'{"model":"e"}')


def test_what_is_not_known_here_is_noted_by_a_name_that_a_header_can_hold() -> None:
    body = read(input_type="query", odd=None, **{"a b": 1})
    assert body.conversation.unread == ("input_type", "other")
    assert body.conversation.max_output == 0


@given(st.binary(max_size=60))
def test_whatever_comes_is_read_or_refused(raw: bytes) -> None:
    with suppress(MalformedBody):
        assert parse(raw).count

"""Estimates come within ten parts in a hundred of what real tokenizers count."""

import gzip
from functools import cache
from pathlib import Path
from statistics import mean

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import shape
from switchgear.domain.ask import Counts, Shape
from switchgear.domain.units import Tokens
from switchgear.engine.census import census
from switchgear.engine.estimate import MOST, UNTAUGHT, Knowledge, taught, teaches, tokens_of

COUNTED = Path(__file__).parent.parent / "golden" / "estimate" / "counted.jsonl.gz"
"""Texts with what tokenizers count of them; written by ``evaluation.run --golden``."""
KINDS = ("prose", "code", "json", "chinese", "base64")
TOKENIZERS = ("cl100k", "tekken", "mistral-v3")
FRAME = 11
MANY = st.integers(0, 10**9)


class Counted(msgspec.Struct, frozen=True):
    kind: str
    held: bool
    text: str
    counts: dict[str, int]


@cache
def counted() -> list[Counted]:
    lines = gzip.decompress(COUNTED.read_bytes()).splitlines()
    return [msgspec.json.decode(line, type=Counted) for line in lines]


def of(text: str) -> Shape:
    return shape(chars=len(text), turns=1, counts=census([text], len(text), 0))


@cache
def after_fifty_calls(tokenizer: str) -> Knowledge:
    calls = [each for each in counted() if not each.held]
    assert len(calls) == 50
    known = UNTAUGHT
    for each in calls:
        known = taught(known, of(each.text), Tokens(each.counts[tokenizer] + FRAME))
    return known


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize("kind", KINDS)
def test_after_fifty_calls_an_estimate_is_within_a_tenth(kind: str, tokenizer: str) -> None:
    known, errors = after_fifty_calls(tokenizer), []
    for each in counted():
        if each.held and each.kind == kind:
            usage = each.counts[tokenizer] + FRAME
            errors.append(abs(tokens_of(of(each.text), known) - usage) / usage)
    assert len(errors) == 10
    assert mean(errors) <= 0.10


def test_what_is_learnt_is_better_than_what_was_assumed() -> None:
    def off(known: Knowledge) -> float:
        held = [each for each in counted() if each.held]
        usage = [each.counts["mistral-v3"] + FRAME for each in held]
        pairs = zip(held, usage, strict=True)
        return mean(abs(tokens_of(of(each.text), known) / count - 1) for each, count in pairs)

    assert off(after_fifty_calls("mistral-v3")) < off(UNTAUGHT) / 2


@pytest.mark.parametrize("times", [5, 10])
def test_one_odd_count_changes_little_even_at_first(times: int) -> None:
    call = of("Tell me, in a few words, what the weather is like in the north of Norway. " * 20)
    usual = tokens_of(call, UNTAUGHT)
    odd = taught(UNTAUGHT, call, Tokens(usual * times))
    assert usual < tokens_of(call, odd) < usual * 1.1


def test_a_count_that_cannot_be_teaches_nothing() -> None:
    call = of("Hello there, how are you?" * 10)
    assert taught(UNTAUGHT, call, Tokens(0)) is UNTAUGHT
    assert taught(UNTAUGHT, call, Tokens(10**9)) is UNTAUGHT


def test_a_model_that_comes_to_count_otherwise_is_learnt_anew() -> None:
    call = of("Tell me, in a few words, what the weather is like in the north of Norway. " * 20)
    known = UNTAUGHT
    for counts in (300, 600):
        for _ in range(200):
            known = taught(known, call, Tokens(counts))
        assert abs(tokens_of(call, known) - counts) < counts * 0.05


def test_pictures_and_old_rows_teach_nothing() -> None:
    assert teaches(of("words"))
    assert not teaches(shape(images=1, counts=Counts(known=True)))
    assert not teaches(shape())


def test_pictures_and_documents_add_their_own() -> None:
    words = Counts(lower=400, known=True)
    bare = tokens_of(shape(counts=words), UNTAUGHT)
    more = shape(counts=words, images=2, documents=1)
    assert tokens_of(more, UNTAUGHT) == bare + 2_000 + 3_000


@st.composite
def calls(draw: st.DrawFn) -> tuple[Shape, Tokens]:
    names = [name for name in Counts.__struct_fields__ if name != "known"]
    counts = Counts(**{name: draw(MANY) for name in names}, known=True)
    return shape(turns=draw(MANY), tools=draw(MANY), counts=counts), Tokens(draw(MANY))


@given(st.lists(calls(), max_size=12))
def test_whatever_is_counted_the_weights_stay_within_their_bounds(
    seen: list[tuple[Shape, Tokens]],
) -> None:
    known = UNTAUGHT
    for call, count in seen:
        known = taught(known, call, count)
        assert tokens_of(call, known) >= 1
    assert all(0 <= weight <= most for weight, most in zip(known.weights, MOST, strict=True))
    assert all(known.doubt[place][place] >= 0 for place in range(len(MOST)))

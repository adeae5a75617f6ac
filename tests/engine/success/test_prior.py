"""What others' outcomes taught: weights by tier, and never more than a beginning."""

from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.cast import ask
from switchgear.domain.target import Tier
from switchgear.engine.success.fit import Fitting, fitted
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.model import MOST_PLACES, predict
from switchgear.engine.success.prior import (
    SHARE,
    Prior,
    Source,
    bared,
    beginning,
    decode_prior,
    encode_prior,
    seeded,
)
from switchgear.engine.success.trait import Traits, traits_of

EASY, HARD = b"\x01\x00\x02\x00", b"\x05\x00\x06\x00"
BARE = Fitting(folds=0)


def traits(grams: bytes) -> Traits:
    return traits_of(ask(grams=grams))


def lessons(count: int = 200) -> list[Lesson]:
    """Return what teaches that small ones do well on easy words only, frontier ones on all."""
    return [
        Lesson(traits(grams), tier, good)
        for grams, tier, good in (
            (EASY, "small", 1.0),
            (HARD, "small", 0.0),
            (EASY, "frontier", 1.0),
            (HARD, "frontier", 1.0),
        )
        for _ in range(count // 4)
    ]


PRIOR = Prior(
    rule="by hand",
    sources=(Source(name="none", licence="none"),),
    lessons=200,
    model=bared(fitted(lessons(), BARE)),
)
TIERS = {"a": Tier.SMALL, "b": Tier.FRONTIER, "c": Tier.TOOL}


def gap(tiers: Mapping[str, Tier], target: str) -> float:
    """Return by how much better easy words are held to be than hard ones."""
    model = seeded(PRIOR, tiers)
    easy, hard = (predict(model, traits(words), (target,))[0].p for words in (EASY, HARD))
    return easy - hard


def test_each_target_has_the_weights_of_its_tier() -> None:
    assert gap(TIERS, "a") > gap(TIERS, "b") + 0.05
    assert gap(TIERS, "a") > gap(TIERS, "c") > 0.0  # what all share, and nothing of its own


def test_of_groups_and_labels_nothing_is_taken_over() -> None:
    model = seeded(PRIOR, TIERS)
    assert not PRIOR.model.table
    assert not model.table
    assert model.labels == 0.0
    assert all(side.labels == 0.0 for side in model.sides.values())
    assert 0.0 < SHARE < 1.0


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(st.text(min_size=1, max_size=3), st.sampled_from(Tier), max_size=4),
    st.binary(max_size=40),
)
def test_alone_it_is_never_sure(tiers: dict[str, Tier], grams: bytes) -> None:
    said = predict(seeded(PRIOR, tiers), traits(grams), tuple(tiers))
    assert len(said) == len(tiers)
    assert not any(each.sure for each in said)


def test_a_fit_that_begins_from_it_is_sure_by_its_own_labels_only() -> None:
    start = beginning(PRIOR, TIERS, {"a"})
    few = fitted([Lesson(traits(EASY), "a", 1.0)] * 10, BARE, start)
    many = fitted([Lesson(traits(EASY), "a", 1.0)] * 60, BARE, start)
    assert not predict(few, traits(EASY), ("a",))[0].sure
    assert predict(many, traits(EASY), ("a",))[0].sure


def test_of_targets_that_nobody_judged_nothing_is_said() -> None:
    start = beginning(PRIOR, TIERS, {"a", "gone"})
    assert start is not None
    assert set(start.sides) == {"a"}
    assert beginning(PRIOR, TIERS, set()) is None
    assert beginning(None, TIERS, {"a"}) is None


def test_more_targets_than_there_are_places_for_are_left_without_weights() -> None:
    many = {f"t{number:02}": Tier.SMALL for number in range(MOST_PLACES + 5)}
    assert len(seeded(PRIOR, many).sides) == MOST_PLACES - 1


def test_what_is_written_is_read_again() -> None:
    body = encode_prior(PRIOR)
    again = decode_prior(body)
    assert encode_prior(again) == body
    assert (again.rule, again.sources, again.lessons) == ("by hand", PRIOR.sources, 200)


def weighing(weight: int) -> bytes:
    """Return a prior one count of which weighs so much."""
    document = msgspec.json.decode(encode_prior(PRIOR))
    document["model"]["counts"][3][1] = weight
    return msgspec.json.encode(document)


def test_a_weight_within_bounds_is_taken() -> None:
    assert decode_prior(weighing(100_000)).model.counts != PRIOR.model.counts


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no prior"),
        (b"\xff\xfe", "no prior"),
        (encode_prior(PRIOR)[:-100], "no prior"),
        (encode_prior(PRIOR).replace(b"switchgear-prior-1", b"switchgear-prior-9"), "of format"),
        (msgspec.json.encode({"format": "x" * 99, "model": {}}), "no prior"),
        (weighing(2**30), "beyond all bounds"),
        (weighing(-(2**30)), "beyond all bounds"),
        (weighing(10**18), "beyond all bounds"),
        (encode_prior(PRIOR).replace(b'"places":3', b'"places":9'), "damaged"),
        (encode_prior(PRIOR).replace(b'"grams":"', b'"grams":"!"'[:-1]), "damaged"),
    ],
)
def test_what_is_damaged_says_so(body: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        decode_prior(body)

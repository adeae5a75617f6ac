import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.gram import grams_of
from switchgear.engine.success.lesson import Lesson, learnt
from switchgear.engine.success.model import (
    MOST_PLACES,
    UNTAUGHT,
    SuccessModel,
    decode_model,
    encode_model,
    known,
    predict,
    promised,
)
from switchgear.engine.success.trait import COUNTS, Traits


def traits(text: str = "add two and two", group: str = "g") -> Traits:
    return Traits(("", group), (7,) * COUNTS, grams_of(text))


def taught(*targets: str, good: float = 1.0, times: int = 40) -> SuccessModel:
    return learnt(UNTAUGHT, [Lesson(traits(), name, good) for name in targets] * times)


def test_nothing_is_said_before_anything_was_learnt_nor_of_strangers() -> None:
    assert predict(UNTAUGHT, traits(), ("a",)) == ()
    assert [it.target for it in predict(taught("a", "c"), traits(), ("c", "b", "a"))] == ["c", "a"]


@given(st.text(), st.binary(max_size=2000), st.lists(st.integers(-256, 256), max_size=20))
def test_a_chance_is_between_nought_and_one_whatever_it_is_asked_of(
    group: str, grams: bytes, dense: list[int]
) -> None:
    model = taught("a", good=0.0, times=3)
    (chance,) = predict(model, Traits(("", group), tuple(dense), grams), ("a",))
    assert 0.0 <= chance.p <= 1.0
    assert chance.spread >= 0.0


def test_it_is_sure_where_it_has_seen_enough_and_only_there() -> None:
    model = taught("a")
    assert predict(model, traits(), ("a",))[0].sure
    assert not predict(model, traits(group="never seen"), ("a",))[0].sure
    assert not predict(taught("a", times=10), traits(), ("a",))[0].sure


def test_a_model_that_was_written_is_read_as_it_was() -> None:
    model = taught("a", "b")
    body = encode_model(model)
    again = decode_model(body)
    assert encode_model(again) == body
    assert again.version == model.version
    for one, other in zip(
        predict(again, traits(), ("a", "b")), predict(model, traits(), ("a", "b")), strict=True
    ):
        assert one.p == pytest.approx(other.p, abs=0.005)


def test_a_model_of_more_targets_than_have_weights_is_small_and_knows_them_all() -> None:
    names = [f"t{place}" for place in range(MOST_PLACES + 5)]
    model = taught(*names, times=1)
    assert len(encode_model(model)) < 1_000_000
    assert [name for name, _ in known(decode_model(encode_model(model)))] == sorted(names)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no success model"),
        (b"\xff\xfe", "no success model"),
        (b"[]", "no success model"),
        (b'{"format":"older"}', "no success model"),
    ],
)
def test_what_is_no_model_is_refused_with_a_reason(body: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        decode_model(body)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": "switchgear-success-0"}, "this release reads"),
        ({"places": 3}, "no place"),
        ({"places": 10**9}, "no place"),
        ({"counts": []}, "no place"),
        ({"grams": "not base 85 \u20ac"}, "damaged"),
        ({"grams": ""}, "damaged"),
    ],
)
def test_a_damaged_one_is_refused_with_a_reason(change: dict[str, object], why: str) -> None:
    document = {**msgspec.json.decode(encode_model(taught("a", times=1))), **change}
    with pytest.raises(ValueError, match=why):
        decode_model(msgspec.json.encode(document))


def test_nothing_is_promised_of_a_target_without_a_held_out_sample() -> None:
    assert promised(taught("a"), "a", 0.1, 0.05) > 1
    assert promised(UNTAUGHT, "a", 0.1, 0.05) > 1

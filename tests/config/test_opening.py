"""What is said of a task that is opened or changed."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.config.opening import (
    Amendment,
    CapsForm,
    Opening,
    capped,
    digest,
    moment,
    told_caps,
)
from switchgear.domain.errors import MalformedBody
from switchgear.domain.task import NO_CAPS, AtCap, Caps
from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs

NOW = UnixMs(1_000_000)
ALL = {
    "steps": 5,
    "depth": 2,
    "fan_out": 3,
    "tokens": 9,
    "usd": 0.1,
    "wall_s": 60,
    "at_cap": "stop",
}
figures = st.fixed_dictionaries(
    {},
    optional={
        "steps": st.integers(0, 1000),
        "tokens": st.integers(0, 1000),
        "usd": st.integers(0, 10**6).map(lambda cents: cents / 100),
        "at_cap": st.sampled_from([each.value for each in AtCap]),
    },
)


def test_each_cap_is_read_in_its_own_unit() -> None:
    caps = capped(msgspec.convert(ALL, CapsForm), NO_CAPS)
    assert caps == Caps(
        steps=5,
        depth=2,
        fan_out=3,
        tokens=Tokens(9),
        money=NanoUsd(100_000_000),
        wall=Seconds(60),
        at_cap=AtCap.STOP,
    )


@given(figures)
def test_caps_are_told_as_they_are_said(said: dict[str, object]) -> None:
    form = msgspec.convert(said, CapsForm)
    assert told_caps(capped(form, NO_CAPS)) == said


@given(figures, figures)
def test_what_is_not_said_stays_and_none_takes_away(
    first: dict[str, object], then: dict[str, object]
) -> None:
    caps = capped(msgspec.convert(first, CapsForm), NO_CAPS)
    assert told_caps(capped(msgspec.convert(then, CapsForm), caps)) == {**first, **then}
    nothing = msgspec.convert(dict.fromkeys(ALL), CapsForm)
    assert capped(nothing, caps) == NO_CAPS


def test_the_same_words_have_one_digest_and_others_another() -> None:
    one, same = (msgspec.convert({"name": "a", "caps": {"steps": 1}}, Opening) for _ in range(2))
    assert digest(one) == digest(same)
    assert digest(one) != digest(msgspec.convert({"name": "a", "caps": {"steps": 2}}, Opening))
    assert digest(one) != digest(msgspec.convert({"name": "a"}, Opening))


@pytest.mark.parametrize(
    ("said", "ahead", "at"),
    [
        (None, None, None),
        (None, 1.5, NOW + 1500),
        (2_000_000, None, 2_000_000),
        ("1970-01-01T01:00:00Z", None, 3_600_000),
        ("1970-01-01T02:00:00+01:00", None, 3_600_000),
        ("1970-01-01T01:00:00", None, 3_600_000),
    ],
)
def test_a_deadline_is_a_date_or_a_span(
    said: int | str | None, ahead: float | None, at: int | None
) -> None:
    assert moment(said, ahead, NOW) == at


@pytest.mark.parametrize(
    ("said", "ahead"), [(999_999, None), ("soon", None), (2_000_000, 5.0), ("9999-99-99", None)]
)
def test_a_deadline_that_cannot_be_is_refused(said: int | str, ahead: float | None) -> None:
    with pytest.raises(MalformedBody, match="deadline"):
        moment(said, ahead, NOW)


@pytest.mark.parametrize("shape", [Opening, Amendment])
def test_nothing_beside_its_fields_is_said(shape: type[msgspec.Struct]) -> None:
    with pytest.raises(msgspec.ValidationError, match="gaol"):
        msgspec.convert({"gaol": "x"}, shape)

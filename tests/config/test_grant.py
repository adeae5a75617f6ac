"""What is said of keys at run time."""

import msgspec
import pytest
from hypothesis import given, settings

from support.keys import keys
from switchgear.config.grant import Grant, NewGrant, granted, told
from switchgear.domain.caller import Key, Right
from switchgear.domain.errors import MalformedBody
from switchgear.domain.target import Sensitivity, Tier


@settings(max_examples=50)
@given(keys())
def test_what_is_told_of_a_key_can_be_said_again_and_gives_the_same_key(key: Key) -> None:
    said = msgspec.convert(msgspec.json.decode(msgspec.json.encode(told(key))), Grant)
    assert granted(said, Key(id=key.id, tenant=key.tenant)) == key


def test_what_is_not_said_stays() -> None:
    base = Key(id="k", models=frozenset({"a"}), debug=True, rights=frozenset({Right.ADMIN}))
    assert granted(Grant(), base) == base
    narrowed = granted(Grant(tiers=("small",), sensitivity="internal", debug=False), base)
    assert narrowed.tiers == {Tier.SMALL}
    assert narrowed.sensitivity is Sensitivity.INTERNAL
    assert narrowed.models == {"a"}
    assert not narrowed.debug


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ("2030-01-01T00:00:00Z", 1_893_456_000_000),
        ("2030-01-01", 1_893_456_000_000),
        ("2030-01-01T01:00:00+01:00", 1_893_456_000_000),
        (1_893_456_000_000, 1_893_456_000_000),
        (None, None),
    ],
)
def test_an_end_is_a_date_or_milliseconds(said: str | int | None, end: int | None) -> None:
    assert granted(Grant(until=said), Key(id="k")).until == end


@pytest.mark.parametrize("said", ["soon", "", "9" * 400, "2030-13-01"])
def test_an_end_that_is_none_is_told(said: str) -> None:
    with pytest.raises(MalformedBody, match="until"):
        granted(Grant(until=said), Key(id="k"))


@pytest.mark.parametrize(
    "said",
    [
        {"model": ["a"]},
        {"models": "a"},
        {"models": [""]},
        {"models": ["a" * 201]},
        {"models": ["a"] * 201},
        {"tiers": ["huge"]},
        {"rights": ["root"]},
        {"until": -1},
        {"until": True},
        {"until": 10**18},
        {"budgets": {"day": {"usd": -1}}},
        {"budgets": {"day": {"usd": 1e300}}},
        {"budgets": {"year": {"usd": 1}}},
        {"limits": {"requests_per_minute": 0.5}},
        {"metadata": {"a": 1}},
        {"parent": "root"},
        {"budgets": None},
    ],
)
def test_nothing_else_can_be_said(said: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(said, NewGrant)

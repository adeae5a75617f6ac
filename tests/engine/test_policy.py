"""Policies in sets and caches: as good as their version."""

import msgspec

from support.cast import policy
from switchgear.domain.decision import Strategy
from switchgear.engine.policydoc import decode_policy, encode_policy, versioned


def test_equal_policies_meet_in_a_set_although_they_hold_mappings() -> None:
    one = versioned(policy())
    twin = decode_policy(encode_policy(one))
    assert twin is not one
    assert {one, twin} == {one}


def test_policies_of_other_versions_are_told_apart() -> None:
    one = versioned(policy())
    other = versioned(policy(strategy=Strategy.QUALITY))
    assert other.version != one.version
    assert len({one, other}) == 2


def test_a_version_alone_does_not_make_two_policies_equal() -> None:
    one = policy(version="v1")
    forged = msgspec.structs.replace(one, strategy=Strategy.QUALITY)
    assert hash(forged) == hash(one)
    assert len({one, forged}) == 2

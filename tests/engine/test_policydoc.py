"""Policies as bytes: the same policy gives the same bytes, and comes back whole."""

import msgspec

from switchgear.domain.target import Capability, Kind, Price, Target, Tier
from switchgear.domain.units import NanoUsd, Tokens
from switchgear.engine.policy import Alias, Policy, Rule, Then, TierRule
from switchgear.engine.policydoc import decode_policy, encode_policy, versioned

PRICE = Price(
    input=NanoUsd(150_000_000),
    output=NanoUsd(600_000_000),
    cached=NanoUsd(75_000_000),
    cache_written=NanoUsd(150_000_000),
)


def policy(capabilities: list[Capability], aliases: list[str]) -> Policy:
    target = Target(
        id="a/b",
        kind=Kind.MODEL,
        provider="a",
        model="b",
        tier=Tier.MID,
        capabilities=frozenset(capabilities),
        window=Tokens(1000),
        max_output=Tokens(100),
        price=PRICE,
        quality=0.1,
    )
    return Policy(
        version="",
        targets=(target,),
        tiers=(TierRule(tier=Tier.MID),),
        aliases={name: Alias(name=name, targets=("a/b",)) for name in aliases},
        rules=(Rule(name="r", when="ask.code", then=Then(targets=frozenset({"a/b"}))),),
        metadata=frozenset({"x", "y"}),
    )


def test_a_policy_comes_back_whole() -> None:
    before = versioned(policy(list(Capability), ["auto", "fast"]))
    assert decode_policy(encode_policy(before)) == before


def test_the_order_of_sets_and_names_does_not_change_the_bytes() -> None:
    one = policy(list(Capability), ["auto", "fast"])
    other = policy(list(reversed(Capability)), ["fast", "auto"])
    assert encode_policy(one) == encode_policy(other)


def test_sets_are_written_sorted_so_that_another_process_writes_the_same() -> None:
    document = msgspec.json.decode(encode_policy(policy(list(Capability), ["auto"])))
    assert document["targets"][0]["capabilities"] == sorted(each.value for each in Capability)
    assert document["metadata"] == ["x", "y"]


def test_the_version_follows_the_content_and_nothing_else() -> None:
    one = versioned(policy([], ["auto"]))
    again = versioned(msgspec.structs.replace(one, version="whatever"))
    other = versioned(msgspec.structs.replace(one, plan_length=2))
    assert one.version == again.version
    assert one.version != other.version
    assert len(one.version) == 12

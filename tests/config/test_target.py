"""A target's defaults: from its kind, its tier, its provider and the price list."""

import pytest

from switchgear.config.schema import File, ProviderEntry, TargetEntry, ToolEntry
from switchgear.config.target import make_target, resolve
from switchgear.config.tariff import PriceEntry
from switchgear.domain.dialect import Dialect
from switchgear.domain.target import Capability, Target
from switchgear.domain.units import UnixMs

AT = UnixMs(1_795_000_000_000)
OPENAI = ProviderEntry(
    dialect=Dialect.OPENAI_CHAT, base_url="https://api.openai.com/v1", region="us"
)


def made(name: str, entry: TargetEntry) -> Target:
    file = File(providers={"openai": OPENAI}, targets={name: entry})
    return make_target(name, resolve(name, entry, file, AT), file)


def test_the_model_is_the_part_of_the_id_after_the_provider() -> None:
    assert made("openai/gpt-4o-mini", TargetEntry(provider="openai", tier="small")).model == (
        "gpt-4o-mini"
    )
    assert made("gpt-4o-mini", TargetEntry(provider="openai", tier="small")).model == "gpt-4o-mini"
    assert made("a/b/c", TargetEntry(provider="openai", tier="small")).model == "b/c"


@pytest.mark.parametrize(("tier", "quality"), [("small", 0.5), ("mid", 0.7), ("frontier", 0.9)])
def test_quality_is_the_tiers_unless_it_is_said(tier: str, quality: float) -> None:
    entry = TargetEntry(provider="openai", tier=tier)  # type: ignore[arg-type]  # from a list
    assert made("gpt-4o", entry).quality == quality


def test_what_is_said_wins_over_the_price_list() -> None:
    price = PriceEntry(input_usd=1, output_usd=2)
    entry = TargetEntry(
        provider="openai", tier="small", price=price, window=1000, region="eu", capabilities=()
    )
    target = made("gpt-4o-mini", entry)
    assert (target.price.input, target.window, target.region) == (1_000_000_000, 1000, "eu")
    assert target.max_output == 500
    assert target.capabilities == frozenset()


def test_a_tool_is_free_at_once_and_of_its_own_tier() -> None:
    entry = TargetEntry(kind="tool", tool=ToolEntry(function="lookup"))
    target = made("table", entry)
    assert (target.provider, target.model, target.tier.name) == ("tool", "lookup", "TOOL")
    assert not any((target.first_content_s, target.token_s, target.price.output))
    assert target.capabilities == {Capability.STREAMING}


def test_an_unknown_window_is_assumed_to_be_small() -> None:
    price = PriceEntry(input_usd=1, output_usd=2)
    target = made("mine", TargetEntry(provider="openai", tier="mid", price=price))
    assert (target.window, target.max_output) == (32_768, 16_384)

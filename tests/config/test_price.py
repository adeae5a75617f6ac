"""Prices: exact, from the bundled list or as written, and nothing is free by mistake."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from switchgear.config.price import FREE, listed, nano, served, written
from switchgear.config.schema import ProviderEntry
from switchgear.config.tariff import PriceEntry, ServicesEntry, StepEntry
from switchgear.domain.dialect import Dialect
from switchgear.domain.target import Price
from switchgear.domain.units import NanoUsd, UnixMs

MESSAGES = Dialect.ANTHROPIC_MESSAGES
AT = UnixMs(1_795_000_000_000)
OPENAI = ProviderEntry(dialect=Dialect.OPENAI_CHAT, base_url="https://api.openai.com/v1")
LOCAL = ProviderEntry(dialect=Dialect.OPENAI_CHAT, base_url="http://127.0.0.1:9/v1")


@given(st.integers(0, 10**15))
def test_a_decimal_price_is_exact(nanos: int) -> None:
    assert nano(float(f"{nanos // 1000}e-6")) == nanos // 1000 * 1000


def test_a_well_known_model_is_listed_with_its_window() -> None:
    found = listed("openai", OPENAI, "gpt-4o-mini", AT)
    assert found.price is not None
    assert (found.price.input, found.price.output) == (150_000_000, 600_000_000)
    assert found.price.cached == 75_000_000
    assert found.window == 128_000


def test_a_provider_is_known_by_its_address_whatever_its_id() -> None:
    assert listed("mine", OPENAI, "gpt-4o-mini", AT).price is not None


def test_a_provider_is_known_by_its_id_when_its_address_says_nothing() -> None:
    assert listed("openai", LOCAL, "gpt-4o-mini", AT).price is not None


def test_a_model_of_an_unknown_provider_has_no_price() -> None:
    assert listed("house", LOCAL, "gpt-4o-mini", AT).price is None


def test_a_price_with_steps_has_them_all() -> None:
    price = listed("openai", OPENAI, "gpt-5.4", AT).price
    assert price is not None
    assert price.input == 2_500_000_000
    (step,) = price.steps
    assert step.above == 272_000
    assert step.input > price.input
    assert step.output > price.output


def test_a_price_of_nothing_is_not_taken_for_no_price() -> None:
    free = PriceEntry(input_usd=2, output_usd=8, cached_usd=0, cache_written_1h_usd=0)
    assert (written(free).cached, written(free).cache_written_1h) == (0, 0)


def test_a_service_tier_costs_what_the_owner_says_else_the_list_else_the_usual() -> None:
    price = written(PriceEntry(input_usd=2, output_usd=8))
    listed_flex = msgspec.structs.replace(price, input=NanoUsd(7))
    known = msgspec.structs.replace(price, services=(("batch", price), ("flex", listed_flex)))
    services = dict(served(known, ServicesEntry(batch=0.8), "priority").services)
    assert services["batch"].input == 1_600_000_000
    assert services["flex"] == listed_flex
    assert services["priority"].output == 20_000_000_000
    assert served(known, ServicesEntry(), "priority").usual == "priority"
    assert served(known, ServicesEntry(), "standard").usual == ""


def test_what_anthropic_is_paid_ahead_for_costs_no_more_by_the_token() -> None:
    price = written(PriceEntry(input_usd=2, output_usd=8))
    anthropic = dict(served(price, ServicesEntry(), "standard", MESSAGES).services)
    assert anthropic["priority"].input == price.input
    said = dict(served(price, ServicesEntry(priority=1.5), "standard", MESSAGES).services)
    assert said["priority"].input == 3_000_000_000


def test_part_of_a_nano_dollar_in_a_factor_counts_as_one() -> None:
    price = Price(input=NanoUsd(1), output=NanoUsd(1), cached=NanoUsd(1), cache_written=NanoUsd(1))
    assert dict(served(price, ServicesEntry(flex=0.3), "standard").services)["flex"].input == 1


def test_what_is_free_is_free_in_every_tier() -> None:
    assert served(FREE, ServicesEntry(), "priority") == FREE


def test_the_steps_that_an_owner_writes_stand_in_order() -> None:
    step = StepEntry(input_usd=4, output_usd=9, above_tokens=9)
    price = written(
        PriceEntry(
            input_usd=2,
            output_usd=8,
            steps=(step, StepEntry(input_usd=3, output_usd=9, above_tokens=5)),
        )
    )
    assert [(each.above, each.input) for each in price.steps] == [
        (5, 3_000_000_000),
        (9, 4_000_000_000),
    ]


def test_a_price_that_changes_follows_the_date() -> None:
    early = listed("google", None, "gemini-3.6-flash", UnixMs(1_795_000_000_000))
    late = listed("google", None, "gemini-3.6-flash", UnixMs(1_810_000_000_000))
    assert early.price is not None
    assert late.price is not None
    assert early.price.input < late.price.input


def test_what_is_not_said_of_the_cache_costs_as_input() -> None:
    price = written(PriceEntry(input_usd=2, output_usd=8, cached_usd=0.5))
    assert (price.cached, price.cache_written) == (500_000_000, 2_000_000_000)

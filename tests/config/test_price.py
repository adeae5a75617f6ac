"""Prices: exact, from the bundled list or as written, and nothing is free by mistake."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.config.price import listed, nano, written
from switchgear.config.schema import PriceEntry, ProviderEntry
from switchgear.domain.dialect import Dialect
from switchgear.domain.units import UnixMs

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
    assert not found.tiered


def test_a_provider_is_known_by_its_address_whatever_its_id() -> None:
    assert listed("mine", OPENAI, "gpt-4o-mini", AT).price is not None


def test_a_provider_is_known_by_its_id_when_its_address_says_nothing() -> None:
    assert listed("openai", LOCAL, "gpt-4o-mini", AT).price is not None


def test_a_model_of_an_unknown_provider_has_no_price() -> None:
    assert listed("house", LOCAL, "gpt-4o-mini", AT).price is None


def test_a_price_with_steps_gives_its_base_and_says_so() -> None:
    found = listed("openai", OPENAI, "gpt-5.4", AT)
    assert found.price is not None
    assert found.price.input == 2_500_000_000
    assert found.tiered


def test_a_price_that_changes_follows_the_date() -> None:
    early = listed("google", None, "gemini-3.6-flash", UnixMs(1_795_000_000_000))
    late = listed("google", None, "gemini-3.6-flash", UnixMs(1_810_000_000_000))
    assert early.price is not None
    assert late.price is not None
    assert early.price.input < late.price.input


def test_what_is_not_said_of_the_cache_costs_as_input() -> None:
    price = written(PriceEntry(input_usd=2, output_usd=8, cached_usd=0.5))
    assert (price.cached, price.cache_written) == (500_000_000, 2_000_000_000)

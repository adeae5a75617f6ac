"""Prices and windows of well-known models, from the list that comes with genai-prices.

Only the bundled list is read; nothing is fetched.
"""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
from genai_prices import data_snapshot
from genai_prices.types import ModelInfo, TieredPrices

from switchgear.config.schema import PriceEntry, ProviderEntry
from switchgear.domain.target import Price
from switchgear.domain.units import NANO_PER_USD, NanoUsd, UnixMs

FREE = Price(input=NanoUsd(0), output=NanoUsd(0), cached=NanoUsd(0), cache_written=NanoUsd(0))


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """What the list says of a model."""

    price: Price | None
    window: int | None
    tiered: bool
    """Long input costs more than ``price`` says: it is the base price."""


UNLISTED = Listed(price=None, window=None, tiered=False)


def listed(name: str, provider: ProviderEntry | None, model: str, at: UnixMs) -> Listed:
    """Return what the list says of a provider's model on a day.

    The provider is known by its address, else by its id, else by its vendor.
    """
    address, vendor = (provider.base_url, provider.vendor) if provider else (None, None)
    info = _find(model, None, address) or _find(model, name, None) or _find(model, vendor, None)
    if info is None:
        return UNLISTED
    # Some prices depend on the hour; noon UTC is nobody's cheap hour.
    moment = datetime.fromtimestamp(at / 1000, UTC).replace(hour=12, minute=0)
    rates = vars(info.get_prices(moment))
    tiered = any(isinstance(rate, TieredPrices) for rate in rates.values())
    price = None
    if rates.get("input_mtok") is not None and rates.get("output_mtok") is not None:
        price = Price(
            input=_base(rates["input_mtok"]),
            output=_base(rates["output_mtok"]),
            cached=_base(rates.get("cache_read_mtok") or rates["input_mtok"]),
            cache_written=_base(rates.get("cache_write_mtok") or rates["input_mtok"]),
        )
    return Listed(price=price, window=info.context_window, tiered=tiered)


def written(entry: PriceEntry) -> Price:
    """Return the price that the owner wrote."""
    cached = entry.input_usd if entry.cached_usd is None else entry.cached_usd
    cache_written = entry.input_usd if entry.cache_written_usd is None else entry.cache_written_usd
    return Price(
        input=nano(entry.input_usd),
        output=nano(entry.output_usd),
        cached=nano(cached),
        cache_written=nano(cache_written),
    )


def nano(usd: float) -> NanoUsd:
    """Return dollars as whole nano-dollars, exact for what was written in decimals."""
    return NanoUsd(int((Decimal(repr(usd)) * NANO_PER_USD).to_integral_value()))


def _find(model: str, provider_id: str | None, address: str | None) -> ModelInfo | None:
    if not provider_id and not address:
        return None
    try:
        _, info = data_snapshot.get_snapshot().find_provider_model(
            model, None, provider_id, address
        )
    except LookupError:
        return None
    return info


def _base(rate: Decimal | TieredPrices) -> NanoUsd:
    usd = rate.base if isinstance(rate, TieredPrices) else rate
    return NanoUsd(int((usd * NANO_PER_USD).to_integral_value()))

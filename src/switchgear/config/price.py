"""Prices and windows of well-known models, from the list that comes with genai-prices.

Only the bundled list is read; nothing is fetched.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal

import msgspec
from genai_prices import data_snapshot
from genai_prices.types import ModelInfo, TieredPrices

from switchgear.config.schema import ProviderEntry
from switchgear.config.tariff import PriceEntry, RatesEntry, ServicesEntry
from switchgear.domain.dialect import Dialect
from switchgear.domain.target import Price
from switchgear.domain.units import NANO_PER_USD, NanoUsd, Tokens, UnixMs

FREE = Price(input=NanoUsd(0), output=NanoUsd(0), cached=NanoUsd(0), cache_written=NanoUsd(0))
FACTORS = {
    "batch": Decimal("0.5"),
    "fast": Decimal(6),
    "flex": Decimal("0.5"),
    "priority": Decimal("2.5"),
}
"""Of the standard price, where neither the owner nor the list says it. Half for batch and flex:
OpenAI, Anthropic, Google, Mistral, Groq and Bedrock, each on its page of prices. For the two that
cost more, the most that any of them takes: OpenAI's priority for its dearest models, and
Anthropic's fast mode at its beginning."""
PAID_AHEAD = {"priority": Decimal(1)}
"""Anthropic sells it as a commitment, and serves in it unasked while that lasts: by the token it
costs what is agreed, which an owner can say; else it is taken for the standard."""
CONTEXTS = {
    "batch": ({"processing": "batch"},),
    "fast": ({"speed": "fast"}, {"service_tier": "fast"}),
    "flex": ({"service_tier": "flex"},),
    "priority": ({"service_tier": "priority"},),
}
"""How the list names the service tiers."""
Rates = Mapping[str, Decimal | TieredPrices | None]


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """What the list says of a model."""

    price: Price | None
    window: int | None


UNLISTED = Listed(price=None, window=None)


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
    price = _price(vars(info.get_prices(moment)))
    if price is not None:
        price = msgspec.structs.replace(price, services=_services(info, moment))
    return Listed(price=price, window=info.context_window)


def written(entry: PriceEntry) -> Price:
    """Return the price that the owner wrote."""
    steps = sorted(entry.steps, key=lambda step: step.above_tokens)
    return msgspec.structs.replace(
        _written(entry, 0), steps=tuple(_written(step, step.above_tokens) for step in steps)
    )


def served(price: Price, entry: ServicesEntry, usual: str, dialect: Dialect | None = None) -> Price:
    """Return a price with every service tier: as the owner says, else the list, else as usual."""
    if price == FREE:
        return price
    known = dict(price.services)
    own = PAID_AHEAD if dialect is Dialect.ANTHROPIC_MESSAGES else {}
    for name, factor in (FACTORS | own).items():
        said = getattr(entry, name)
        if said is not None:
            known[name] = _times(price, Decimal(repr(said)))
        elif name not in known:
            known[name] = _times(price, factor)
    return msgspec.structs.replace(
        price, services=tuple(sorted(known.items())), usual="" if usual == "standard" else usual
    )


def nano(usd: float) -> NanoUsd:
    """Return dollars as whole nano-dollars, exact for what was written in decimals."""
    return _nano(Decimal(repr(usd)))


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


def _services(info: ModelInfo, moment: datetime) -> tuple[tuple[str, Price], ...]:
    known = [
        each.when
        for each in info.price_variants or ()
        if each.constraint is None or each.constraint.active(moment)
    ]
    found = []
    for name, contexts in CONTEXTS.items():
        context = next((each for each in contexts if each in known), None)
        price = _price(vars(info.get_prices(moment, context))) if context else None
        if price is not None:
            found.append((name, price))
    return tuple(found)


def _price(rates: Rates) -> Price | None:
    """Return the price that the list's figures come to; None where it lacks one that counts."""
    base = _level(rates, 0)
    if base is None:
        return None
    tiered = [each for each in rates.values() if isinstance(each, TieredPrices)]
    starts = sorted({tier.start for each in tiered for tier in each.tiers})
    steps = [_level(rates, start, start + 1) for start in starts]
    return msgspec.structs.replace(base, steps=tuple(step for step in steps if step is not None))


def _level(rates: Rates, above: int, length: int = 0) -> Price | None:
    """Return what holds for input of some length; a step holds above its start, not at it."""
    at = {name: _rate(rate, length) for name, rate in rates.items()}
    into, out = at.get("input_mtok"), at.get("output_mtok")
    if into is None or out is None:
        return None
    cached, kept = at.get("cache_read_mtok"), at.get("cache_write_mtok")
    return Price(
        input=into,
        output=out,
        cached=into if cached is None else cached,
        cache_written=into if kept is None else kept,
        cache_written_1h=at.get("cache_write_1h_mtok"),
        reasoning=at.get("output_reasoning_mtok"),
        above=Tokens(above),
    )


def _rate(rate: object, length: int) -> NanoUsd | None:
    if isinstance(rate, TieredPrices):
        steps = [tier.price for tier in rate.tiers if length > tier.start]
        return _nano(steps[-1] if steps else rate.base)
    return _nano(rate) if isinstance(rate, Decimal) else None


def _written(entry: RatesEntry, above: int) -> Price:
    into = nano(entry.input_usd)
    hourly, reasoning = entry.cache_written_1h_usd, entry.reasoning_usd
    return Price(
        input=into,
        output=nano(entry.output_usd),
        cached=into if entry.cached_usd is None else nano(entry.cached_usd),
        cache_written=into if entry.cache_written_usd is None else nano(entry.cache_written_usd),
        cache_written_1h=None if hourly is None else nano(hourly),
        reasoning=None if reasoning is None else nano(reasoning),
        above=Tokens(above),
    )


def _times(price: Price, factor: Decimal) -> Price:
    def times(rate: NanoUsd | None) -> NanoUsd | None:
        if rate is None:
            return None
        return NanoUsd(int((rate * factor).to_integral_value(ROUND_CEILING)))

    names = ("input", "output", "cached", "cache_written", "cache_written_1h", "reasoning")
    return msgspec.structs.replace(
        price,
        **{name: times(getattr(price, name)) for name in names},
        steps=tuple(_times(step, factor) for step in price.steps),
        services=(),
        usual="",
    )


def _nano(usd: Decimal) -> NanoUsd:
    return NanoUsd(int((usd * NANO_PER_USD).to_integral_value()))

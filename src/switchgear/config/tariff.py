"""The parts of the config file that say what tokens cost."""

from typing import Annotated, Literal

import msgspec

from switchgear.config.part import Amount, Entry

ServiceName = Literal["standard", "flex", "priority", "fast"]
Factor = Annotated[float, msgspec.Meta(ge=0, le=1000)]
Above = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]


class RatesEntry(Entry, frozen=True, kw_only=True):
    """What a million tokens cost, in US dollars."""

    input_usd: Amount
    """For input."""
    output_usd: Amount
    """For output."""
    cached_usd: Amount | None = None
    """For input read from the prompt cache. Default: as input."""
    cache_written_usd: Amount | None = None
    """For input written to the prompt cache. Default: as input."""
    cache_written_1h_usd: Amount | None = None
    """For input written to it for an hour. Default: twice the input."""
    reasoning_usd: Amount | None = None
    """For output that is reasoning. Default: as output."""


class StepEntry(RatesEntry, frozen=True, kw_only=True):
    """What holds for the whole of a call whose input is long."""

    above_tokens: Above
    """From one token of input more than this."""


class PriceEntry(RatesEntry, frozen=True, kw_only=True):
    """What a million tokens cost, in US dollars."""

    steps: tuple[StepEntry, ...] = ()
    """For calls with longer input. Default: none."""


class ServicesEntry(Entry, frozen=True, kw_only=True):
    """What a target costs in each service tier: so many times its standard price."""

    flex: Factor | None = None
    """Slower, when there is room. Default: from the price list, else 0.5."""
    batch: Factor | None = None
    """Within a day. Default: from the price list, else 0.5."""
    priority: Factor | None = None
    """Before others. Default: from the price list, else 2.5."""
    fast: Factor | None = None
    """Faster tokens. Default: from the price list, else 6."""

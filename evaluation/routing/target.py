"""The models of an evaluation as targets of a policy, at the prices of 2024."""

from collections.abc import Sequence

from evaluation.routing.item import prices

from switchgear.domain.target import Capability, Kind, Price, Target, Tier
from switchgear.domain.units import NanoUsd, Tokens

NANO = 1_000_000_000
CACHED, WRITTEN = 0.1, 1.25
"""Of the price of input, what it costs to read it from the prompt cache, and to write it there, as
Anthropic has it."""
WINDOW = Tokens(128_000)
CHEAP, DEAR = 1.0, 5.0
"""USD for a million tokens of output, up to which a model is small, and up to which it is mid."""


def target_of(name: str, usd_in: float, usd_out: float) -> Target:
    """Return a target; its quality is not known beforehand, and nobody gets another tier by it."""
    given = NanoUsd(round(usd_in * NANO))
    return Target(
        id=name,
        kind=Kind.MODEL,
        provider="sold",
        model=name,
        tier=Tier.SMALL if usd_out <= CHEAP else Tier.MID if usd_out <= DEAR else Tier.FRONTIER,
        capabilities=frozenset({Capability.STREAMING}),
        window=WINDOW,
        max_output=Tokens(8_192),
        price=Price(
            input=given,
            output=NanoUsd(round(usd_out * NANO)),
            cached=NanoUsd(round(given * CACHED)),
            cache_written=NanoUsd(round(given * WRITTEN)),
        ),
        quality=0.5,
    )


def targets_of(models: Sequence[str]) -> tuple[Target, ...]:
    """Return the targets of these models, in their order."""
    listed = prices()
    return tuple(target_of(name, *listed[name]) for name in models)

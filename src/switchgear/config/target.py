"""One target of the file with all its defaults filled in."""

import msgspec

from switchgear.config.price import FREE, UNLISTED, Listed, listed, served, written
from switchgear.config.schema import File, TargetEntry
from switchgear.domain.target import APART, Capability, Kind, Price, Sensitivity, Target, Tier
from switchgear.domain.units import Seconds, Tokens, UnixMs

TOOL_PROVIDER = "tool"
"""Where tools live: in this process. No provider of the file may have this id."""
ASSUMED_WINDOW = 32_768
"""Tokens; the smallest window of any model in wide use for agents."""
ASSUMED_OUTPUT = 16_384
"""Tokens; what most models in wide use can write in one answer."""
TOOL_WINDOW = 1_000_000

QUALITY = {Tier.TOOL: 1.0, Tier.SMALL: 0.5, Tier.MID: 0.7, Tier.FRONTIER: 0.9}
CAPABILITIES = {
    Kind.MODEL: frozenset({Capability.TOOLS, Capability.STREAMING}),
    Kind.AGENT: frozenset({Capability.STREAMING}),
    Kind.TOOL: frozenset({Capability.STREAMING}),
}


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """A target, and what its defaults came from."""

    entry: TargetEntry
    model: str
    """As it is asked for at the provider."""
    tier: Tier | None
    price: Price | None
    """None when it is neither written nor listed."""
    listed: Listed

    @property
    def window(self) -> int:
        """Most tokens of input and output together."""
        if self.entry.kind == "tool":
            return self.entry.window or TOOL_WINDOW
        return self.entry.window or self.listed.window or ASSUMED_WINDOW


def resolve(name: str, entry: TargetEntry, file: File, at: UnixMs) -> Resolved:
    """Return one target with what can be known of it."""
    if entry.kind == "tool":
        function = entry.tool.function if entry.tool else ""
        tier = Tier[(entry.tier or "tool").upper()]
        return Resolved(
            entry=entry,
            model=function,
            tier=tier,
            price=written(entry.price) if entry.price else FREE,
            listed=UNLISTED,
        )
    model = entry.model or name.partition("/")[2] or name
    provider = file.providers.get(entry.provider)
    found = listed(entry.provider, provider, model, at)
    price = written(entry.price) if entry.price else found.price
    dialect = provider.dialect if provider else None
    return Resolved(
        entry=entry,
        model=model,
        tier=Tier[entry.tier.upper()] if entry.tier else _tier(entry),
        price=None if price is None else served(price, entry.services, entry.service_tier, dialect),
        listed=found,
    )


def _tier(entry: TargetEntry) -> Tier | None:
    """Return the tier of who gives no answers, where it says nothing: it has no part in tiers."""
    return None if APART.isdisjoint(entry.capabilities or ()) else Tier.SMALL


def quality_of(resolved: Resolved) -> float:
    """Return the owner's estimate, else the tier's."""
    if resolved.entry.quality is not None:
        return resolved.entry.quality
    return QUALITY[resolved.tier or Tier.TOOL]


def make_target(name: str, resolved: Resolved, file: File) -> Target:
    """Return the target as the engine judges it."""
    entry = resolved.entry
    kind = Kind(entry.kind)
    provider = file.providers.get(entry.provider)
    still = kind is Kind.TOOL
    capabilities = entry.capabilities
    first, token = entry.first_content_s, entry.token_s
    return Target(
        id=name,
        kind=kind,
        provider=TOOL_PROVIDER if still else entry.provider,
        model=resolved.model,
        tier=resolved.tier or Tier.TOOL,
        capabilities=CAPABILITIES[kind] if capabilities is None else frozenset(capabilities),
        window=Tokens(resolved.window),
        max_output=Tokens(entry.max_output or min(ASSUMED_OUTPUT, resolved.window // 2)),
        price=resolved.price or FREE,
        quality=quality_of(resolved),
        region=entry.region or (provider.region if provider else ""),
        sensitivity=Sensitivity[entry.sensitivity.upper()],
        first_content_s=Seconds((0.0 if still else 1.0) if first is None else first),
        token_s=Seconds((0.0 if still else 0.02) if token is None else token),
        weight=entry.weight,
        skills=frozenset(entry.skills),
        fallback=entry.fallback,
        max_concurrent=entry.max_concurrent or 0,
    )

"""Whether the tiers rise, have targets, and ask for no more than those have."""

from collections.abc import Iterator

from switchgear.config.error import Finding
from switchgear.config.target import quality_of
from switchgear.config.verify.subject import Subject, found
from switchgear.domain.target import Tier

TIERS = (Tier.SMALL, Tier.MID, Tier.FRONTIER)


def check_tiers(subject: Subject) -> Iterator[Finding]:
    """Find tiers that nothing can be sent to."""
    below = 0.0
    for tier in TIERS:
        name = tier.name.lower()
        entry = getattr(subject.file.tiers, name)
        qualities = [quality_of(each) for each in subject.targets.values() if each.tier is tier]
        if below and entry.max_complexity <= below:
            message = f"max_complexity must be above the {below:g} of the tier below it"
            yield found("tiers_not_rising", ("tiers", name, "max_complexity"), message)
        if not qualities:
            yield found("empty_tier", ("tiers", name), f"no target has tier: {name}")
        elif max(qualities) < entry.quality_floor:
            message = f"no target of this tier reaches it; the best has quality {max(qualities):g}"
            yield found("unmet_floor", ("tiers", name, "quality_floor"), message)
        below = entry.max_complexity

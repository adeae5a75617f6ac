"""What a model name asks for."""

from difflib import get_close_matches

import msgspec

from switchgear.domain.target import Tier
from switchgear.engine.policy import Alias, Policy


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The targets that a name may mean."""

    pool: frozenset[str]
    named: str = ""
    """The one target that was asked for by id or by ``provider/model``; empty for an alias."""
    fallback: tuple[str, ...] = ()
    """Tried in this order after ``named``."""
    alias: Alias | None = None

    @property
    def tier(self) -> Tier | None:
        """The least tier that the alias sets."""
        return self.alias.tier if self.alias else None


def resolve(name: str, policy: Policy) -> Asked | None:
    """Return what ``name`` asks for; None when nothing here goes by it.

    An alias wins over a target id, and that over ``provider/model``.
    """
    alias = policy.aliases.get(name)
    if alias is not None:
        return Asked(pool=frozenset(alias.targets), alias=alias)
    for target in policy.targets:
        if name in (target.id, f"{target.provider}/{target.model}"):
            pool = frozenset((target.id, *target.fallback))
            return Asked(pool=pool, named=target.id, fallback=target.fallback)
    return None


def stand_in(name: str, policy: Policy) -> str:
    """Return the target that serves ``name`` when there is no routing; empty when none is said."""
    asked = resolve(name, policy)
    if asked is None:
        return ""
    return asked.named or (asked.alias.stands_for if asked.alias else "")


def nearest(name: str, policy: Policy, allowed: frozenset[str]) -> str:
    """Return the name most like ``name``, of those ``allowed`` (empty means all); maybe none."""
    known = (*policy.aliases, *(target.id for target in policy.targets))
    names = [each for each in known if not allowed or each in allowed]
    return next(iter(get_close_matches(name, names, 1)), "")

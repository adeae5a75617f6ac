"""How a call is protected once it is under way: what its policy says of rescue and of hedges."""

from functools import lru_cache

import msgspec

from switchgear.domain.decision import Rescue
from switchgear.engine.policy import Policy, Then

NOTHING = Then()
MOST_KEPT = 1024


class Protection(msgspec.Struct, frozen=True, gc=False):
    """What holds for one call."""

    rescue: Rescue
    hedge: bool


@lru_cache(maxsize=MOST_KEPT)
def protection_of(policy: Policy, model: str, rule: str) -> Protection:
    """Return what holds for calls that ask for ``model`` and that this rule was applied to.

    The rule goes before the alias, and that before the policy.
    """
    then = next((each.then for each in policy.rules if each.name == rule), NOTHING)
    alias = policy.aliases.get(model)
    rescue = then.rescue or (alias.rescue if alias else None) or policy.rescue
    hedge = alias is not None and alias.hedge if then.hedge is None else then.hedge
    return Protection(rescue, hedge)

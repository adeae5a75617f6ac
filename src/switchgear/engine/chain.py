"""What each key may do, when all that made it is looked at too."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import Enum

from switchgear.domain.caller import Key
from switchgear.engine.right import meet

LONGEST = 16
"""Keys that may have been made from one another."""


class Flaw(Enum):
    """Why a key is not good, whoever has its secret."""

    REVOKED = "it was revoked"
    ORPHANED = "the key that made it is not known here"
    CIRCULAR = "the keys that made it were made by it"
    TOO_LONG = "too many keys were made from one another"
    EMPTY = "it may do nothing that the key that made it may still do"
    FALLEN = "a key that it comes from is not good any more"


Standing = Key | Flaw
"""What a key may do in the end, or why nothing."""


def standings(keys: Mapping[str, Key], revoked: AbstractSet[str]) -> dict[str, Standing]:
    """Return how each key stands: what it may do is what all keys of its chain may do.

    Shapes: ``keys`` has each under its id, with the rights that were written for it alone.
    """
    found: dict[str, Standing] = {}
    for name in keys:
        path: dict[str, None] = {}
        above = name
        while above in keys and above not in found and above not in path:
            path[above] = None
            above = keys[above].parent
        if above in path:
            found |= dict.fromkeys(path, Flaw.CIRCULAR)
            continue
        for each in reversed(path):
            found[each] = _standing(keys[each], found, revoked)
    return found


def _standing(key: Key, found: Mapping[str, Standing], revoked: AbstractSet[str]) -> Standing:
    if key.id in revoked:
        return Flaw.REVOKED
    if not key.parent:
        return key
    maker = found.get(key.parent, Flaw.ORPHANED)
    if isinstance(maker, Flaw):
        return maker if maker in {Flaw.ORPHANED, Flaw.CIRCULAR} else Flaw.FALLEN
    if len(maker.makers) + 1 >= LONGEST:
        return Flaw.TOO_LONG
    return meet(key, maker) or Flaw.EMPTY

"""The header that tells a caller that a budget of its calls comes near its end."""

from switchgear.domain.fact import Neared
from switchgear.ports.handler import Trail
from switchgear.surfaces.http.asgi import Headers

HEADER = b"x-switchgear-budget"


def notices(trail: Trail) -> Headers:
    """Return the fullest of the budgets that come near their end: whose, for how long, how full."""
    nearest = max(
        (fact for fact in trail.facts if type(fact) is Neared),
        key=lambda fact: fact.share,
        default=None,
    )
    if nearest is None:
        return []
    # Rounded down, so that only a budget that is full says 1.00.
    share = int(nearest.share * 100) / 100
    words = f"{nearest.payer.value} {nearest.window.value} {share:.2f}"
    return [(HEADER, words.encode())]

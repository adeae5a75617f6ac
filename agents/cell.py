"""One agent's run through the gateway, and whether it held."""

from typing import Literal

import msgspec

Verdict = Literal["held", "broken", "not installed"]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One run: an agent, what it speaks, and who answered."""

    agent: str
    version: str = ""
    wire: str
    """The dialect that the agent speaks."""
    target: str = ""
    """The dialect of the target that answered."""
    form: str = ""
    """``stream``, ``whole`` or ``both``: what the agent asked for."""
    verdict: Verdict
    calls: int = 0
    """Rows on the ledger."""
    fallbacks: int = 0
    """Attempts at the target that is down."""
    dropped: tuple[str, ...] = ()
    """Fields that the translation could not carry, as the ledger has them."""
    besides: tuple[str, ...] = ()
    """What the agent asked of the gateway beside calls."""
    outside: tuple[str, ...] = ()
    """Whom else the agent wanted to reach; nobody was reached."""
    seconds: float = 0.0
    note: str = ""
    """What was wrong."""

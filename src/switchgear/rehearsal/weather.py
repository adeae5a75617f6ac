"""Which models are struck for a while, whatever their name says."""

import msgspec

from switchgear.domain.units import Seconds

MOST = 1000
"""Models that may be struck at the same time."""


class Spell(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that strikes one model for a while."""

    model: str
    """The full name, with its scope."""
    fault: str = "503"
    for_s: float
    """Seconds from now; 0 ends it."""


class Weather:
    """The spells there are."""

    def __init__(self) -> None:
        """Start with fair weather."""
        self._spells: dict[str, tuple[str, Seconds]] = {}

    def change(self, spell: Spell, now: Seconds) -> None:
        """Begin a spell, instead of the one that the model had."""
        if len(self._spells) >= MOST:
            self._spells.clear()
        self._spells[spell.model] = (spell.fault, Seconds(now + spell.for_s))

    def of(self, model: str, now: Seconds) -> str:
        """Return the fault that strikes the model now, or what its name says."""
        fault, until = self._spells.get(model, ("", now))
        return fault if now < until else model

    def reset(self) -> None:
        """End all spells."""
        self._spells.clear()

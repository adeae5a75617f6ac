"""What each target was sent of late, so that second tries stay a small part of it."""

from switchgear.engine.allowance import Allowance, Limits, sent, spend
from switchgear.ports.clock import Clock

UNUSED = Allowance()


class Allowances:
    """One allowance for each target; they outlive a reload of the config."""

    def __init__(self, clock: Clock) -> None:
        """Start with nothing sent."""
        self._clock = clock
        self._allowances: dict[str, Allowance] = {}

    def sent(self, target: str) -> None:
        """Take note of one call to ``target``."""
        known = self._allowances.get(target, UNUSED)
        self._allowances[target] = sent(known, now=self._clock.now())

    def spend(self, target: str, limits: Limits) -> bool:
        """Take one second try out of the allowance; False when there is none left."""
        known = self._allowances.get(target, UNUSED)
        spent = spend(known, now=self._clock.now(), limits=limits)
        if spent is None:
            return False
        self._allowances[target] = spent
        return True

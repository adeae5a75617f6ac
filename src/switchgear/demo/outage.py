"""When a simulated provider fails, and how."""

from enum import Enum

import msgspec


class Failure(Enum):
    """What a failing provider does with a request."""

    ERROR = "error"
    """It answers 503."""
    CUT = "cut"
    """It breaks the connection off, half way through its answer."""
    HANG = "hang"
    """It takes the request and says nothing."""


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """A failure plan: calls ``first`` to ``last`` of a provider fail, counted from 1."""

    first: int
    last: int
    failure: Failure = Failure.ERROR

    def strikes(self, number: int) -> bool:
        """Whether call ``number`` fails."""
        return self.first <= number <= self.last


class Ambush:
    """Fails whichever provider is the first to get the errand's call after so many tool results.

    That provider then fails every later call of the errand, so somebody else has to end it. The
    routing is not known beforehand: this way the failure always hits the target in use.
    """

    def __init__(self, after: int, failure: Failure = Failure.ERROR) -> None:
        """Wait for the call that follows tool result number ``after``."""
        self._after = after
        self._failure = failure
        self.victim = ""
        """Name of the provider that was hit; empty until then."""

    def hit(self, provider: str, results: int) -> Failure | None:
        """Return how ``provider`` fails on a call of the errand with so many tool results."""
        if not self.victim and results == self._after:
            self.victim = provider
        return self._failure if provider == self.victim else None

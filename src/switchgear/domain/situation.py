"""All that is true now and may be different in a second."""

from enum import Enum

import msgspec
from typing_extensions import override

from switchgear.domain.units import Seconds, UnixMs


class Availability(Enum):
    """What traffic does at a target now."""

    ADMITTING = "admitting"
    REFUSING = "refusing"
    PROBING = "probing"


class Fault(Enum):
    """What is wrong with a target that is left alone."""

    LOST = "lost"
    """It cannot be reached, or its connections break."""
    FAILED = "failed"
    """It answers with server errors."""
    SILENT = "silent"
    """It says nothing for longer than we wait."""
    GARBLED = "garbled"
    """It sends what its own format does not allow."""
    SLOW = "slow"
    """It answers, but its first content takes far longer than usual."""
    BUSY = "busy"
    """It has no room for us (429), and is left alone for as long as it said."""
    SPENT = "spent"
    """It has told us that it takes nothing more from us until its limit is new."""
    DENIED = "denied"
    """It refuses our credential, quota or model: the owner's to mend."""


class Percentile(Enum):
    """Which latency a policy plans with; means lie, so there is none."""

    P50 = "p50"
    P95 = "p95"
    P99 = "p99"


class Latency(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Percentiles of one measure of one target, rounded to two digits so that equals compare."""

    p50: Seconds
    p95: Seconds
    p99: Seconds

    def at(self, percentile: Percentile) -> Seconds:
        """Return one of them."""
        return Seconds(getattr(self, percentile.value))


class Reading(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """How one target is."""

    availability: Availability = Availability.ADMITTING
    first_content: Latency | None = None
    """From sending to the first content; None until enough was seen."""
    token: Latency | None = None
    """For one output token after that; None until enough was seen."""
    in_flight: int = 0
    """Calls under way there: 0 for fewer than four, else rounded down to a power of two."""
    fault: Fault | None = None
    """Why it does not admit; None while it does."""
    until: UnixMs | None = None
    """When it will be probed, to the second; None unless it refuses."""
    known: bool = False
    """Enough of its answers were seen: it needs no exploring."""
    poor: tuple[str, ...] = ()
    """Routes on which its last answers were of no use, in order: there it rests."""
    halted: bool = False
    """The owner has stopped it by the kill switch."""


class Situation(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A snapshot, at most a quarter of a second old."""

    id: str = ""
    """Under which the ledger keeps it; empty when nothing is known of any target."""
    readings: dict[str, Reading] = {}
    """By target id; a target that is not there is well and unmeasured."""

    @override
    def __hash__(self) -> int:
        return hash(self.id)

"""What does not change while a call is on its way."""

import msgspec

from switchgear.domain.call import Call
from switchgear.domain.fact import Decided
from switchgear.domain.units import Seconds
from switchgear.engine.cascade import Ascent
from switchgear.engine.protection import Protection
from switchgear.pipeline.leave import Gate
from switchgear.ports.handler import Trail


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """One call, what was decided of it, and what holds for its answer."""

    call: Call
    trail: Trail
    decided: Decided
    protection: Protection
    gate: Gate
    until: Seconds
    """When the caller's time for the first content is up."""
    ascent: Ascent | None = None
    """When its answer goes up a tier; None for never."""

"""One request from an agent, in any dialect."""

import msgspec

from switchgear.domain.body import Body
from switchgear.domain.caller import Caller
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.mandate import NO_MANDATE, Mandate
from switchgear.domain.units import Seconds, UnixMs


class Call(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One call. It goes inward through the layers and never changes."""

    id: str
    """The decision id that all answers and records of the call carry."""
    body: Body
    endpoint: Endpoint = Endpoint.ANSWER
    """What is wanted."""
    caller: Caller = Caller()
    headers: tuple[tuple[str, str], ...] = ()
    """Lower-case names and values that belong to the dialect, for targets that speak it."""
    idempotency: str = ""
    """The caller's own key: calls that come with the same one have one answer. Empty for none."""
    at: UnixMs
    """When it arrived."""
    mandate: Mandate = NO_MANDATE
    """What its task demands; the layers of tasks fill it in."""
    began: Seconds
    """The same, on the monotonic clock."""

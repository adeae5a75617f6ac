"""What it takes to call one provider."""

import msgspec

from switchgear.adapters.upstreams.credential import Credential
from switchgear.adapters.upstreams.http1.origin import Origin
from switchgear.adapters.upstreams.http1.pool import Pool
from switchgear.adapters.upstreams.request import RequestHead
from switchgear.adapters.upstreams.veil import Veil
from switchgear.config.setup import Provider
from switchgear.domain.quirk import Quirks
from switchgear.ports.clock import Clock
from switchgear.ports.upstream import Endpoint
from switchgear.wire.tongue import Tongue


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to call one provider."""

    provider: Provider
    origin: Origin
    authority: str
    """Of its address, for the Host header."""
    pool: Pool
    tongue: Tongue
    heads: dict[Endpoint, RequestHead]
    quirks: dict[Endpoint, Quirks]
    clock: Clock
    veil: Veil
    credential: Credential | None = None
    """None where the head already has all that proves who calls."""

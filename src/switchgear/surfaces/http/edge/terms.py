"""What all connections of one server share: its app, its limits and its clock."""

from typing import Protocol

from switchgear.config.setup import Server
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.units import Seconds
from switchgear.ports.nursery import Nursery
from switchgear.surfaces.http.asgi import Application, Headers
from switchgear.surfaces.http.edge.head import MOST_HEADER_BYTES
from switchgear.surfaces.http.edge.watch import Watch

IDLE = Seconds(65.0)
"""Between two requests; longer than clients and balancers keep a connection (5 to 60 s), so that
it is they who close it, and no request meets a closing connection."""
LINGER = Seconds(2.0)
"""How long a client that is still sending may take to read a refusal and close."""
FRAMING_FACTOR = 2
"""A body may come with at most as many bytes of chunk framing as the largest body has."""


class Refuse(Protocol):
    """Writes the answer to a request that no app has seen."""

    def __call__(self, path: str, error: SwitchgearError) -> tuple[int, Headers, bytes]:
        """Return status, headers and body."""
        ...


class Terms:
    """What all connections of one server share."""

    __slots__ = ("app", "head", "idle", "linger", "most_fed", "nursery", "refuse", "stall", "watch")

    def __init__(self, app: Application, refuse: Refuse, limits: Server, nursery: Nursery) -> None:
        """Turn the limits into ticks."""
        self.app = app
        self.refuse = refuse
        self.nursery = nursery
        self.watch = Watch(min(limits.header_receipt, limits.reader_stall, LINGER))
        self.head = self.watch.ticks(limits.header_receipt)
        self.stall = self.watch.ticks(limits.reader_stall)
        self.idle = self.watch.ticks(IDLE)
        self.linger = self.watch.ticks(LINGER)
        self.most_fed = FRAMING_FACTOR * limits.max_body + MOST_HEADER_BYTES

"""Listen on a socket, and serve until told to stop."""

import socket
from collections.abc import Sequence
from typing import Protocol

import uvicorn
from uvicorn.server import ServerState

from switchgear.config.setup import Server
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.units import Seconds
from switchgear.ports.nursery import Nursery
from switchgear.surfaces.http.asgi import Headers, Receive, Scope, Send
from switchgear.surfaces.http.edge.connection import Connection
from switchgear.surfaces.http.edge.terms import Terms

BACKLOG = 2048
"""Connections that wait to be accepted."""
LAST_MOMENT = Seconds(1.0)
"""For answers that were cancelled at the end of the drain, to give back what they hold."""


class Site(Protocol):
    """An app that also words the refusals of requests it never sees."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        ...

    def refuse(self, path: str, error: SwitchgearError) -> tuple[int, Headers, bytes]:
        """Return status, headers and body of a refusal."""
        ...


def arrange(site: Site, server: Server, nursery: Nursery) -> uvicorn.Server:
    """Return the server, not yet listening; ``should_exit`` stops it."""
    terms = Terms(site, site.refuse, server, nursery)

    def connect(*, server_state: ServerState, **_others: object) -> Connection:
        return Connection(terms, server_state)

    config = uvicorn.Config(
        site,
        host=server.host,
        port=server.port,
        loop="uvloop",
        http=connect,  # type: ignore[arg-type]  # it is only ever called
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=max(1, round(server.drain)),
    )
    return uvicorn.Server(config)


def listen(server: Server) -> socket.socket:
    """Return a socket that listens where the config says.

    Raises:
        OSError: the address is taken, or not this machine's.
    """
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    return socket.create_server((server.host, server.port), family=family, backlog=BACKLOG)


async def serve(site: Site, server: Server, sockets: Sequence[socket.socket] = ()) -> None:
    """Serve until SIGINT or SIGTERM, then let the answers under way end within the drain.

    Raises:
        OSError: the address is taken, or not this machine's.
    """
    nursery = Nursery()
    try:
        await arrange(site, server, nursery).serve(list(sockets) or [listen(server)])
    finally:
        await nursery.aclose(LAST_MOMENT)

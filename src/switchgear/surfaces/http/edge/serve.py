"""Listen on a socket, and serve until told to stop."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import uvicorn
from typing_extensions import override
from uvicorn.server import ServerState

from switchgear.config.setup import Server
from switchgear.domain.errors import SwitchgearError
from switchgear.ports.nursery import Nursery
from switchgear.surfaces.http.asgi import Headers, Receive, Scope, Send
from switchgear.surfaces.http.edge.connection import Connection
from switchgear.surfaces.http.edge.farewell import LAST_MOMENT, Farewell
from switchgear.surfaces.http.edge.terms import Terms

BACKLOG = 2048
"""Connections that wait to be accepted."""
UNSENT = 32_768
"""Bytes that the kernel takes for a client which does not read; left alone it takes megabytes, and
whoever does not read is noticed that much later. Accepted connections inherit it."""


class Site(Protocol):
    """An app that also words the refusals of requests it never sees."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        ...

    def refuse(self, path: str, error: SwitchgearError) -> tuple[int, Headers, bytes]:
        """Return status, headers and body of a refusal."""
        ...


class Gate(uvicorn.Server):
    """Leaves the signals to whoever runs the process."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing."""
        yield


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
        timeout_graceful_shutdown=round(LAST_MOMENT),
    )
    return Gate(config)


def listen(server: Server, *, shared: bool = False) -> socket.socket:
    """Return a socket that listens where the config says; ``shared`` lets others do so beside it.

    Raises:
        OSError: the address is taken, or not this machine's.
    """
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    door = socket.create_server(
        (server.host, server.port), family=family, backlog=BACKLOG, reuse_port=shared
    )
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
    return door


async def serve(
    site: Site, server: Server, sockets: Sequence[socket.socket], farewell: Farewell
) -> None:
    """Serve until the farewell is asked for, then let the answers under way end."""
    nursery = Nursery()
    gate = arrange(site, server, nursery)
    try:
        async with asyncio.TaskGroup() as tasks:
            leaving = tasks.create_task(farewell.see_off(gate, server.drain))
            await gate.serve(list(sockets))
            leaving.cancel()
    finally:
        await nursery.aclose(LAST_MOMENT)

"""A gateway in this process, on a socket of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from uvicorn.server import ServerState

from switchgear.config.setup import Setup
from switchgear.domain.units import Seconds
from switchgear.ports.nursery import Nursery
from switchgear.running import Running, Source
from switchgear.surfaces.http.edge.connection import Connection
from switchgear.surfaces.http.edge.terms import Terms

LAST_MOMENT = Seconds(1.0)
"""For answers that were broken off to give back what they hold."""


class Stand:
    """A gateway that stands."""

    def __init__(self, running: Running, port: int) -> None:
        """Know where it listens."""
        self.running = running
        self.port = port


@asynccontextmanager
async def standing(setup: Setup) -> AsyncIterator[Stand]:
    """Yield a gateway with this setup; nothing outlives it.

    Raises:
        ConfigError: the setup cannot be put to use.
    """
    running = Running(Source.of({}, {}))
    await running.start(setup)
    nursery, state = Nursery(), ServerState()
    terms = Terms(running.asgi, running.asgi.refuse, setup.server, nursery)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(terms, state), "127.0.0.1", 0)
    try:
        yield Stand(running, server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for each in list(state.connections):
            each.shutdown()
        await nursery.aclose(LAST_MOMENT)
        await running.aclose()

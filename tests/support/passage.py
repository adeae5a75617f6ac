"""A gateway in front of one provider of what is passed through."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anthropic
import httpx
import openai

from support.passing import Provider
from switchgear.domain.entry import Entry
from switchgear.domain.units import Seconds
from switchgear.ports.ledger import Query
from switchgear.ports.nursery import Nursery
from switchgear.running import Running, Source
from switchgear.surfaces.http.edge.serve import arrange

SECRET = "sk-provider-secret"
OPENAI_KINDS = ("files", "batches", "vector_stores", "audio", "images", "moderations")
MESSAGE_KINDS = ("message_batches", "message_files")


class Place:
    """A gateway in front of one provider that speaks both ways."""

    def __init__(self, provider: Provider, running: Running, port: int) -> None:
        self.provider = provider
        self.running = running
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.openai = openai.AsyncOpenAI(base_url=f"{self.url}/v1", api_key="k", max_retries=0)
        self.anthropic = anthropic.AsyncAnthropic(base_url=self.url, api_key="k", max_retries=0)
        self.http = httpx.AsyncClient(base_url=self.url, headers={"authorization": "Bearer k"})

    async def first_row(self) -> None:
        """Return when there is one."""
        for _ in range(200):
            if await self.rows():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("nobody wrote a row")

    async def rows(self) -> list[Entry]:
        return list(await self.running.house.outside.ledger.list(Query()))[::-1]


def target(provider: str, **more: object) -> dict[str, object]:
    price = {"input_usd": 1, "output_usd": 4}
    fields = {"provider": provider, "model": f"model-{provider}", "window": 9_000, "price": price}
    return {**fields, "capabilities": ["passthrough"], "region": "eu", **more}


def config(port: int, **more: Any) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}/v1"
    return {
        "providers": {
            "o": {"dialect": "openai-chat", "base_url": url, "api_key": SECRET},
            "a": {"dialect": "anthropic-messages", "base_url": url, "api_key": SECRET},
        },
        "targets": {
            "ours": target("o"),
            "claude": target("a"),
            "far": target("o", region="us", model="far-model"),
            "chat": target("o", capabilities=["streaming"], tier="small"),
        },
        "aliases": {"auto": {"targets": ["chat"]}, "more": {"targets": ["far", "ours", "claude"]}},
        "passthrough": {
            **dict.fromkeys(OPENAI_KINDS, "ours"),
            **dict.fromkeys(MESSAGE_KINDS, "claude"),
        },
        "ledger": {"path": ":memory:"},
        "keys": [{"id": "all", "secret": "k"}],
        **more,
    }


@asynccontextmanager
async def place(**more: Any) -> AsyncIterator[Place]:
    provider = Provider()
    await provider.start()
    running = Running(Source.of(config(provider.port, **more), {}))
    await running.start()
    door = socket.create_server(("127.0.0.1", 0))
    nursery = Nursery()
    gate = arrange(running.asgi, running.current().server, nursery)
    serving = asyncio.get_running_loop().create_task(gate.serve([door]))
    found = Place(provider, running, door.getsockname()[1])
    try:
        yield found
    finally:
        await found.openai.close()
        await found.anthropic.close()
        await found.http.aclose()
        gate.should_exit = True
        await serving
        await nursery.aclose(Seconds(1.0))
        await running.aclose()
        await provider.stop()


def play(scene: Callable[[Place], Awaitable[None]], **more: Any) -> list[Entry]:
    async def life() -> list[Entry]:
        async with place(**more) as found:
            async with asyncio.timeout(15):
                await scene(found)
            return await found.rows()

    return asyncio.run(life())

"""One exchange to be: a gateway of its own, the providers behind it, and a caller before it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import msgspec
from parity.cell import require
from parity.client import KEY, ROOTS, Clients, Seen
from parity.column import Column
from parity.provider import Provider, Scene, says

from switchgear.config.read import read_setup
from switchgear.config.setup import Setup
from switchgear.domain.attempt import Attempt
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import UseModel
from switchgear.domain.entry import Entry
from switchgear.domain.turn import Conversation
from switchgear.domain.units import UnixMs
from switchgear.ports.ledger import Query
from switchgear.rehearsal.stand import Stand, standing
from switchgear.wire.carriage import MODELS
from switchgear.wire.registry import TONGUES
from switchgear.wire.utterance import ended

ALIAS = "auto"
NOWHERE = "http://127.0.0.1:9/v1"
"""Until the provider's address is known."""
NOW = UnixMs(1_760_000_000_000)
PROOF: dict[Dialect, dict[str, Any]] = {
    Dialect.BEDROCK_CONVERSE: {
        "service": "bedrock",
        "aws": {
            "region": "eu-central-1",
            "access_key_id": "AKIDEXAMPLE",
            "secret_access_key": "not-a-secret",
        },
    },
}
"""What a provider is told besides, that cannot be called without."""
PATIENCE = {"connect_s": 10, "first_s": 30, "between_s": 30, "whole_s": 60, "call_s": 60}
ABLE = ["tools", "streaming", "images", "documents", "json_schema", "thinking"]
SECOND = "t1"
ENOUGH_S = 15.0
"""For whatever is sure to come."""

_numbers = itertools.count()


class Stage:
    """What an act of the matrix has to hand."""

    def __init__(self, column: Column, provider: Provider, clients: Clients) -> None:
        """Prepare for this column."""
        self.column = column
        self.clients = clients
        self.notes: list[str] = []
        self._provider = provider
        self.scenes: list[Scene] = []
        self.stand: Stand

    @property
    def scene(self) -> Scene:
        """Of the first target."""
        return self.scenes[0]

    def note(self, what: str) -> None:
        """Let the cell say this."""
        if what not in self.notes:
            self.notes.append(what)

    @asynccontextmanager
    async def gateway(
        self, targets: int = 1, target: Mapping[str, Any] | None = None, **more: object
    ) -> AsyncIterator[Stand]:
        """Yield a gateway with so many targets, each at a provider of its own."""
        staged = [
            self._provider.stage(f"s{next(_numbers)}", self.column.target) for _ in range(targets)
        ]
        self.scenes = [scene for scene, _ in staged]
        for scene in self.scenes:
            scene.play(says(ended()))
        made = config([self.column.target] * targets, target or {}, more)
        setup = moved(read(msgspec.json.encode(made)), [url for _, url in staged])
        async with standing(setup) as self.stand:
            yield self.stand

    def body(self, asked: Conversation, **more: object) -> bytes:
        """Return a request of the caller's, as it writes this."""
        asked = msgspec.structs.replace(
            asked, stream=self.column.streams, wants_usage=self.column.streams
        )
        voices = MODELS[self.column.caller]
        ours = asked.model in voices
        model = UseModel(asked.model if ours else voices[0])
        raw, _ = TONGUES[self.column.caller].write(asked, (model,))
        told = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        told["model"] = msgspec.Raw(msgspec.json.encode(ALIAS if ours else asked.model))
        told |= {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in more.items()}
        return msgspec.json.encode(told)

    async def ask(
        self, asked: Conversation | bytes, headers: Mapping[str, str] | None = None, **more: object
    ) -> Seen:
        """Make a call; an SDK that cannot read the answer breaks the cell."""
        body = asked if isinstance(asked, bytes) else self.body(asked, **more)
        async with asyncio.timeout(ENOUGH_S * 4):
            seen = await self.clients.ask(self.stand.port, self.column, body, headers)
        require(not seen.twisted, f"the SDK's types do not allow: {seen.twisted}")
        return seen

    async def good(
        self, asked: Conversation | bytes, headers: Mapping[str, str] | None = None, **more: object
    ) -> Seen:
        """Make a call that is to be answered."""
        seen = await self.ask(asked, headers, **more)
        require(not seen.error, f"{seen.status} {seen.error}: {str(seen.body)[:200]}")
        return seen

    async def entries(self) -> Sequence[Entry]:
        """Return what is on the ledger, the newest first."""
        return await self.stand.running.house.outside.ledger.list(Query())

    async def attempts(self) -> Sequence[Attempt]:
        """Return the attempts at the newest call."""
        found = await self.entries()
        require(found, "nothing is on the ledger")
        return found[0].attempts

    async def raw(self, method: str, path: str, body: bytes, **headers: str) -> tuple[int, Any]:
        """Make a request of any kind; return its status and its JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = await self.clients.http.request(
            method,
            f"http://127.0.0.1:{self.stand.port}{path}",
            content=body,
            headers={"content-type": "application/json", "x-api-key": KEY, **named},
        )
        return response.status_code, response.json()

    @asynccontextmanager
    async def line(self, body: bytes) -> AsyncIterator[asyncio.StreamReader]:
        """Yield the answer to a request, and leave without a word at the end of the block."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.stand.port)
        path = ROOTS[self.column.caller]
        lines = [f"POST {path} HTTP/1.1", "host: gateway", "content-type: application/json"]
        lines += [f"x-api-key: {KEY}", f"content-length: {len(body)}"]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        try:
            yield reader
        finally:
            writer.transport.abort()


@lru_cache
def read(config: bytes) -> Setup:
    """Return what a config comes to; most are alike but for the addresses."""
    return read_setup(config, {}, NOW).setup


def moved(setup: Setup, urls: Sequence[str]) -> Setup:
    """Return a setup with its providers at these addresses."""
    there = {
        each.id: msgspec.structs.replace(each, base_url=url)
        for each, url in zip(setup.providers.values(), urls, strict=True)
    }
    return msgspec.structs.replace(setup, providers=there)


def config(
    dialects: Sequence[Dialect], target: Mapping[str, Any], more: Mapping[str, object]
) -> dict[str, Any]:
    """Return a config whose plan is a target for each of these, in order."""
    names = [f"t{number}" for number in range(len(dialects))]
    spoken = dict(zip(names, dialects, strict=True))
    providers = {
        name: {"dialect": each.value, "base_url": NOWHERE, **PROOF.get(each, {})}
        for name, each in spoken.items()
    }
    targets = {
        name: {
            "provider": name,
            "model": MODELS[spoken[name]][0],
            "tier": "small",
            "window": 200_000 * (number + 1),
            "max_output": 64_000,
            "quality": round(0.9 + number / 100, 2),
            "price": {"input_usd": number + 1, "output_usd": number + 1},
            "capabilities": ABLE,
            "first_content_s": 0.05,
            "token_s": 0.001,
            **target,
        }
        for number, name in enumerate(names)
    }
    return {
        "providers": providers,
        "targets": targets,
        "aliases": {ALIAS: {"targets": names}},
        "ledger": {"path": ":memory:"},
        "patience": PATIENCE,
        "keys": [{"id": "parity", "secret": KEY}],
        **more,
    }

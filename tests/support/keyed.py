"""A gateway in process with a key for every role; what it serves is a sum."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2

from switchgear.domain.caller import Key
from switchgear.domain.entry import Entry
from switchgear.domain.units import UnixMs
from switchgear.ports.keyring import Kept
from switchgear.ports.ledger import Query
from switchgear.running import Running, Source

SUM = {"model": "auto", "messages": [{"role": "user", "content": "2+3"}]}
DECLARED = [
    {"id": "root", "secret": "s-root", "rights": ["admin"]},
    {"id": "acme", "secret": "s-acme", "rights": ["admin"], "tenant": "acme"},
    {"id": "other", "secret": "s-other", "rights": ["admin"], "tenant": "other"},
    {"id": "meter", "secret": "s-meter", "rights": ["metrics"]},
    {"id": "plain", "secret": "s-plain"},
    {"id": "narrow", "secret": "s-narrow", "endpoints": ["embed"]},
]
CONFIG: dict[str, Any] = {
    "targets": {
        "calc": {
            "kind": "tool",
            "tool": {
                "function": "arithmetic",
                "arguments": {"pattern": r"(?P<expression>\d+\s*[+*]\s*\d+)"},
            },
        },
    },
    "aliases": {"auto": {"targets": ["calc"]}, "talk": {"targets": ["calc"]}},
    "keys": DECLARED,
    "ledger": {"path": ":memory:"},
}
ENDED = ("expired", "revoked")


class Keyed:
    """The gateway, and a way to ask it."""

    def __init__(self, running: Running) -> None:
        self.running = running
        transport = httpx2.ASGITransport(app=running.asgi)
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://gateway")

    async def ask(
        self, method: str, path: str, secret: str | None, body: object = None, **headers: str
    ) -> httpx2.Response:
        proof = {} if secret is None else {"authorization": f"Bearer {secret}"}
        content = {} if body is None else {"json": body}
        return await self.http.request(method, path, headers={**proof, **headers}, **content)  # type: ignore[arg-type]  # as above

    async def calc(self, secret: str | None) -> httpx2.Response:
        """Ask for a sum."""
        return await self.ask("POST", "/v1/chat/completions", secret, SUM)

    async def rows(self) -> tuple[Entry, ...]:
        return await self.running.house.outside.ledger.list(Query(limit=1000))


@asynccontextmanager
async def keyed(
    ledger: Path | None = None, ended: tuple[str, ...] = ENDED, **more: Any
) -> AsyncIterator[Keyed]:
    """Yield a gateway with the declared keys, and one that has ended and one that was revoked."""
    book = {} if ledger is None else {"ledger": {"path": str(ledger)}}
    running = Running(Source.of({**CONFIG, **book, **more}, {}))
    await running.start()
    keyring = running.house.outside.keyring
    for name in ended:
        digest = sha256(f"s-{name}".encode()).hexdigest()
        end = UnixMs(1) if name == "expired" else None
        gone = UnixMs(1) if name == "revoked" else None
        await keyring.add(Kept(key=Key(id=name, until=end), digests=(digest,), revoked=gone))
    await running.house.ring.refresh()
    found = Keyed(running)
    try:
        yield found
    finally:
        await found.http.aclose()
        await running.aclose()

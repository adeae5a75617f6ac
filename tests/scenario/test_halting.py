"""The kill switch over sockets: what the target, the caller and the ledger see of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from support.town import Respond, Town, streaming, town
from support.words import frame
from switchgear.adapters.halts.file import FileBoard
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.domain.dialect import Dialect
from switchgear.domain.halt import Halt, Halted
from switchgear.domain.units import UnixMs

OWNER, ADMIN, PLAIN, OTHER = "owner-key-0001", "admin-key-0001", "plain-key-0001", "other-key-0001"
KEYS = [
    {"id": "owner", "secret": OWNER, "rights": ["admin"]},
    {"id": "admin", "secret": ADMIN, "rights": ["admin"], "tenant": "acme"},
    {"id": "plain", "secret": PLAIN, "tenant": "acme"},
    {"id": "other", "secret": OTHER, "tenant": "other"},
]
CHAT, MESSAGES, FILES = "/v1/chat/completions", "/v1/messages", "/v1/files"
MANY = 2000
LOOKS, PAUSE_S = 500, 0.01
TRICKLE = streaming(*[frame(f"w{number} ") for number in range(MANY)], pause=0.005)
Host = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Scene = Callable[[Town, httpx2.AsyncClient], Awaitable[None]]


def play(scene: Scene, file: Path, respond: Respond = TRICKLE, swallow: Host | None = None) -> None:
    async def life() -> None:
        extra: dict[str, object] = {
            "keys": KEYS,
            "halts": {"path": str(file)},
            "passthrough": {"files": "far"},
        }
        if swallow is not None:
            server = await asyncio.start_server(swallow, "127.0.0.1", 0)
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            extra["providers"] = {"far": {"dialect": "openai-chat", "base_url": url}}
        async with (
            town({"far": (Dialect.OPENAI_CHAT, respond)}, extra) as place,
            httpx2.AsyncClient(base_url=place.url, timeout=20) as client,
        ):
            await scene(place, client)
        if swallow is not None:
            server.close()

    asyncio.run(life())


def body(path: str, *, stream: bool = True) -> dict[str, object]:
    fixed = {"model": "far", "stream": stream, "messages": [{"role": "user", "content": "hi"}]}
    return {**fixed, "max_tokens": 9} if path == MESSAGES else fixed


def proof(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


async def drip(_: bytes, writer: asyncio.StreamWriter) -> None:
    """Give a whole answer, so slowly that it never comes to its end."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999\r\n\r\n"
    writer.write(head)
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(PAUSE_S)


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(LOOKS):
        if holds():
            return
        await asyncio.sleep(PAUSE_S)
    raise AssertionError("it never came to that")


@asynccontextmanager
async def begun(
    client: httpx2.AsyncClient, path: str, secret: str = PLAIN
) -> AsyncIterator[AsyncIterator[bytes]]:
    async with client.stream("POST", path, json=body(path), headers=proof(secret)) as answer:
        assert answer.status_code == 200
        parts = answer.aiter_bytes()
        await anext(parts)
        yield parts


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_a_stream_that_is_stopped_ends_with_one_error_and_its_targets_connection_is_closed(
    path: str, tmp_path: Path
) -> None:
    async def scene(place: Town, client: httpx2.AsyncClient) -> None:
        async with begun(client, path) as parts, begun(client, path, OTHER) as others:
            FileBoard(tmp_path / "h.json").write([Halt(kind=Halted.TENANT, name="acme")])
            rest = b"".join([each async for each in parts])
            assert rest.count(b"kill switch") == 1
            assert b"[DONE]" not in rest
            assert b"message_stop" not in rest
            assert b'"finish_reason":"stop"' not in rest
            await until(lambda: place.houses["far"].left == 1)
            await anext(others)  # nobody else is troubled
        answer = await client.post(path, json=body(path), headers=proof(PLAIN))
        assert answer.status_code == 403
        assert answer.headers["x-should-retry"] == "false"
        assert len(place.houses["far"].bodies) == 2
        ledger = place.running.house.outside.ledger
        assert isinstance(ledger, MemoryLedger)
        await until(lambda: len(ledger.entries) == 3)
        codes = sorted(each.code for each in ledger.entries.values())
        assert codes == ["client_left", "stopped", "stopped"]

    play(scene, tmp_path / "h.json")


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_a_whole_answer_that_is_waited_for_ends_at_once_with_403(path: str, tmp_path: Path) -> None:
    async def scene(place: Town, client: httpx2.AsyncClient) -> None:
        wanted = client.post(path, json=body(path, stream=False), headers=proof(PLAIN))
        async with asyncio.TaskGroup() as group:
            task = group.create_task(wanted)
            await until(lambda: len(place.houses["far"].bodies) == 1)
            said = await client.post("/admin/halts", json=AGENTLESS, headers=proof(OWNER))
            assert said.status_code == 200
            assert said.json()["posted"]
        assert task.result().status_code == 403
        assert task.result().headers["x-should-retry"] == "false"
        await until(lambda: place.houses["far"].left == 1)
        assert len(place.houses["far"].bodies) == 1

    play(scene, tmp_path / "h.json", drip)


NOT_THEIRS = (
    {"kind": "everything"},
    {"kind": "target", "name": "far"},
    {"kind": "tenant", "name": "other"},
    {"kind": "key", "name": "other", "tenant": "other"},
)
AGENTLESS = {"kind": "key", "name": "plain", "note": "it runs wild"}


def test_an_upload_that_is_passed_through_is_cut_in_its_middle(tmp_path: Path) -> None:
    seen, gone = bytearray(), asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(65_536):
            seen.extend(part)
        gone.set()
        writer.close()

    async def scene(_: Town, client: httpx2.AsyncClient) -> None:
        more = asyncio.Event()

        async def parts() -> AsyncIterator[bytes]:
            yield b"first part"
            await more.wait()
            yield b"second part"

        async with asyncio.TaskGroup() as group:
            headers = {**proof(PLAIN), "content-type": "multipart/form-data; boundary=x"}
            task = group.create_task(client.post(FILES, content=parts(), headers=headers))
            await until(lambda: b"first part" in seen)
            FileBoard(tmp_path / "h.json").write([Halt(kind=Halted.EVERYTHING)])
            await until(gone.is_set)
            more.set()
        assert task.result().status_code == 403
        assert b"second part" not in seen

    play(scene, tmp_path / "h.json", swallow=swallow)


def test_an_admin_of_a_tenant_stops_what_is_the_tenants_and_nothing_else(tmp_path: Path) -> None:
    async def scene(place: Town, client: httpx2.AsyncClient) -> None:
        async def halt(secret: str, **words: str) -> int:
            answer = await client.post("/admin/halts", json=words, headers=proof(secret))
            return answer.status_code

        async def resume(secret: str, **words: str) -> int:
            answer = await client.delete("/admin/halts", params=words, headers=proof(secret))
            return answer.status_code

        async def listed(secret: str) -> set[tuple[str, str]]:
            answer = await client.get("/admin/halts", headers=proof(secret))
            return {(each["kind"], each["name"]) for each in answer.json()["data"]}

        async def served(secret: str, agent: str = "scraper") -> bool:
            named = {**proof(secret), "x-switchgear-agent": agent}
            async with client.stream("POST", CHAT, json=body(CHAT), headers=named) as answer:
                return answer.status_code == 200

        assert [await halt(ADMIN, **each) for each in NOT_THEIRS] == [403] * len(NOT_THEIRS)
        assert await halt(PLAIN, kind="everything") == 403
        assert await halt(ADMIN, kind="agent", name="scraper") == 200
        assert await halt(ADMIN, kind="key", name="other") == 200
        assert [await served(PLAIN), await served(OTHER), await served(PLAIN, "x")] == [
            False,
            True,
            True,
        ]
        assert await halt(OWNER, kind="tenant", name="acme") == 200
        assert await halt(OWNER, kind="target", name="near") == 200
        assert await listed(ADMIN) == {("agent", "scraper"), ("key", "other"), ("tenant", "acme")}
        assert len(await listed(OWNER)) == 4
        assert await resume(ADMIN, kind="tenant", name="acme") == 404  # that was the owner's word
        assert not await served(PLAIN, "x")
        assert await resume(OWNER, kind="tenant", name="acme") == 200
        assert await served(PLAIN, "x")
        assert await resume(ADMIN, kind="agent", name="scraper") == 200
        assert await served(PLAIN)
        assert place.running.house.killswitch.blind == ""

    play(scene, tmp_path / "h.json")


def test_what_is_stopped_stays_so_after_a_restart_by_the_file_alone(tmp_path: Path) -> None:
    async def stopped(_: Town, client: httpx2.AsyncClient) -> None:
        answer = await client.post(CHAT, json=body(CHAT), headers=proof(OWNER))
        assert answer.status_code == 403

    async def scene(_: Town, client: httpx2.AsyncClient) -> None:
        await client.post("/admin/halts", json={"kind": "everything"}, headers=proof(OWNER))

    play(scene, tmp_path / "h.json")
    play(stopped, tmp_path / "h.json")
    later = [Halt(kind=Halted.EVERYTHING, on=False, at=UnixMs(1 << 42))]
    FileBoard(tmp_path / "h.json").write(later)

    async def served(_: Town, client: httpx2.AsyncClient) -> None:
        async with begun(client, CHAT):
            pass

    play(served, tmp_path / "h.json")

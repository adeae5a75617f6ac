"""What is passed through, over sockets, with the official clients."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anthropic
import httpx
import msgspec
import openai
import pytest

from support.passing import BETA_FILE, SPEECH, Provider
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.entry import End, Entry
from switchgear.domain.units import NanoUsd, Seconds
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


def test_openais_client_handles_files_and_batches() -> None:
    async def scene(at: Place) -> None:
        made = await at.openai.files.create(file=("a.txt", b"a\0b"), purpose="batch")
        assert made.id == "file-1"
        assert b'filename="a.txt"' in at.provider.bodies[0]
        assert b"a\0b" in at.provider.bodies[0]
        assert [each.id async for each in at.openai.files.list(limit=2)] == ["file-1"]
        assert b"GET /v1/files?limit=2 HTTP/1.1" in at.provider.heads[1]
        content = await at.openai.files.content("file-1")
        assert content.content == b"a\0b"
        assert content.response.headers["x-content-type-options"] == "nosniff"
        assert content.response.headers["x-switchgear-target"] == "ours"
        assert (await at.openai.files.delete("file-1")).deleted
        batch = await at.openai.batches.create(
            input_file_id="file-1", endpoint="/v1/chat/completions", completion_window="24h"
        )
        assert (await at.openai.batches.retrieve(batch.id)).usage is not None
        assert (await at.openai.batches.cancel(batch.id)).id == batch.id
        for head in at.provider.heads:
            assert f"authorization: Bearer {SECRET}\r\n".encode() in head
            assert b"Bearer k" not in head

    rows = play(scene)
    kinds = [row.endpoint for row in rows]
    assert kinds == [Endpoint.FILES] * 4 + [Endpoint.BATCHES] * 3
    assert all((row.end, row.status, row.key) == (End.ANSWERED, 200, "all") for row in rows)
    assert (rows[0].bytes_in, rows[2].bytes_out) == (len(rows) and rows[0].bytes_in, 3)
    assert rows[0].bytes_in > 100
    assert all(row.cost == 0 and row.digest == "" for row in rows)


def test_openais_client_speaks_listens_draws_and_moderates() -> None:
    async def scene(at: Place) -> None:
        spoken = b""
        async with at.openai.audio.speech.with_streaming_response.create(
            model="tts", voice="alloy", input="hi"
        ) as answer:
            async for part in answer.iter_bytes():
                spoken += part
        assert spoken == b"".join(SPEECH)
        heard = await at.openai.audio.transcriptions.create(model="ours", file=("a.mp3", b"\xff"))
        assert heard.text == "hello"
        drawn = await at.openai.images.generate(model="ours", prompt="a cat")
        assert drawn.data is not None
        assert drawn.data[0].b64_json == "QUJD"
        assert msgspec.json.decode(at.provider.bodies[2])["model"] == "model-o"
        assert (await at.openai.moderations.create(input="hi")).id == "modr-1"

    rows = play(scene)
    assert [row.endpoint.value for row in rows] == ["audio", "audio", "images", "moderations"]
    assert [row.model for row in rows] == ["tts", "", "ours", ""]
    assert rows[2].cost == NanoUsd(10 * 1_000 + 100 * 4_000)
    assert rows[0].bytes_out == len(b"".join(SPEECH))


def test_anthropics_client_handles_batches_and_files() -> None:
    async def scene(at: Place) -> None:
        batches = at.anthropic.messages.batches
        params: Any = {
            "model": "m",
            "max_tokens": 9,
            "messages": [{"role": "user", "content": "x"}],
        }
        made = await batches.create(requests=[{"custom_id": "one", "params": params}])
        results = [each async for each in await batches.results(made.id)]
        assert [each.custom_id for each in results] == ["one"]
        assert b"GET /v1/messages/batches/msgbatch_1/results " in at.provider.heads[-1]
        files = at.anthropic.beta.files
        assert (await files.upload(file=("a.txt", b"abc"))).id == BETA_FILE["id"]
        assert [each.id async for each in files.list()] == [BETA_FILE["id"]]
        for head in at.provider.heads:
            assert f"x-api-key: {SECRET}\r\n".encode() in head
            assert b"anthropic-version: " in head

    rows = play(scene)
    assert [row.endpoint.value for row in rows] == ["message_batches"] * 3 + ["message_files"] * 2


def test_fifty_megabytes_go_by_and_no_more_is_held_than_the_sockets_take() -> None:
    size, part = 50_000_000, 50_000

    async def scene(at: Place) -> None:
        at.provider.keeps = False
        at.provider.held.clear()
        given = 0

        async def parts() -> AsyncIterator[bytes]:
            nonlocal given
            for _ in range(size // part):
                given += part
                yield bytes(part)

        kind = {"content-type": "multipart/form-data; boundary=x", "content-length": str(size)}
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(at.http.post("/v1/files", content=parts(), headers=kind))
            before = -1
            while before != given or not given:  # until nobody takes any more
                before = given
                await asyncio.sleep(0.3)
            assert part < given < size / 4
            at.provider.held.set()
            assert (await sending).status_code == 200
        assert at.provider.sizes == [size]

    (row,) = play(scene)
    assert (row.bytes_in, row.end) == (size, End.ANSWERED)


def test_a_body_of_unknown_length_goes_by_too() -> None:
    async def scene(at: Place) -> None:
        async def parts() -> AsyncIterator[bytes]:
            for letter in (b"a", b"b" * 70_000, b"c"):
                yield letter

        kind = {"content-type": "multipart/form-data; boundary=x"}
        assert (await at.http.post("/v1/files", content=parts(), headers=kind)).status_code == 200
        assert at.provider.bodies == [b"a" + b"b" * 70_000 + b"c"]

    play(scene)


@pytest.mark.parametrize("told", [True, False])
def test_a_body_over_the_limit_is_refused(told: bool) -> None:  # noqa: FBT001  (a parameter)
    async def scene(at: Place) -> None:
        async def parts() -> AsyncIterator[bytes]:
            for _ in range(30):
                yield bytes(50_000)

        kind = {"content-type": "multipart/form-data; boundary=x"}
        more = {"content-length": "1500000"} if told else {}
        answer = await at.http.post("/v1/files", content=parts(), headers={**kind, **more})
        assert answer.status_code == 413
        assert answer.json()["error"]["code"] == "body_too_large"

    more = {"passthrough": {"files": "ours", "max_body_mb": 1}}
    assert [row.code for row in play(scene, **more)] == ["body_too_large"]


def test_a_client_that_leaves_takes_the_provider_along() -> None:
    async def scene(at: Place) -> None:
        at.provider.halting = True
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
        body = b'{"input":"hi"}'
        writer.write(
            b"POST /v1/audio/speech HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\n"
            b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
        )
        await reader.readuntil(SPEECH[0])
        writer.close()
        async with asyncio.timeout(2):
            await at.provider.left.wait()
        await at.first_row()

    rows = play(scene)
    assert [(row.end, row.bytes_in, row.bytes_out) for row in rows] == [(End.LEFT, 14, 1000)]


def test_a_client_that_leaves_while_it_sends_is_on_the_ledger_too() -> None:
    async def scene(at: Place) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", at.port)
        writer.write(
            b"POST /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\n"
            b"content-type: multipart/form-data; boundary=x\r\ncontent-length: 9000\r\n\r\nabc"
        )
        await at.provider.asked.wait()
        writer.close()
        async with asyncio.timeout(2):
            await at.provider.left.wait()
        await at.first_row()

    rows = play(scene)
    assert [(row.end, row.bytes_in) for row in rows] == [(End.LEFT, 3)]


@pytest.mark.parametrize(
    ("status", "seen", "code"),
    [
        (404, 404, "None"),
        (400, 400, "None"),
        (401, 502, "upstream_denied"),
        (500, 502, "upstream_failed"),
    ],
)
def test_what_the_provider_refuses_is_told_but_what_is_ours_to_mend_is_not(
    status: int, seen: int, code: str
) -> None:
    async def scene(at: Place) -> None:
        at.provider.status = status
        with pytest.raises(openai.APIStatusError) as caught:
            await at.openai.files.retrieve("file-9")
        assert caught.value.status_code == seen
        assert str(caught.value.code) == code
        assert (SECRET in caught.value.response.text) is (code == "None")
        assert len(at.provider.heads) == 1

    (row,) = play(scene)
    assert (row.status, row.attempts[0].status) == (seen, status)


def test_who_cannot_be_reached_is_a_502_and_is_not_tried_again() -> None:
    async def scene(at: Place) -> None:
        await at.provider.stop()
        with pytest.raises(openai.InternalServerError) as caught:
            await at.openai.files.create(file=b"abc", purpose="batch")
        assert caught.value.code == "upstream_unreachable"

    (row,) = play(scene)
    assert (row.status, len(row.attempts)) == (502, 1)


KEYS = [
    {"id": "none", "secret": "chat-only", "models": ["auto"]},
    {"id": "elsewhere", "secret": "other-target", "targets": ["chat"]},
    {"id": "us", "secret": "other-region", "regions": ["us"]},
    {"id": "secretive", "secret": "too-delicate", "sensitivity": "restricted"},
]
PATHS = [
    ("GET", "/v1/files"),
    ("GET", "/v1/files/file-1/content"),
    ("DELETE", "/v1/files/file-1"),
    ("POST", "/v1/uploads"),
    ("POST", "/v1/batches"),
    ("GET", "/v1/vector_stores/vs_1"),
    ("POST", "/v1/audio/speech"),
    ("POST", "/v1/images/generations"),
    ("POST", "/v1/moderations"),
    ("POST", "/v1/messages/batches"),
]


def test_nothing_passes_without_a_key_or_with_one_that_was_not_given_the_target() -> None:
    async def scene(at: Place) -> None:
        for method, path in PATHS:
            for secret, status in (
                ("", 401),
                ("wrong", 401),
                ("chat-only", 403),
                ("other-target", 403),
                ("other-region", 503),
                ("too-delicate", 503),
            ):
                headers = {"authorization": f"Bearer {secret or 'nothing'}"}
                found = await at.http.request(method, path, headers=headers)
                assert found.status_code == status, (path, secret, found.text)
                assert "x-switchgear-decision" in found.headers
                named = {**headers, "x-switchgear-target": "far"}
                if secret in {"chat-only", "other-target"}:
                    found = await at.http.request(method, path, headers=named)
                    assert found.status_code in {400, 403}, (path, secret, found.text)
        assert not at.provider.heads

    rows = play(scene, keys=KEYS)
    assert {row.key for row in rows} == {"none", "elsewhere", "us", "secretive"}


def test_what_is_not_in_the_config_says_what_to_write() -> None:
    async def scene(at: Place) -> None:
        for path in ("/v1/files", "/v1/batches/x", "/v1/audio/speech"):
            found = await at.http.post(path, headers={"x-switchgear-target": "ours"})
            assert found.status_code == 404
            assert found.json()["error"]["code"] == "not_passed_through"
            assert "passthrough: {" in found.json()["error"]["message"]
        found = await at.http.get("/v1/realtime")
        assert (found.status_code, found.json()["error"]["code"]) == (404, "not_passed_through")
        upgrade = {"connection": "upgrade", "upgrade": "websocket"}
        found = await at.http.get("/v1/realtime?model=x", headers=upgrade)
        assert (found.status_code, found.json()["error"]["code"]) == (404, "not_passed_through")

    rows = play(scene, passthrough={})
    assert [row.code for row in rows] == ["not_passed_through"] * 3


def test_a_caller_names_another_target_by_header_or_by_model() -> None:
    async def scene(at: Place) -> None:
        named = {"x-switchgear-target": "far"}
        found = await at.http.get("/v1/files", headers=named)
        assert found.headers["x-switchgear-target"] == "far"
        found = await at.http.post("/v1/moderations", json={"model": "far", "input": "x"})
        assert found.headers["x-switchgear-target"] == "far"
        assert msgspec.json.decode(at.provider.bodies[-1]) == {"model": "far-model", "input": "x"}
        for name, status in (("claude", 400), ("nobody", 404), ("auto", 404)):
            found = await at.http.get("/v1/files", headers={"x-switchgear-target": name})
            assert found.status_code == status, found.text

    play(scene)


def test_a_key_with_limits_names_no_other_model_there() -> None:
    async def scene(at: Place) -> None:
        for body, status in (
            ({"model": "model-o"}, 200),
            ({"model": "ours"}, 200),
            ({}, 200),
            ({"model": "gpt-huge"}, 403),
        ):
            found = await at.http.post("/v1/moderations", json=body)
            assert found.status_code == status, found.text
        for model, status in (("model-a", 200), ("opus", 403)):
            batch = {"requests": [{"custom_id": "x", "params": {"model": model}}]}
            found = await at.http.post("/v1/messages/batches", json=batch)
            assert found.status_code == status, found.text
        twice = b'{"model":"model-o","model":"gpt-huge"}'
        kind = {"content-type": "application/json"}
        found = await at.http.post("/v1/moderations", content=twice, headers=kind)
        assert found.status_code == 400
        found = await at.http.post(
            "/v1/moderations", content=twice, headers={"content-type": "text/x"}
        )
        assert found.status_code == 415
        assert b"gpt-huge" not in b"".join(at.provider.bodies)

    play(scene, keys=[{"id": "few", "secret": "k", "models": ["ours", "claude"]}])


@pytest.mark.parametrize(
    "path",
    [
        b"/v1/files/../admin",
        b"/v1/files/%2e%2e/admin",
        b"/v1/files/..%2fadmin",
        b"/v1/files//evil.test/x",
        b"/v1/files/.",
        b"/v1/files/a/../../x",
        b"/v1/files/x%00",
        b"/v1/files/x\\..\\y",
        b"/v1/files/" + b"x" * 600,
        b"/v1/files?" + b"q" * 3000,
        b"//evil.test/v1/files",
        b"/v1/filesystem",
        b"/v1/files/a;b",
    ],
)
def test_no_path_leads_out_of_the_providers_own(path: bytes) -> None:
    async def scene(at: Place) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
        writer.write(b"GET " + path + b" HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith((b"HTTP/1.1 400", b"HTTP/1.1 404")), head
        assert not at.provider.heads
        writer.close()

    play(scene)


def test_a_web_page_cannot_use_an_open_gateway() -> None:
    async def scene(at: Place) -> None:
        for header in ({"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}):
            found = await at.http.post("/v1/files", headers=header)
            assert found.status_code == 403
        assert not at.provider.heads
        assert (await at.http.get("/v1/files")).status_code == 200

    play(scene, keys=[])


def test_large_json_goes_by_unread_unless_the_key_has_limits() -> None:
    size = 300_000

    async def scene(at: Place) -> None:
        body = io.BytesIO(msgspec.json.encode({"requests": ["x" * size]}))
        kind = {"content-type": "application/json"}
        for secret, status in (("k", 200), ("few", 413)):
            more = {**kind, "authorization": f"Bearer {secret}"}
            found = await at.http.post(
                "/v1/messages/batches", content=body.getvalue(), headers=more
            )
            assert found.status_code == status, found.text

    keys = [{"id": "k", "secret": "k"}, {"id": "f", "secret": "few", "models": ["claude"]}]
    play(scene, keys=keys, server={"max_body_bytes": 100_000})

"""Who may have what passed through, and what may not pass."""

import asyncio
import io

import msgspec
import pytest

from support.passage import Place, play

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

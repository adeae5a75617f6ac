"""What is passed through, over sockets, with the official clients."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import openai
import pytest

from support.passage import SECRET, Place, play
from support.passing import BETA_FILE, SPEECH
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.entry import End
from switchgear.domain.units import NanoUsd


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
        assert ("no, said ***" in caught.value.response.text) is (code == "None")
        assert SECRET not in caught.value.response.text
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

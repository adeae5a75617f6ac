"""Routing learns from what is said of its answers: over sockets, across a restart, and back."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
from typer.testing import CliRunner

from support.town import Town, saying, target, town
from switchgear.cli import assemble
from switchgear.domain.dialect import Dialect

ANSWER = saying(
    b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,'
    b'"message":{"role":"assistant","content":"Hello."},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":5,"completion_tokens":2}}'
)
PLACES = dict.fromkeys(("cheap", "dear"), (Dialect.OPENAI_CHAT, ANSWER))
CALLS = 40
BODY = {"model": "auto", "messages": [{"role": "user", "content": "Do it, please."}]}


def config(file: Path, **learning: object) -> dict[str, Any]:
    return {
        "ledger": {"path": str(file), "durable": False},
        "learning": learning,
        "targets": {
            "cheap": target("cheap", price={"input_usd": 1, "output_usd": 1}),
            "dear": target("dear", price={"input_usd": 9, "output_usd": 9}),
        },
    }


async def answered(client: httpx2.AsyncClient, agent: str) -> str:
    """Return the decision of a call that the cheap one answered."""
    sent = await client.post(
        "/v1/chat/completions", json=BODY, headers={"x-switchgear-agent": agent}
    )
    assert sent.headers["x-switchgear-target"] == "cheap"
    return str(sent.headers["x-switchgear-decision"])


async def taught(client: httpx2.AsyncClient) -> None:
    """Let the cheap one be good for writers, and of no use to coders."""
    said: list[dict[str, str]] = []
    for agent, verdict in (("writer", "good_fit"), ("coder", "failed")):
        calls = [answered(client, agent) for _ in range(CALLS)]
        found = await asyncio.gather(*calls)
        said += [{"decision": it, "verdict": verdict, "source": "eval"} for it in found]
    told = await client.post("/v1/outcomes", json={"outcomes": said})
    assert told.status_code == 200, told.text


async def chosen(client: httpx2.AsyncClient, agent: str) -> dict[str, Any]:
    """Return what would be decided now."""
    sent = await client.post(
        "/v1/decisions/preview", json=BODY, headers={"x-switchgear-agent": agent}
    )
    assert sent.status_code == 200, sent.text
    found: dict[str, Any] = sent.json()
    return found


async def until(client: httpx2.AsyncClient, coder: str) -> tuple[str, str]:
    """Return who answers coders and writers, once that is who answers coders."""
    async with asyncio.timeout(15):
        while winner(await chosen(client, "coder")) != coder:  # noqa: ASYNC110  (over sockets)
            await asyncio.sleep(0.1)
    return winner(await chosen(client, "coder")), winner(await chosen(client, "writer"))


async def named(client: httpx2.AsyncClient, version: str) -> None:
    """Wait until this is what decisions are made with."""
    async with asyncio.timeout(15):
        while (await chosen(client, "coder"))["learnt"] != version:  # noqa: ASYNC110  (over sockets)
            await asyncio.sleep(0.1)


def winner(found: dict[str, Any]) -> str:
    return str(found["choice"]["plan"][0])


def ordered(*arguments: str) -> str:
    found = CliRunner().invoke(assemble(), ["brain", *arguments])
    assert found.exit_code == 0, found.output
    return found.output


def client_of(place: Town) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=place.url, timeout=20)


def test_what_fails_for_one_kind_of_call_is_left_for_it_alone_until_that_is_taken_back(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ledger.db"

    async def first() -> None:
        async with town(PLACES, config(file)) as place, client_of(place) as client:
            await taught(client)
            assert await until(client, "dear") == ("dear", "cheap")
            await named(client, "v0+80")
            assert await until(client, "dear") == ("dear", "cheap")
            judged = (await chosen(client, "coder"))["choice"]["targets"]
            assert [it["chance"] < 0.2 for it in judged if it["target"] == "cheap"] == [True]

    async def second() -> None:
        async with town(PLACES, config(file)) as place, client_of(place) as client:
            assert await until(client, "dear") == ("dear", "cheap")
            await asyncio.to_thread(ordered, "refit", "-l", str(file))
            await named(client, "v1+0")
            assert await until(client, "dear") == ("dear", "cheap")
            await asyncio.to_thread(ordered, "rollback", "-l", str(file))
            assert await until(client, "cheap") == ("cheap", "cheap")

    async def third() -> None:
        async with town(PLACES, config(file)) as place, client_of(place) as client:
            await asyncio.sleep(1.5)
            assert await until(client, "cheap") == ("cheap", "cheap")

    for each in (first, second, third):
        asyncio.run(each())


def test_what_one_gateway_is_told_another_on_the_same_ledger_has_learnt(tmp_path: Path) -> None:
    async def life() -> None:
        settings = config(tmp_path / "ledger.db")
        async with (
            town(PLACES, settings) as one,
            town(PLACES, settings) as other,
            client_of(one) as told,
            client_of(other) as asked,
        ):
            await taught(told)
            await named(asked, "v0+80")
            assert await until(asked, "dear") == ("dear", "cheap")

    asyncio.run(life())


def test_who_only_watches_writes_down_what_was_learnt_and_chooses_as_before(tmp_path: Path) -> None:
    async def life() -> None:
        settings = config(tmp_path / "ledger.db", use="watch")
        async with town(PLACES, settings) as place, client_of(place) as client:
            await taught(client)
            await named(client, "v0+80")
            assert winner(await chosen(client, "coder")) == "cheap"

    asyncio.run(life())

"""A whole gateway with its ledger, money and keys in Postgres, used by the official SDK."""

import asyncio
from pathlib import Path
from typing import Any

import openai
import pytest

from support.passage import Place, config, play
from support.postgres import Server
from switchgear.domain.account import Account, Payer, Window
from switchgear.domain.errors import LedgerDown
from switchgear.ports.ledger import Query
from switchgear.running import Running, Source

KEYS = [
    {"id": "root", "secret": "k", "rights": ["admin"]},
    {"id": "poor", "secret": "poor", "budgets": {"total": {"usd": 0.5}}},
]
PRICED = {"passthrough": {"images": {"target": "ours", "most_usd": 0.2}}}
ROWS = "SELECT key, status, cost FROM decisions WHERE key IN ('made', 'poor') ORDER BY number"
HELD = "SELECT sum(held_money), sum(held_calls), (SELECT count(*) FROM reservations) FROM accounts"
DEAR = 200_000_000


def settings(url: str, **more: Any) -> dict[str, Any]:
    return {"keys": KEYS, "ledger": {"url": url, **more}, **PRICED}


async def ask(at: Place, secret: str) -> int:
    """Have a picture made; return the status."""
    sdk = openai.AsyncOpenAI(base_url=f"{at.url}/v1", api_key=secret, max_retries=0)
    try:
        async with sdk:
            await sdk.images.generate(model="ours", prompt="a cat")
    except openai.APIStatusError as error:
        return error.status_code
    return 200


async def until_all_is_there(at: Place) -> None:
    ledger: Any = at.running.house.outside.ledger
    for _ in range(500):
        if not ledger.waiting:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the journal was never emptied")


def test_answers_rows_budgets_and_keys_are_all_in_the_database(
    postgres_server: Server, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    secrets: list[str] = []

    async def scene(at: Place) -> None:
        grant = {"id": "made", "budgets": {"total": {"calls": 2}}}
        made = await at.http.post("/admin/keys", json=grant)
        assert made.status_code == 201, made.text
        secrets.append(made.json()["secret"])
        assert [await ask(at, secrets[0]) for _ in range(3)] == [200, 200, 402]
        assert [await ask(at, "poor") for _ in range(3)] == [200, 200, 402]
        assert await ask(at, "unheard-of") == 401

    play(scene, **settings(postgres_url))
    expected = [(key, status) for key in ("made", "poor") for status in (200, 200, 402)]
    assert postgres_server.say(ROWS, postgres_url) == [
        (key, status, DEAR if status == 200 else 0) for key, status in expected
    ]
    assert postgres_server.say(HELD, postgres_url) == [(0, 0, 0)]
    [(document,)] = postgres_server.say("SELECT document FROM keys", postgres_url)
    assert secrets[0].encode() not in document


def test_while_the_database_is_gone_known_keys_go_on_and_the_rest_is_503_until_it_is_back(
    postgres_server: Server, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def scene(at: Place) -> None:
        assert [await ask(at, each) for each in ("k", "poor")] == [200, 200]
        secret = (await at.http.post("/admin/keys", json={"id": "made"})).json()["secret"]
        assert await ask(at, secret) == 200
        await asyncio.to_thread(postgres_server.stop)
        assert [await ask(at, each) for each in ("k", secret)] == [200, 200]
        assert await ask(at, "poor") == 503
        for _ in range(100):  # for a second the keys that were read last are all that there are
            if await ask(at, "unheard-of") == 503:
                break
            await asyncio.sleep(0.02)
        assert await ask(at, "unheard-of") == 503
        assert (await at.http.post("/admin/keys", json={"id": "late"})).status_code == 503
        await asyncio.to_thread(postgres_server.start)
        for _ in range(500):
            if await ask(at, "poor") == 200:
                break
            await asyncio.sleep(0.02)
        assert await ask(at, secret) == 200
        await until_all_is_there(at)
        page = await at.running.house.outside.ledger.list(Query(limit=1000))
        assert [row.key for row in page if row.status == 200].count("made") == 3
        account = Account(Payer.KEY, "poor", Window.TOTAL)
        [level] = await at.running.house.outside.budgets.levels([account])
        assert level.spent.money == 2 * DEAR

    play(scene, **settings(postgres_url))


def test_a_ledger_that_cannot_be_opened_is_said_before_anybody_is_served(tmp_path: Path) -> None:
    wanted = settings(f"postgresql://u:hush@/x?host={tmp_path}", journal_mb=0)
    running = Running(Source.of({**config(1), **wanted}, {}))
    with pytest.raises(LedgerDown, match="cannot be opened") as told:
        asyncio.run(running.start())
    assert "hush" not in str(told.value)

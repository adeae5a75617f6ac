"""Keys over HTTP."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from typer.testing import CliRunner

from support.keyed import Keyed, keyed
from switchgear.cli import assemble
from switchgear.domain.errors import LedgerDown

ROOT, ACME, OTHER = "s-root", "s-acme", "s-other"


def lived(scene: Callable[[Keyed], Awaitable[None]], ledger: Path | None = None) -> None:
    async def life() -> None:
        async with keyed(ledger) as at:
            await scene(at)

    asyncio.run(life())


async def made(at: Keyed, by: str = ROOT, **grant: object) -> dict[str, Any]:
    found = await at.ask("POST", "/admin/keys", by, grant)
    assert found.status_code == 201, found.text
    row: dict[str, Any] = found.json()
    return row


def code(found: httpx2.Response) -> tuple[int, str]:
    return found.status_code, found.json()["error"]["code"]


def test_a_key_lives_from_its_making_to_its_end() -> None:
    async def scene(at: Keyed) -> None:
        row = await made(at, id="ci", models=["auto"], budgets={"day": {"usd": 5}})
        secret = row.pop("secret")
        assert (row["parent"], row["by"], row["revision"]) == ("root", "root", 1)
        assert row["grant"]["budgets"] == {"day": {"usd": 5.0}}
        assert (await at.calc(secret)).json()["choices"][0]["message"]["content"] == "5"
        assert (await at.ask("GET", "/admin/keys/ci", ROOT)).json() == row
        other = {"model": "talk", "messages": [{"role": "user", "content": "2+3"}]}
        assert (await at.ask("POST", "/v1/chat/completions", secret, other)).status_code == 403
        changed = await at.ask("PATCH", "/admin/keys/ci", ROOT, {"models": ["auto", "talk"]})
        assert changed.json()["effective"]["models"] == ["auto", "talk"]
        assert (await at.ask("POST", "/v1/chat/completions", secret, other)).status_code == 200
        new = (await at.ask("POST", "/admin/keys/ci/rotate", ROOT)).json()["secret"]
        assert {(await at.calc(each)).status_code for each in (secret, new)} == {200}
        again = await at.ask("POST", "/admin/keys/ci/rotate", ROOT)
        assert code(again) == (409, "key_conflict")
        promoted = await at.ask("POST", "/admin/keys/ci/promote", ROOT)
        assert "secret" not in promoted.json()
        assert code(await at.calc(secret)) == (401, "unknown_key")
        late = await at.ask("DELETE", "/admin/keys/ci?revision=3", ROOT)
        assert code(late) == (409, "key_conflict")
        gone = await at.ask("DELETE", "/admin/keys/ci?revision=4", ROOT)
        assert (gone.status_code, gone.json()["good"]) == (200, False)
        assert code(await at.calc(new)) == (401, "revoked_key")
        history = (await at.ask("GET", "/admin/keys/ci/history", ROOT)).json()["data"]
        deeds = [(each["deed"], each["by"]) for each in history]
        done = ("made", "changed", "rotated", "promoted", "revoked")
        assert deeds == [(it, "root") for it in done]

    lived(scene)


def test_keys_are_listed_a_page_at_a_time() -> None:
    async def scene(at: Keyed) -> None:
        for number in range(3):
            await made(at, id=f"k{number}")
        seen: list[str] = []
        after, more = "", True
        while more:
            page = (await at.ask("GET", f"/admin/keys?limit=4{after}", ROOT)).json()
            seen += [each["id"] for each in page["data"]]
            after, more = f"&after={seen[-1]}", page["has_more"]
        declared = ["root", "acme", "other", "meter", "plain", "narrow"]
        assert seen == [*declared, "expired", "revoked", "k0", "k1", "k2"]
        for query in ("limit=0", "limit=x", "after=nobody"):
            assert (await at.ask("GET", f"/admin/keys?{query}", ROOT)).status_code == 400

    lived(scene)


def test_another_tenants_key_is_as_one_that_there_is_not() -> None:
    async def scene(at: Keyed) -> None:
        await made(at, ACME, id="theirs")
        for name in ("theirs", "root", "no-such", "theirs/", "%2e%2e", "x" * 500):
            asks: list[tuple[str, str, object]] = [
                ("GET", f"/admin/keys/{name}", None),
                ("PATCH", f"/admin/keys/{name}", {}),
                ("DELETE", f"/admin/keys/{name}", None),
                ("GET", f"/admin/keys/{name}/history", None),
                *[("POST", f"/admin/keys/{name}/{it}", None) for it in ("rotate", "promote")],
            ]
            for method, path, body in asks:
                found = await at.ask(method, path, OTHER, body)
                assert found.status_code == 404, (method, path)
                assert "theirs" not in found.text
        listed = await at.ask("GET", "/admin/keys", OTHER)
        assert [each["id"] for each in listed.json()["data"]] == ["other"]
        assert (await made(at, OTHER))["tenant"] == "other"
        wider = await at.ask("POST", "/admin/keys", OTHER, {"tenant": "acme"})
        assert code(wider) == (403, "wider_than_maker")

    lived(scene)


def test_a_child_admin_can_make_less_and_falls_with_its_maker() -> None:
    async def scene(at: Keyed) -> None:
        top = await made(at, ACME, id="top", rights=["admin"], models=["auto"])
        low = await made(at, top["secret"], id="low")
        assert low["effective"]["models"] == ["auto"]
        assert low["tenant"] == "acme"
        wider = await at.ask("POST", "/admin/keys", top["secret"], {"rights": ["metrics"]})
        assert code(wider) == (403, "wider_than_maker")
        stolen = await at.ask("POST", "/admin/keys/top/rotate", low["secret"])
        assert code(stolen) == (403, "not_allowed")
        assert (await at.ask("DELETE", "/admin/keys/top", ACME)).status_code == 200
        assert code(await at.calc(low["secret"])) == (401, "revoked_key")

    lived(scene)


def test_a_path_that_is_no_verb_is_404_and_a_key_of_the_config_409() -> None:
    async def scene(at: Keyed) -> None:
        assert code(await at.ask("POST", "/admin/keys/plain/frob", ROOT)) == (404, "unknown_path")
        assert code(await at.ask("GET", "/admin/keys/plain/frob", ROOT)) == (404, "unknown_path")
        assert code(await at.ask("DELETE", "/admin/keys/plain", ROOT)) == (409, "key_conflict")
        taken = await at.ask("POST", "/admin/keys", ROOT, {"id": "plain"})
        assert code(taken) == (409, "key_conflict")

    lived(scene)


def test_both_sdks_use_a_key_that_was_made_and_are_told_when_it_ended() -> None:
    async def scene(at: Keyed) -> None:
        secret = (await made(at, id="sdk"))["secret"]
        turn: Any = {"role": "user", "content": "2+3"}
        one = openai.AsyncOpenAI(
            base_url="http://gateway/v1", api_key=secret, http_client=at.http, max_retries=0
        )
        other = anthropic.AsyncAnthropic(
            base_url="http://gateway", api_key=secret, http_client=at.http, max_retries=0
        )
        chat = await one.chat.completions.create(model="auto", messages=[turn])
        assert chat.choices[0].message.content == "5"
        message = await other.messages.create(model="auto", max_tokens=9, messages=[turn])
        assert message.model_dump()["content"][0]["text"] == "5"
        await at.ask("DELETE", "/admin/keys/sdk", ROOT)
        with pytest.raises(openai.AuthenticationError, match="revoked"):
            await one.chat.completions.create(model="auto", messages=[turn])
        with pytest.raises(anthropic.AuthenticationError, match="revoked"):
            await other.messages.create(model="auto", max_tokens=9, messages=[turn])

    lived(scene)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer s-plain", "x-api-key": "s-root"}, 400),
        ({"authorization": "Bearer s-plain", "x-api-key": "s-plain"}, 200),
        ({"x-api-key": "s-plain"}, 200),
        ({"authorization": "Basic cy1wbGFpbg=="}, 401),
        ({"authorization": b"Bearer k\xff\xfey"}, 401),
        ({"authorization": b"Bearer " + b"x" * 15_000}, 401),
        ({"x-api-key": b"\xc3\xa9" * 100}, 401),
        ({"authorization": "Bearer"}, 401),
        ({}, 401),
    ],
)
def test_a_credential_is_understood_or_clearly_refused(headers: Any, status: int) -> None:
    async def scene(at: Keyed) -> None:
        found = await at.http.get("/v1/models", headers=headers)
        assert found.status_code == status
        if status == 401:
            assert found.headers["www-authenticate"] == "Bearer"

    lived(scene)


def test_what_another_process_does_to_a_key_is_known_here_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("switchgear.pipeline.ring.LOOK_EVERY", 0.01)
    ledger = tmp_path / "ledger.db"

    async def scene(at: Keyed) -> None:
        def say(*words: str) -> str:
            found = CliRunner().invoke(assemble(), ["keys", *words, "-l", str(ledger)])
            assert found.exit_code == 0, found.output
            return found.stdout.strip()

        async def until(secret: str, status: int) -> None:
            for _ in range(500):
                if (await at.calc(secret)).status_code == status:
                    return
                await asyncio.sleep(0.01)
            raise AssertionError(status)

        secret = await asyncio.to_thread(say, "create", "elsewhere")
        await until(secret, 200)
        await asyncio.to_thread(say, "revoke", "elsewhere")
        await until(secret, 401)

    lived(scene, ledger)


def test_while_the_store_is_away_known_keys_go_on_and_unknown_ones_are_503() -> None:
    async def scene(at: Keyed) -> None:
        secret = (await made(at, id="known"))["secret"]
        keyring = at.running.house.outside.keyring

        async def away(*_: object) -> Any:
            raise LedgerDown("The keys are out of reach.")

        for verb in ("state", "all", "add", "change", "find"):
            setattr(keyring, verb, away)
        with pytest.raises(LedgerDown):
            await at.running.house.ring.refresh()
        assert (await at.calc(secret)).status_code == 200
        assert (await at.calc("s-plain")).status_code == 200
        assert code(await at.calc("sk-unknown")) == (503, "ledger_down")
        for method, path in (("POST", "/admin/keys"), ("POST", "/admin/keys/known/rotate")):
            assert code(await at.ask(method, path, ROOT, {})) == (503, "ledger_down")

    lived(scene)


def test_a_secret_is_in_no_answer_but_the_first_and_in_no_log_and_no_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secrets: list[str] = []
    said: list[str] = []

    async def scene(at: Keyed) -> None:
        secrets.append((await made(at, id="k"))["secret"])
        secrets.append((await at.ask("POST", "/admin/keys/k/rotate", ROOT)).json()["secret"])
        for method, path in (
            ("GET", "/admin/keys"),
            ("GET", "/admin/keys/k"),
            ("GET", "/admin/keys/k/history"),
            ("POST", "/admin/keys/k/rotate"),
            ("POST", "/admin/keys/k/promote"),
            ("GET", "/metrics"),
            ("DELETE", "/admin/keys/k"),
        ):
            said.append((await at.ask(method, path, ROOT)).text)
        for secret in secrets:
            said.append((await at.calc(secret)).text)
            said.append((await at.calc(secret[:-1])).text)
        said.append(repr([await at.rows(), at.running.house.ring.table, at.running.current().keys]))

    with caplog.at_level(logging.DEBUG):
        lived(scene, tmp_path / "ledger.db")
    raw = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    for secret in secrets:
        random = secret.rsplit("_", 1)[1][:32]
        assert random not in caplog.text
        assert random not in "".join(said)
        assert random.encode() not in raw
    assert "'k' was made by key 'root'" in caplog.text

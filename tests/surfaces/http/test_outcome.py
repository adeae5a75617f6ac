"""What callers say of decisions over HTTP, and what they are told."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI

from support.keyed import SUM, Keyed, keyed
from support.town import town
from support.words import WHOLE
from switchgear.domain.dialect import Dialect
from switchgear.surfaces.http.outcome import MOST_AT_ONCE, MOST_BYTES

KEYS = [
    {"id": "app", "secret": "s-app"},
    {"id": "stranger", "secret": "s-stranger"},
    {"id": "boss", "secret": "s-boss", "rights": ["decide"]},
    {"id": "acme", "secret": "s-acme", "tenant": "acme"},
    {"id": "acme-boss", "secret": "s-acme-boss", "tenant": "acme", "rights": ["decide"]},
]
PATH = "/v1/outcomes"


def lived(life: Callable[[Keyed], Awaitable[None]], file: Path | None = None) -> None:
    async def whole() -> None:
        async with keyed(file, (), keys=KEYS) as gateway:
            await life(gateway)

    asyncio.run(whole())


async def decided(gateway: Keyed, whom: str = "s-app", body: object = SUM) -> str:
    found = await gateway.ask("POST", "/v1/chat/completions", whom, body)
    return str(found.headers["x-switchgear-decision"])


async def said(
    gateway: Keyed, decision: str, whom: str = "s-app", **more: object
) -> httpx2.Response:
    return await gateway.ask("POST", PATH, whom, {"decision": decision, **more})


def error(found: httpx2.Response) -> tuple[int, str]:
    return found.status_code, str(found.json()["error"]["code"])


def test_what_is_said_is_kept_and_the_decision_tells_it_with_its_label() -> None:
    async def life(gateway: Keyed) -> None:
        name = await decided(gateway)
        got = await said(gateway, name, thumbs="down", id="u1")
        assert got.status_code == 200
        told = got.json()
        assert (told["object"], told["decision"], told["id"]) == ("outcome", name, "u1")
        assert (told["source"], told["repeated"]) == ("user", False)
        assert told["label"] == {
            "target": "calc",
            "good": 0.0,
            "weight": 0.6,
            "needed": None,
            "source": "user",
            "disputed": False,
        }
        await said(gateway, name, verdict="good_fit", source="eval")
        shown = (await gateway.ask("GET", f"/v1/decisions/{name}", "s-app")).json()
        assert [each["source"] for each in shown["outcomes"]] == ["user", "eval"]
        assert shown["outcomes"][0]["score"] == 0.0
        assert shown["outcomes"][1]["by"] == "app"
        assert (shown["label"]["good"], shown["label"]["needed"]) == (1.0, "tool")

    lived(life)


def test_what_comes_twice_counts_once_and_the_first_stays() -> None:
    async def life(gateway: Keyed) -> None:
        name = await decided(gateway)
        one = (await said(gateway, name, score=0.2, id="a")).json()
        same = (await said(gateway, name, score=0.2, id="a")).json()
        other = (await said(gateway, name, score=1.0, id="a")).json()
        assert (one["repeated"], same["repeated"], other["repeated"]) == (False, True, True)
        assert "note" not in same
        assert "stays" in other["note"]
        assert other["label"]["good"] == 0.2
        bare = [(await said(gateway, name, thumbs=it)).json() for it in ("up", "up", "down", "up")]
        assert [each["repeated"] for each in bare] == [False, True, False, False]
        assert bare[-1]["label"]["good"] == 1.0
        assert len({each["id"] for each in bare}) == 3

    lived(life)


def test_many_who_say_the_same_at_once_are_one() -> None:
    async def life(gateway: Keyed) -> None:
        name = await decided(gateway)
        rows = await asyncio.gather(*[said(gateway, name, thumbs="up") for _ in range(8)])
        assert sorted(each.json()["repeated"] for each in rows) == [False] + [True] * 7

    lived(life)


def test_many_who_say_different_things_at_once_are_all_kept(tmp_path: Path) -> None:
    async def life(gateway: Keyed) -> None:
        name = await decided(gateway)
        rows = await asyncio.gather(*[said(gateway, name, score=it / 30) for it in range(30)])
        assert [each.status_code for each in rows] == [200] * 30
        shown = (await gateway.ask("GET", f"/v1/decisions/{name}", "s-app")).json()
        assert len({each["at"] for each in shown["outcomes"]}) == 30

    lived(life, tmp_path / "ledger.db")


def test_what_contradicts_is_kept_and_the_rule_says_which_counts() -> None:
    async def life(gateway: Keyed) -> None:
        name = await decided(gateway)
        await said(gateway, name, score=1.0, source="eval")
        late = (await said(gateway, name, "s-boss", score=0.0, source="eval")).json()
        assert (late["label"]["good"], late["label"]["disputed"]) == (0.0, True)
        weak = (await said(gateway, name, thumbs="up")).json()
        assert weak["label"]["source"] == "eval"
        shown = (await gateway.ask("GET", f"/v1/decisions/{name}", "s-app")).json()
        assert len(shown["outcomes"]) == 3

    lived(life)


def test_a_decision_that_is_not_a_keys_to_judge_is_not_there() -> None:
    async def life(gateway: Keyed) -> None:
        name = await decided(gateway)
        for secret in ("s-stranger", "s-acme", "s-acme-boss"):
            assert error(await said(gateway, name, secret, score=1)) == (404, "unknown_decision")
        assert error(await said(gateway, "sg_nobody", score=1)) == (404, "unknown_decision")
        mine = (await said(gateway, name, "s-stranger", score=1)).json()["error"]["message"]
        none = (await said(gateway, "sg_nobody", "s-stranger", score=1)).json()["error"]["message"]
        assert mine == none
        assert (await said(gateway, name, "s-boss", score=1)).status_code == 200
        theirs = await decided(gateway, "s-acme")
        assert (await said(gateway, theirs, "s-acme-boss", score=1)).status_code == 200
        assert (await gateway.ask("POST", PATH, None, {"decision": name})).status_code == 401

    lived(life)


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "Nothing is said"),
    ({"score": 1.5}, "from 0 to 1"),
    ({"score": -0.001}, "from 0 to 1"),
    ({"score": "1"}, "score"),
    ({"score": True}, "score"),
    ({"thumbs": "sideways"}, "up or down"),
    ({"thumbs": "up", "score": 1}, "one of the two"),
    ({"verdict": "meh"}, "good_fit, underpowered, overprovisioned, failed; this is 'meh'"),
    ({"verdict": "failed", "score": 0.9}, "give one of them"),
    ({"verdict": "good_fit", "override": "human"}, "override human"),
    ({"override": "gone"}, "GET /v1/models"),
    ({"override": ""}, "override"),
    ({"tool": "maybe"}, "right or wrong"),
    ({"source": "retry", "score": 1}, "sees by itself"),
    ({"source": "me", "score": 1}, "source is one of"),
    ({"score": 1, "id": "x" * 101}, "id is a text"),
    ({"score": 1, "id": "a\nb"}, "id is a text"),
    ({"scoer": 1}, "scoer"),
    ({"outcomes": []}, "Beside outcomes"),
]


@pytest.mark.parametrize(("body", "why"), BAD, ids=[why for _, why in BAD])
def test_what_cannot_be_said_is_refused_with_the_reason(body: dict[str, Any], why: str) -> None:
    async def life(gateway: Keyed) -> None:
        name = await decided(gateway)
        found = await said(gateway, name, **body)
        assert error(found) == (400, "malformed_body")
        assert why in found.json()["error"]["message"]
        shown = (await gateway.ask("GET", f"/v1/decisions/{name}", "s-app")).json()
        assert (shown["outcomes"], shown["label"]) == ([], None)

    lived(life)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"1", 400),
        (b'"x"', 400),
        (b"[1", 400),
        (b'[],"x":{}', 400),
        (b'[]} {"a":[]', 400),
        (b'{"decision":"d","score":NaN}', 400),
        (b'{"decision":"d","score":1e400}', 400),
        (b'{"decision":"d","decision":"e","score":1}', 400),
        (b'{"outcomes":{}}', 400),
        (b'{"outcomes":[],"decision":"x"}', 400),
        (b"[" * 5_000, 400),
        (b"\xff", 400),
        (b'{"decision":"' + b"x" * MOST_BYTES + b'"}', 413),
    ],
)
def test_a_body_that_is_none_is_refused(raw: bytes, status: int) -> None:
    async def life(gateway: Keyed) -> None:
        head = {"authorization": "Bearer s-app", "content-type": "application/json"}
        found = await gateway.http.post(PATH, content=raw, headers=head)
        assert found.status_code == status, found.text
        assert "Traceback" not in found.text

    lived(life)


def test_a_list_is_taken_line_by_line_and_a_bad_line_spoils_no_other() -> None:
    async def life(gateway: Keyed) -> None:
        name = await decided(gateway)
        lines: list[Any] = [
            {"decision": name, "score": 1, "id": "1"},
            {"decision": name, "score": 7},
            {"decision": "sg_nobody", "score": 1},
            "what?",
            {"decision": name, "score": 1, "id": "1"},
            {"decision": name, "verdict": "failed", "source": "human"},
        ]
        for body in (lines, {"outcomes": lines}):
            found = await gateway.ask("POST", PATH, "s-app", body)
            assert found.status_code == 200
            told = found.json()
            rows = told["data"]
            codes = [each.get("error", {}).get("code") for each in rows]
            wanted = [None, "malformed_body", "unknown_decision", "malformed_body", None, None]
            assert codes == wanted
            assert [each["number"] for each in rows] == list(range(6))
            assert told["failed"] == 3
            assert told["kept"] == (2 if body is lines else 0)
            assert rows[-1]["label"]["source"] == "human"
        many = [lines[0]] * (MOST_AT_ONCE + 1)
        found = await gateway.ask("POST", PATH, "s-app", many)
        assert error(found) == (400, "malformed_body")
        assert "outcomes import" in found.json()["error"]["message"]

    lived(life)


def test_nothing_can_be_said_where_nothing_was_decided() -> None:
    async def life(gateway: Keyed) -> None:
        refused = await decided(gateway, body={"model": "auto"})
        found = await said(gateway, refused, score=1)
        assert error(found) == (409, "nothing_to_judge")
        assert "malformed_body" in found.json()["error"]["message"]
        head = {"idempotency-key": "k1"}
        path = "/v1/chat/completions"
        first = await gateway.ask("POST", path, "s-app", SUM, **head)
        again = await gateway.ask("POST", path, "s-app", SUM, **head)
        found = await said(gateway, again.headers["x-switchgear-decision"], score=1)
        assert error(found) == (409, "nothing_to_judge")
        assert first.headers["x-switchgear-decision"] in found.json()["error"]["message"]

    lived(life)


def test_one_decision_takes_so_many_outcomes_and_no_more() -> None:
    async def life(gateway: Keyed) -> None:
        name = await decided(gateway)
        rows = [{"decision": name, "score": 1, "id": str(it)} for it in range(33)]
        told = (await gateway.ask("POST", PATH, "s-app", rows)).json()
        assert (told["kept"], told["failed"]) == (32, 1)
        assert told["data"][-1]["error"]["code"] == "too_many_outcomes"
        assert (await said(gateway, name, score=0, id="3")).json()["repeated"] is True

    lived(life)


def test_it_may_be_said_after_a_restart_and_in_another_process(tmp_path: Path) -> None:
    file, names = tmp_path / "ledger.db", list[str]()

    async def first(gateway: Keyed) -> None:
        names.append(await decided(gateway))
        await said(gateway, names[0], thumbs="up", id="1")

    async def later(gateway: Keyed) -> None:
        assert (await said(gateway, names[0], thumbs="up", id="1")).json()["repeated"] is True
        async with keyed(file, (), keys=KEYS) as beside:
            told = (await said(beside, names[0], "s-boss", override="human", source="human")).json()
            assert told["label"]["good"] == 0.0
        shown = (await gateway.ask("GET", f"/v1/decisions/{names[0]}", "s-app")).json()
        assert [each["source"] for each in shown["outcomes"]] == ["user", "human"]

    lived(first, file)
    lived(later, file)


def test_openais_sdk_reads_the_decision_and_plain_http_says_how_it_did() -> None:
    async def life() -> None:
        places = {"sim": (Dialect.OPENAI_CHAT, WHOLE)}
        async with town(places) as there, httpx2.AsyncClient(base_url=there.url) as http:
            async with AsyncOpenAI(base_url=f"{there.url}/v1", api_key="none") as client:
                raw = await client.chat.completions.with_raw_response.create(
                    model="auto", messages=[{"role": "user", "content": "hi"}]
                )
            decision = raw.headers["x-switchgear-decision"]
            assert raw.parse().choices
            told = (await http.post(PATH, json={"decision": decision, "thumbs": "up"})).json()
            assert (told["repeated"], told["label"]["target"]) == (False, "sim")
            shown = (await http.get(f"/v1/decisions/{decision}")).json()
            assert shown["label"]["good"] == 1.0

    asyncio.run(life())

"""Tickets as agents and humans see them over HTTP, in process and over sockets."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from support.keyed import SUM, Keyed, keyed
from support.town import Town, saying, town
from switchgear.domain.dialect import Dialect
from switchgear.domain.task import Status, Task
from switchgear.domain.units import UnixMs
from switchgear.pipeline.task.waiting import MOST_OF_KEY

KEYS = [
    {"id": "boss", "secret": "s-boss", "rights": ["decide"]},
    {"id": "agent", "secret": "s-agent"},
    {"id": "stranger", "secret": "s-stranger"},
    {"id": "acme", "secret": "s-acme", "tenant": "acme"},
    {"id": "acme-boss", "secret": "s-acme-boss", "tenant": "acme", "rights": ["decide"]},
]
REFUND = {"tool": "refund", "amount": 300, "why": {"b": 1, "a": [True, None]}}
ASK = {"text": "May I refund 300?", "action": REFUND, "agent": "clerk"}
LOOKS, PAUSE_S = 500, 0.01


def lived(life: Callable[[Keyed], Awaitable[None]], file: Path | None = None) -> None:
    async def whole() -> None:
        async with keyed(file, (), keys=KEYS) as gateway:
            await life(gateway)

    asyncio.run(whole())


async def opened(gateway: Keyed, name: str = "tk_" + "1" * 26) -> str:
    """Open a task of the agent's."""
    tasks, now = gateway.running.house.tasks, gateway.running.current().clock.date()
    await tasks.open(Task(id=name, key="agent", opened=now, seen=now, began=UnixMs(now)))
    return name


async def asked(gateway: Keyed, **more: object) -> dict[str, Any]:
    found = await gateway.ask("POST", "/v1/tickets", "s-agent", {**ASK, **more})
    assert found.status_code == 201, found.text
    ticket: dict[str, Any] = found.json()
    return ticket


def code(found: httpx2.Response) -> str:
    return str(found.json()["error"]["code"])


def test_a_question_is_asked_decided_and_claimed() -> None:
    async def life(gateway: Keyed) -> None:
        ticket = await asked(gateway)
        path = f"/v1/tickets/{ticket['id']}"
        assert (ticket["state"], ticket["action"], ticket["default"]) == ("open", REFUND, "deny")
        assert (ticket["text"], ticket["agent"], ticket["key"]) == (ASK["text"], "clerk", "agent")
        claim = {"action": dict(reversed(REFUND.items()))}
        early = await gateway.ask("POST", f"{path}/claim", "s-agent", claim)
        assert (early.status_code, code(early)) == (409, "ticket_decided")
        decided = await gateway.ask(
            "POST", f"{path}/decision", "s-boss", {"verdict": "approve", "note": "fine"}
        )
        assert decided.json()["decided"] | {"at": 0} == {
            "verdict": "approve",
            "answer": None,
            "note": "fine",
            "caps": None,
            "by": "boss",
            "at": 0,
            "by_default": False,
            "id": None,
        }
        other = await gateway.ask("POST", f"{path}/claim", "s-agent", {"action": {"amount": 1}})
        assert (other.status_code, code(other)) == (403, "not_allowed")
        claimed = await gateway.ask("POST", f"{path}/claim", "s-agent", claim)
        assert (claimed.status_code, claimed.json()["claimed_by"]) == (200, "agent")
        twice = await gateway.ask("POST", f"{path}/claim", "s-agent", claim)
        assert (twice.status_code, code(twice)) == (409, "ticket_decided")
        assert twice.headers["x-should-retry"] == "false"

    lived(life)


def test_what_is_not_a_keys_to_know_is_not_there_and_what_it_may_not_decide_is_refused() -> None:
    async def life(gateway: Keyed) -> None:
        path = f"/v1/tickets/{(await asked(gateway))['id']}"
        for secret in ("s-stranger", "s-acme", "s-acme-boss"):
            for found in (
                await gateway.ask("GET", path, secret),
                await gateway.ask("POST", f"{path}/decision", secret, {"verdict": "deny"}),
                await gateway.ask("POST", f"{path}/claim", secret, {"action": REFUND}),
            ):
                assert (found.status_code, code(found)) == (404, "unknown_ticket")
            rows = await gateway.ask("GET", "/v1/tickets", secret)
            assert rows.json()["data"] == []
        own = await gateway.ask("POST", f"{path}/decision", "s-agent", {"verdict": "approve"})
        assert (own.status_code, code(own)) == (403, "not_allowed")
        assert (await gateway.ask("GET", path, None)).status_code == 401
        assert (await gateway.ask("GET", path, "s-agent")).json()["state"] == "open"

    lived(life)


def test_tickets_are_listed_newest_first_by_state_and_task() -> None:
    async def life(gateway: Keyed) -> None:
        task = await opened(gateway)
        names = [(await asked(gateway, task=task))["id"]]
        await asyncio.sleep(0.002)
        names.append((await asked(gateway))["id"])
        await gateway.ask("POST", f"/v1/tickets/{names[0]}/decision", "s-boss", {"verdict": "deny"})
        for query, wanted in (
            ("", names[::-1]),
            ("?state=open", names[1:]),
            ("?state=denied", names[:1]),
            (f"?task={task}", names[:1]),
            ("?limit=1", names[1:]),
            ("?before=1", []),
        ):
            for secret in ("s-agent", "s-boss"):
                found = (await gateway.ask("GET", f"/v1/tickets{query}", secret)).json()
                assert [each["id"] for each in found["data"]] == wanted, query
        for query in ("?state=maybe", "?limit=0", "?before=soon", "?before=1e5"):
            found = await gateway.ask("GET", f"/v1/tickets{query}", "s-boss")
            assert (found.status_code, code(found)) == (400, "malformed_request")

    lived(life)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": " "},
        {"text": "x" * 4001},
        {"text": "x", "kind": "favour"},
        {"text": "x", "deadline_s": 0},
        {"text": "x", "default": "answer"},
        {"text": "x", "kind": "input", "default": "approve"},
        {"text": "x", "pauses": True},
        {"text": "x", "action": "y" * 40_000},
        {"text": "x", "urgent": True},
    ],
)
def test_what_cannot_be_asked_is_refused(body: dict[str, object]) -> None:
    async def life(gateway: Keyed) -> None:
        found = await gateway.ask("POST", "/v1/tickets", "s-agent", body)
        assert (found.status_code, code(found)) == (400, "malformed_body")

    lived(life)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"verdict": "perhaps"},
        {"verdict": "answer", "answer": 1},
        {"verdict": "approve", "answer": 1},
        {"verdict": "deny", "caps": {"steps": 1}},
        {"verdict": "approve", "caps": {"steps": -1}},
        {"verdict": "approve", "id": "x" * 201},
        {"verdict": "approve", "note": "x" * 4001},
    ],
)
def test_what_cannot_be_decided_is_refused(body: dict[str, object]) -> None:
    async def life(gateway: Keyed) -> None:
        ticket = await asked(gateway)
        path = f"/v1/tickets/{ticket['id']}/decision"
        found = await gateway.ask("POST", path, "s-boss", body)
        assert (found.status_code, code(found)) == (400, "malformed_body")

    lived(life)


@pytest.mark.parametrize("name", ["ti_none", "%00", "%ff%fe", "é", "a/b", "%20", "x" * 900])
def test_a_ticket_that_is_not_there_is_told(name: str) -> None:
    async def life(gateway: Keyed) -> None:
        found = await gateway.ask("GET", f"/v1/tickets/{name}", "s-boss")
        assert (found.status_code, code(found)) == (404, "unknown_ticket")

    lived(life)


def test_what_can_be_done_to_a_ticket_is_told() -> None:
    async def life(gateway: Keyed) -> None:
        ticket = await asked(gateway)
        found = await gateway.ask("POST", f"/v1/tickets/{ticket['id']}/burn", "s-boss", {})
        assert (found.status_code, code(found)) == (404, "unknown_path")
        assert "decision and claim" in found.text

    lived(life)


def test_a_ticket_that_is_answered_after_a_restart_resumes_its_task(tmp_path: Path) -> None:
    found: list[str] = []

    async def before(gateway: Keyed) -> None:
        task = await opened(gateway)
        ticket = await asked(gateway, task=task, pauses=True)
        live = await gateway.running.house.tasks.find(task)
        assert live is not None
        assert live.task.status is Status.PAUSED
        found.extend((task, str(ticket["id"])))

    async def after(gateway: Keyed) -> None:
        task, ticket = found
        body = {"verdict": "approve", "caps": {"steps": 40, "usd": 2.5}}
        said = await gateway.ask("POST", f"/v1/tickets/{ticket}/decision", "s-boss", body)
        assert said.json()["decided"]["caps"] == {"steps": 40, "usd": 2.5}
        live = await gateway.running.house.tasks.find(task)
        assert live is not None
        assert live.task.status is Status.RUNNING
        assert (live.task.caps.steps, live.task.caps.money) == (40, 2_500_000_000)

    lived(before, tmp_path / "ledger.db")
    lived(after, tmp_path / "ledger.db")


def test_a_task_at_its_cap_asks_a_human_and_goes_on_with_what_it_is_given() -> None:
    async def life() -> None:
        caps = {"tasks": {"caps": {"steps": 2, "at_cap": "ticket"}}}
        async with keyed(None, (), keys=KEYS, **caps) as gateway:
            name = {"x-switchgear-task": "errand"}
            said = [await calc(gateway, **name) for _ in range(3)]
            assert [each.status_code for each in said[:2]] == [200, 200]
            assert said[2].status_code in {402, 422}
            found = await gateway.ask("GET", "/v1/tickets?task=errand", "s-agent")
            (ticket,) = found.json()["data"]
            assert (ticket["state"], ticket["key"]) == ("open", "agent")
            assert (await calc(gateway, **name)).status_code == 422
            body = {"verdict": "answer", "answer": "go on", "caps": {"steps": 4}}
            path = f"/v1/tickets/{ticket['id']}/decision"
            assert (await gateway.ask("POST", path, "s-boss", body)).status_code == 200
            again = [(await calc(gateway, **name)).status_code for _ in range(3)]
            assert again[:2] == [200, 200]
            assert again[2] != 200

    asyncio.run(life())


async def calc(gateway: Keyed, **headers: str) -> httpx2.Response:
    return await gateway.ask("POST", "/v1/chat/completions", "s-agent", SUM, **headers)


def over_sockets(scene: Callable[[Town, httpx2.AsyncClient], Awaitable[None]]) -> None:
    async def life() -> None:
        async with (
            town({"far": (Dialect.OPENAI_CHAT, saying(b"{}"))}, {"keys": KEYS}) as place,
            httpx2.AsyncClient(base_url=place.url, timeout=20) as client,
        ):
            await scene(place, client)

    asyncio.run(life())


def proof(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


async def ticket_over(client: httpx2.AsyncClient) -> str:
    found = await client.post("/v1/tickets", json=ASK, headers=proof("s-agent"))
    return f"/v1/tickets/{found.json()['id']}"


def test_of_many_decisions_at_once_one_is_made_and_all_others_are_told_which() -> None:
    async def scene(_: Town, client: httpx2.AsyncClient) -> None:
        path = await ticket_over(client)
        both = [{"verdict": "approve"}, {"verdict": "deny"}] * 6
        found = await asyncio.gather(
            *[client.post(f"{path}/decision", json=each, headers=proof("s-boss")) for each in both]
        )
        assert sorted(each.status_code for each in found) == [200, *[409] * 11]
        (won,) = [each.json()["verdict"] for each in found if each.status_code == 200]
        late = [each for each in found if each.status_code == 409]
        assert {code(each) for each in late} == {"ticket_decided"}
        assert all(f"{won}, by the key boss" in each.text for each in late)

    over_sockets(scene)


def test_who_waits_is_answered_when_it_is_decided() -> None:
    async def scene(place: Town, client: httpx2.AsyncClient) -> None:
        path = await ticket_over(client)
        waits = [
            asyncio.ensure_future(client.get(f"{path}?wait=55", headers=proof("s-agent")))
            for _ in range(3)
        ]
        waiting = place.running.house.tickets.waiting
        await until(lambda: len(waiting) == 3)
        await client.post(f"{path}/decision", json={"verdict": "deny"}, headers=proof("s-boss"))
        found = await asyncio.wait_for(asyncio.gather(*waits), 10)  # far less than they would wait
        assert [each.json()["state"] for each in found] == ["denied"] * 3
        assert not len(waiting)

    over_sockets(scene)


def test_who_leaves_waits_no_longer() -> None:
    async def scene(place: Town, client: httpx2.AsyncClient) -> None:
        path = await ticket_over(client)
        wait = asyncio.ensure_future(client.get(f"{path}?wait=55", headers=proof("s-agent")))
        waiting = place.running.house.tickets.waiting
        await until(lambda: len(waiting) == 1)
        wait.cancel()
        with suppress(asyncio.CancelledError):
            await wait
        await until(lambda: len(waiting) == 0)

    over_sockets(scene)


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(LOOKS):
        if holds():
            return
        await asyncio.sleep(PAUSE_S)
    raise AssertionError("it never came to that")


def test_a_key_has_only_so_many_who_wait() -> None:
    async def life(gateway: Keyed) -> None:
        path = f"/v1/tickets/{(await asked(gateway))['id']}"
        waiting = gateway.running.house.tickets.waiting
        with waiting.place("another", "stranger"):
            places = [waiting.place("another", "agent") for _ in range(MOST_OF_KEY)]
            for each in places:
                each.__enter__()
            found = await gateway.ask("GET", f"{path}?wait=1", "s-agent")
            assert (found.status_code, code(found)) == (503, "overloaded")
            assert (await gateway.ask("GET", path, "s-agent")).status_code == 200
            for each in places:
                each.__exit__(None, None, None)

    lived(life)

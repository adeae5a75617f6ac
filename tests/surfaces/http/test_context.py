"""Contexts as agents see them over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from support.keyed import SUM, Keyed, keyed

KEYS = [
    {"id": "boss", "secret": "s-boss", "rights": ["admin"], "tenant": "t"},
    {"id": "agent", "secret": "s-agent", "tenant": "t"},
    {"id": "keeper", "secret": "s-keeper", "tenant": "t", "sensitivity": "confidential"},
    {"id": "stranger", "secret": "s-stranger"},
]
ANTHROPIC = {"anthropic-version": "2023-06-01"}


def lived(life: Callable[[Keyed], Awaitable[None]], **config: Any) -> None:
    async def whole() -> None:
        async with keyed(None, (), keys=KEYS, **config) as gateway:
            await life(gateway)

    asyncio.run(whole())


async def read(gateway: Keyed, query: str = "", by: str = "s-agent", name: str = "") -> Any:
    task = name or await task_of(gateway)
    found = await gateway.ask("GET", f"/v1/tasks/{task}/context{query}", by)
    assert found.status_code == 200, found.text
    return found.json()


async def task_of(gateway: Keyed) -> str:
    """Return the id of the agent's task, which is there once anything has been written."""
    found = await gateway.ask("GET", "/v1/tasks/trip/context", "s-agent")
    return str(found.json()["task"])


async def write(
    gateway: Keyed, *operations: dict[str, Any], by: str = "s-agent", **headers: str
) -> httpx2.Response:
    asked = [{"value": "v", **each} for each in operations]
    path = "/v1/tasks/trip/context"
    if by != "s-agent":
        path = f"/v1/tasks/{await task_of(gateway)}/context"
    return await gateway.ask("PATCH", path, by, {"operations": asked}, **headers)


def values(told: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: each["value"] for each in told["entries"]}


def test_entries_are_written_and_read_whole_one_by_one_and_as_they_were() -> None:
    async def life(gateway: Keyed) -> None:
        agent = {"x-switchgear-agent": "planner"}
        first = await write(gateway, {"key": "city", "value": "Paris", "type": "fact"}, **agent)
        assert (first.status_code, first.headers["etag"]) == (200, '"1"')
        await write(gateway, {"key": "city", "value": "Rome", "revision": 1, "source": "user"})
        told = await read(gateway)
        assert (values(told), told["revision"]) == ({"city": "Rome"}, 2)
        entry = await read(gateway, "?key=city")
        assert (entry["trust"], entry["agent"], entry["written_by"]) == ("user", "", "agent")
        assert values(await read(gateway, "?at=1")) == {"city": "Paris"}
        log = await read(gateway, "?log=1")
        assert [(each["op"], each["entry"]["agent"]) for each in log["data"]] == [
            ("set", "planner"),
            ("set", ""),
        ]
        page = await read(gateway, "?log=1&limit=1")
        assert (len(page["data"]), page["has_more"]) == (1, True)
        rest = await read(gateway, "?log=1&after=1")
        assert ([each["revision"] for each in rest["data"]], rest["has_more"]) == ([2], False)

    lived(life)


@pytest.mark.parametrize("dialect", [{}, ANTHROPIC], ids=["openai", "anthropic"])
def test_a_conflict_has_what_is_there_in_the_callers_own_shape(dialect: dict[str, str]) -> None:
    async def life(gateway: Keyed) -> None:
        await write(gateway, {"key": "a", "value": 1}, {"key": "b", "value": 2})
        found = await write(gateway, {"key": "a", "value": 9}, **dialect)
        assert (found.status_code, found.headers["x-should-retry"]) == (409, "false")
        error = found.json()["error"]
        assert error["code"] == "context_conflict"
        assert error["current"]["conflicts"] == ["a"]
        assert {key: each["value"] for key, each in error["current"]["entries"].items()} == {"a": 1}
        assert error["current"]["revision"] == 1
        assert found.headers["etag"] == '"1"'
        assert found.json().get("type", "error") == "error"
        assert values(await read(gateway)) == {"a": 1, "b": 2}

    lived(life)


def test_if_match_holds_the_whole_document_to_a_revision() -> None:
    async def life(gateway: Keyed) -> None:
        await write(gateway, {"key": "a"})
        late = await write(gateway, {"key": "b"}, **{"if-match": '"7"'})
        assert (late.status_code, late.json()["error"]["current"]["conflicts"]) == (409, [])
        assert (await write(gateway, {"key": "b"}, **{"if-match": '"1"'})).status_code == 200
        odd = await write(gateway, {"key": "c"}, **{"if-match": "soon"})
        assert odd.status_code == 400

    lived(life)


def test_the_same_patch_twice_has_the_same_answer_and_one_effect() -> None:
    async def life(gateway: Keyed) -> None:
        asked = {"key": "n", "op": "sum", "value": 2, "id": "x"}
        once, again = await write(gateway, asked), await write(gateway, asked)
        assert once.content == again.content
        assert values(await read(gateway)) == {"n": 2}

    lived(life)


def test_who_may_not_use_the_task_learns_nothing() -> None:
    async def life(gateway: Keyed) -> None:
        await write(gateway, {"key": "a"})
        name = await task_of(gateway)
        for method, body in (("GET", None), ("PATCH", {"operations": [{"key": "a", "value": 1}]})):
            found = await gateway.ask(method, f"/v1/tasks/{name}/context", "s-stranger", body)
            assert (found.status_code, found.json()["error"]["code"]) == (404, "unknown_task")
        assert values(await read(gateway, "", "s-boss", name)) == {"a": "v"}

    lived(life)


def test_what_is_more_sensitive_than_a_key_is_withheld_from_it() -> None:
    async def life(gateway: Keyed) -> None:
        await write(gateway, {"key": "open"})
        await write(gateway, {"key": "iban", "value": "DE1"}, by="s-keeper")
        told = await read(gateway)
        assert (values(told), told["withheld"]) == ({"open": "v"}, ["iban"])
        assert values(await read(gateway, "", "s-keeper"))["iban"] == "DE1"
        name = await task_of(gateway)
        found = await gateway.ask("GET", f"/v1/tasks/{name}/context?key=iban", "s-agent")
        assert (found.status_code, "DE1" in found.text) == (404, False)
        lines = (await read(gateway, "?log=1"))["data"]
        assert [(each["withheld"], each["entry"] is None) for each in lines][1] == (True, True)
        clash = await write(gateway, {"key": "iban", "value": "x"})
        assert (clash.status_code, clash.json()["error"]["current"]["withheld"]) == (409, ["iban"])
        assert "DE1" not in clash.text

    lived(life)


def test_only_an_admins_key_speaks_for_a_human() -> None:
    async def life(gateway: Keyed) -> None:
        refused = await write(gateway, {"key": "a", "source": "human"})
        assert refused.status_code == 403
        await write(gateway, {"key": "b"})
        done = await write(gateway, {"key": "a", "source": "human"}, by="s-boss")
        assert done.json()["data"][0]["entry"]["trust"] == "human"

    lived(life)


@pytest.mark.parametrize(
    "body",
    [
        {"operations": []},
        {"operations": [{"key": "", "value": 1}]},
        {"operations": [{"key": "k" * 201, "value": 1}]},
        {"operations": [{"key": "a", "value": 1, "op": "swap"}]},
        {"operations": [{"key": "a", "value": 1, "colour": "red"}]},
        {"operations": [{"key": "a"}]},
        {"operations": [{"key": "a", "value": 1, "ttl": -1}]},
        {"operations": [{"key": "a", "value": "x" * 16_384}]},
        {"operations": [{"key": f"k{at}", "value": 1} for at in range(101)]},
        {"operations": [{"key": "a", "value": 1}], "decision": "x" * 201},
        [],
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(body: object) -> None:
    async def life(gateway: Keyed) -> None:
        await write(gateway, {"key": "here"})
        found = await gateway.ask("PATCH", "/v1/tasks/trip/context", "s-agent", body)
        assert (found.status_code, found.json()["error"]["code"]) == (400, "malformed_body")
        assert values(await read(gateway)) == {"here": "v"}

    lived(life)


@pytest.mark.parametrize("query", ["?at=x", "?at=-1", "?log=1&limit=0", "?log=1&after=x"])
def test_a_query_that_says_nothing_is_refused(query: str) -> None:
    async def life(gateway: Keyed) -> None:
        await write(gateway, {"key": "here"})
        found = await gateway.ask("GET", f"/v1/tasks/trip/context{query}", "s-agent")
        assert found.status_code == 400, found.text

    lived(life)


def test_what_a_call_was_given_can_be_asked_for_by_its_decision() -> None:
    async def life(gateway: Keyed) -> None:
        await write(gateway, {"key": "city", "value": "Paris", "source": "user"})
        task = {"x-switchgear-task": "trip"}
        called = await gateway.ask("POST", "/v1/chat/completions", "s-agent", SUM, **task)
        decision = called.headers["x-switchgear-decision"]
        told = await read(gateway, f"?lineage={decision}", name="trip")
        assert [(it["key"], it["value"], it["trust"]) for it in told["given"]] == [
            ("city", "Paris", "user")
        ]
        other = await gateway.ask("GET", "/v1/tasks/trip/context?lineage=sg_none", "s-agent")
        assert (other.status_code, other.json()["error"]["code"]) == (404, "unknown_decision")

    lived(life, tasks={"context": {"insert": True}})

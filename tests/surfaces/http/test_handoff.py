"""Hand-offs over HTTP: what is asked, what is told, and to whom."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from support.keyed import Keyed, keyed

KEYS = [{"id": "mine", "secret": "s-mine"}, {"id": "other", "secret": "s-other"}]
PATH = "/v1/tasks/job/handoffs"


def lived(life: Callable[[Keyed], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with keyed(None, (), keys=KEYS) as gateway:
            body = {"name": "job", "goal": "sell", "agent": "clerk", "caps": {"steps": 9}}
            opened = await gateway.ask("POST", "/v1/tasks", "s-mine", body)
            assert opened.status_code == 201, opened.text
            await life(gateway)

    asyncio.run(whole())


async def handed(gateway: Keyed, **said: object) -> dict[str, Any]:
    found = await gateway.ask("POST", PATH, "s-mine", {"to": "buyer", **said})
    assert found.status_code == 201, found.text
    handoff: dict[str, Any] = found.json()
    return handoff


def test_it_is_told_as_it_is_kept_with_what_is_left_of_caps() -> None:
    async def life(gateway: Keyed) -> None:
        made = await handed(gateway, reason="late", acceptance=["sold"], note="n", once=True)
        assert (made["object"], made["from"], made["to"]) == ("task.handoff", "clerk", "buyer")
        assert (made["state"], made["once"], made["given"]) == ("open", True, None)
        assert (made["reason"], made["acceptance"], made["note"]) == ("late", ["sold"], "n")
        package = made["package"]
        assert package["goal"] == "sell"
        assert (package["remaining"][0]["cap"], package["remaining"][0]["left"]) == ("steps", 9)
        assert package["history"] == []
        one = await gateway.ask("GET", f"{PATH}/{made['id']}", "s-mine")
        assert one.json() == made
        later = await handed(gateway, to="seller")
        assert later["from"] == "buyer"
        listed = (await gateway.ask("GET", f"{PATH}?limit=1", "s-mine")).json()
        assert listed["object"] == "list"
        assert len(listed["data"]) == 1

    lived(life)


def test_a_package_has_the_context_that_counts() -> None:
    async def life(gateway: Keyed) -> None:
        entries = [
            {"key": "price", "value": 7, "pinned": True},
            {"key": "way", "value": "sea", "type": "decision"},
            {"key": "when", "value": "?", "type": "open_question"},
            {"key": "chat", "value": "hi"},
        ]
        body = {"operations": entries}
        written = await gateway.ask("PATCH", "/v1/tasks/job/context", "s-mine", body)
        assert written.status_code == 200, written.text
        package = (await handed(gateway))["package"]
        found = [package[name][0] for name in ("pinned", "decisions", "open_questions")]
        assert [(it["key"], it["value"]) for it in found] == [
            ("price", 7),
            ("way", "sea"),
            ("when", "?"),
        ]
        assert {it["sensitivity"] for it in found} == {"public"}
        assert "chat" not in str(package)

    lived(life)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"to": ""},
        {"to": "b\n"},
        {"to": 3},
        {"to": "b" * 201},
        {"to": "b", "reason": "r" * 1001},
        {"to": "b", "acceptance": ["a"] * 17},
        {"to": "b", "acceptance": ["a" * 301]},
        {"to": "b", "urgent": True},
        {"to": "clerk"},
    ],
)
def test_what_is_not_understood_is_refused(body: dict[str, object]) -> None:
    async def life(gateway: Keyed) -> None:
        found = await gateway.ask("POST", PATH, "s-mine", body)
        assert found.status_code == 400, found.text

    lived(life)


def test_to_others_it_is_not_there() -> None:
    async def life(gateway: Keyed) -> None:
        made = await handed(gateway)
        body = {"to": "x"}
        task = made["task"]
        for path in (PATH, f"/v1/tasks/{task}/handoffs"):
            assert (await gateway.ask("POST", path, "s-other", body)).status_code == 404
            assert (await gateway.ask("GET", path, "s-other")).status_code == 404
            one = await gateway.ask("GET", f"{path}/{made['id']}", "s-other")
            assert (one.status_code, one.json()["error"]["code"]) == (404, "unknown_task")
        gone = await gateway.ask("GET", f"{PATH}/ho_none", "s-mine")
        assert (gone.status_code, gone.json()["error"]["code"]) == (404, "unknown_handoff")

    lived(life)

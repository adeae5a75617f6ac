"""Tasks over sockets: who sees and halts them, and what becomes of what is under way."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from support.town import Respond, Town, streaming, town
from support.words import frame
from switchgear.domain.dialect import Dialect

OWNER, ADMIN, PLAIN, MATE, OTHER = (
    f"{name}-key-0001" for name in ("own", "adm", "pla", "mat", "oth")
)
KEYS = [
    {"id": "owner", "secret": OWNER, "rights": ["admin"]},
    {"id": "admin", "secret": ADMIN, "rights": ["admin"], "tenant": "acme"},
    {"id": "plain", "secret": PLAIN, "tenant": "acme"},
    {"id": "mate", "secret": MATE, "tenant": "acme"},
    {"id": "other", "secret": OTHER, "tenant": "other"},
]
TASKS, CHAT = "/v1/tasks", "/v1/chat/completions"
LOOKS, PAUSE_S = 500, 0.01
TRICKLE = streaming(*[frame(f"w{number} ") for number in range(2000)], pause=0.005)
SHORT = streaming(frame("hi"), b"data: [DONE]\n\n")
Scene = Callable[[Town, "Asker"], Awaitable[None]]


class Asker:
    """Asks with a key."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client

    async def ask(
        self, method: str, path: str, secret: str, body: object = None, **headers: str
    ) -> httpx2.Response:
        proof = {"authorization": f"Bearer {secret}", **headers}
        if body is None:
            return await self.client.request(method, path, headers=proof)
        return await self.client.request(method, path, headers=proof, json=body)

    async def opened(self, secret: str = PLAIN, **said: object) -> dict[str, Any]:
        answer = await self.ask("POST", TASKS, secret, {"name": "report", **said})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def call(self, secret: str = PLAIN, task: str = "report") -> httpx2.Response:
        return await self.ask("POST", CHAT, secret, CALL, **{"x-switchgear-task": task})


CALL = {"model": "far", "stream": True, "messages": [{"role": "user", "content": "hi"}]}


def play(scene: Scene, respond: Respond = SHORT, **more: object) -> None:
    async def life() -> None:
        places = {"far": (Dialect.OPENAI_CHAT, respond)}
        async with (
            town(places, {"keys": KEYS, **more}) as place,
            httpx2.AsyncClient(base_url=place.url, timeout=20) as client,
        ):
            await scene(place, Asker(client))

    asyncio.run(life())


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(LOOKS):
        if holds():
            return
        await asyncio.sleep(PAUSE_S)
    raise AssertionError("it never came to that")


def test_a_task_is_its_tenants_and_for_all_others_it_is_not_there() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        task = (await asker.opened(goal="write"))["id"]
        asks = [("GET", ""), ("PATCH", ""), ("POST", "/stop"), ("GET", "/history")]
        for method, end in asks:
            body = {"goal": "x"} if method == "PATCH" else None
            for name in (task, "report", "never"):
                answer = await asker.ask(method, f"{TASKS}/{name}{end}", OTHER, body)
                assert answer.status_code == 404, answer.text
                assert answer.json()["error"]["code"] == "unknown_task"
        child = {"name": "c", "parent": task}
        assert (await asker.ask("POST", TASKS, OTHER, child)).status_code == 404
        for secret in (PLAIN, MATE, ADMIN, OWNER):
            assert (await asker.ask("GET", f"{TASKS}/{task}", secret)).json()["goal"] == "write"
        lists = {
            secret: len((await asker.ask("GET", TASKS, secret)).json()["data"])
            for secret in (PLAIN, MATE, ADMIN, OWNER, OTHER)
        }
        assert lists == {PLAIN: 1, MATE: 1, ADMIN: 1, OWNER: 1, OTHER: 0}

    play(scene)


def test_two_keys_that_give_a_task_one_name_have_two_tasks() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        names = {(await asker.opened(secret))["id"] for secret in (PLAIN, MATE, OTHER)}
        assert len(names) == 3
        await asker.ask("POST", f"{TASKS}/report/stop", OTHER)
        assert (await asker.call(OTHER)).status_code == 422
        assert (await asker.call(PLAIN)).status_code == 200

    play(scene)


def test_a_task_that_is_said_again_is_the_one_that_is_there() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        first = await asker.opened(goal="write")
        same = {"name": "report", "goal": "write"}
        again = await asker.ask("POST", TASKS, PLAIN, same)
        assert (again.status_code, again.json()["id"]) == (200, first["id"])
        other = await asker.ask("POST", TASKS, PLAIN, {**same, "goal": "read"})
        assert (other.status_code, other.json()["error"]["code"]) == (409, "task_conflict")
        assert first["id"] in other.text
        once = [
            await asker.ask("POST", TASKS, PLAIN, {"goal": goal}, **{"idempotency-key": "k"})
            for goal in ("a", "a", "b")
        ]
        assert [each.status_code for each in once] == [201, 200, 400]
        assert once[0].json()["id"] == once[1].json()["id"]
        free = [await asker.ask("POST", TASKS, PLAIN, {"goal": "a"}) for _ in range(2)]
        assert free[0].json()["id"] != free[1].json()["id"]

    play(scene)


def test_many_openings_of_one_task_at_once_make_one() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        asks = [asker.ask("POST", TASKS, PLAIN, {"name": "report"}) for _ in range(20)]
        found = await asyncio.gather(*asks)
        assert sorted(each.status_code for each in found) == [200] * 19 + [201]
        assert len({each.json()["id"] for each in found}) == 1

    play(scene)


def test_a_task_that_began_with_a_call_is_taken_over_by_its_opening() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        await asker.call()
        task = await asker.opened(goal="write", caps={"steps": 5})
        assert (task["steps"], task["declared"], task["goal"]) == (1, True, "write")

    play(scene)


def test_who_is_above_holds_what_the_tasks_own_key_may_not_let_go() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        task = (await asker.opened())["id"]

        async def act(verb: str, secret: str) -> int:
            return (await asker.ask("POST", f"{TASKS}/{task}/{verb}", secret)).status_code

        assert [await act(each, PLAIN) for each in ("pause", "resume")] == [200, 200]
        assert await act("pause", ADMIN) == 200
        assert [await act(each, PLAIN) for each in ("resume", "done")] == [403, 403]
        assert [await act(each, PLAIN) for each in ("stop", "resume")] == [200, 403]
        assert (await asker.call()).status_code == 422
        assert [await act(each, ADMIN) for each in ("resume", "done")] == [200, 200]
        assert await act("pause", PLAIN) == 409

    play(scene)


def test_a_paused_or_stopped_parent_holds_its_children() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        await asker.opened()
        child = {"name": "child", "parent": "report"}
        assert (await asker.ask("POST", TASKS, PLAIN, child)).status_code == 201
        for verb, code in (("pause", "task_paused"), ("stop", "task_stopped")):
            await asker.ask("POST", f"{TASKS}/report/{verb}", PLAIN)
            answer = await asker.call(task="child")
            assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
            late = await asker.ask("POST", TASKS, PLAIN, {**child, "name": f"late-{verb}"})
            assert (late.status_code, late.json()["error"]["code"]) == (422, code)
            assert late.headers["x-should-retry"] == "false"

    play(scene)


def test_caps_are_lowered_by_anybody_and_raised_from_above() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        task = (await asker.opened(caps={"steps": 3}))["id"]

        async def change(secret: str, body: object, **headers: str) -> httpx2.Response:
            return await asker.ask("PATCH", f"{TASKS}/{task}", secret, body, **headers)

        assert (await change(PLAIN, {"caps": {"steps": 2}})).json()["caps"] == {"steps": 2}
        for wider in ({"steps": 3}, {"steps": None}):
            assert (await change(PLAIN, {"caps": wider})).status_code == 403
        assert (await change(ADMIN, {"caps": {"steps": 9}})).json()["caps"] == {"steps": 9}
        late = await change(ADMIN, {"caps": {"steps": 1}}, **{"if-match": '"1"'})
        assert late.status_code == 409
        assert (await change(PLAIN, {"deadline_s": 60})).status_code == 200
        assert (await change(PLAIN, {"deadline_s": 600})).status_code == 403
        assert (await change(PLAIN, {"deadline": None})).status_code == 403
        assert (await change(OWNER, {"deadline": None})).json()["deadline"] is None

    play(scene)


def test_nobody_but_an_admin_opens_a_task_with_more_than_the_owner_lets_each_use() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        more = {"name": "more", "caps": {"steps": 11}}
        assert (await asker.ask("POST", TASKS, PLAIN, more)).status_code == 403
        assert (await asker.ask("POST", TASKS, ADMIN, more)).status_code == 201

    play(scene, tasks={"caps": {"steps": 10}})


def test_raising_the_cap_that_a_task_came_to_lets_it_go_on() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        task = (await asker.opened(caps={"steps": 1, "at_cap": "pause"}))["id"]
        codes = [(await asker.call()).status_code for _ in range(3)]
        assert codes == [200, 422, 422]
        seen = (await asker.ask("GET", f"{TASKS}/{task}", PLAIN)).json()
        assert (seen["status"], seen["code"]) == ("paused", "cap")
        assert (await asker.ask("POST", f"{TASKS}/{task}/resume", PLAIN)).status_code == 403
        raised = await asker.ask("PATCH", f"{TASKS}/{task}", ADMIN, {"caps": {"steps": 2}})
        assert raised.json()["status"] == "running"
        assert [(await asker.call()).status_code for _ in range(2)] == [200, 422]

    play(scene)


@pytest.mark.parametrize("above", [False, True])
def test_stopping_a_task_or_its_parent_cuts_what_is_under_way(above: bool) -> None:  # noqa: FBT001  (a parameter of the test)
    async def scene(place: Town, asker: Asker) -> None:
        await asker.opened()
        child = {"name": "child", "parent": "report"}
        await asker.ask("POST", TASKS, PLAIN, child)
        name = "child" if above else "report"
        calls = [asyncio.ensure_future(asker.call(task=each)) for each in (name, "free")]
        await until(lambda: len(place.houses["far"].bodies) == len(calls))
        await asyncio.sleep(0.1)
        await asker.ask("POST", f"{TASKS}/report/stop", PLAIN)
        cut = await asyncio.wait_for(calls[0], 5)
        assert "task_stopped" in cut.text
        assert "[DONE]" not in cut.text
        assert not calls[1].done()
        await until(lambda: place.houses["far"].left == 1)
        calls[1].cancel()
        await asyncio.wait(calls)

    play(scene, TRICKLE)


def test_pausing_a_task_lets_what_is_under_way_end() -> None:
    async def scene(place: Town, asker: Asker) -> None:
        await asker.opened()
        under_way = asyncio.ensure_future(asker.call())
        await until(lambda: len(place.houses["far"].bodies) == 1)
        await asker.ask("POST", f"{TASKS}/report/pause", PLAIN)
        assert "[DONE]" in (await asyncio.wait_for(under_way, 10)).text
        assert (await asker.call()).status_code == 422

    words = [frame(f"w{number} ") for number in range(20)]
    play(scene, streaming(*words, b"data: [DONE]\n\n", pause=0.01))


def test_a_task_is_shown_with_all_that_is_known_of_it() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        caps = {"steps": 9, "usd": 0.5, "depth": 2, "fan_out": 3, "wall_s": 60}
        task = await asker.opened(caps=caps, metadata={"team": "a"}, agent="writer")
        await asker.opened(name="child", parent="report", caps={"steps": 4})
        await asker.call()
        seen = (await asker.ask("GET", f"{TASKS}/report", PLAIN)).json()
        assert [each["name"] for each in seen["children"]] == ["child"]
        standing = {each["cap"]: each for each in seen["standing"]}
        assert (standing["steps"]["spent"], standing["steps"]["promised"]) == (1, 4)
        assert standing["steps"]["left"] == 4
        assert standing["fan_out"]["open"] == 1
        assert set(standing) == set(caps)
        assert (seen["caps"], seen["metadata"], seen["id"]) == (caps, {"team": "a"}, task["id"])
        deeds = (await asker.ask("GET", f"{TASKS}/report/history", PLAIN)).json()["data"]
        assert deeds[0]["deed"] == "opened"

    play(scene)


def test_a_list_comes_in_pages_of_what_fits() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        for number in range(5):
            await asker.opened(name=f"t{number}", agent="ab"[number % 2])
            await asyncio.sleep(0.002)
        await asker.ask("POST", f"{TASKS}/t1/pause", PLAIN)
        names, before = [], ""
        more = True
        while more:
            path = f"{TASKS}?limit=2{before}"
            page = (await asker.ask("GET", path, PLAIN)).json()
            names += [each["name"] for each in page["data"]]
            before, more = f"&before={page['data'][-1]['opened']}", page["has_more"]
        assert names == ["t4", "t3", "t2", "t1", "t0"]
        for query, fit in (("status=paused", ["t1"]), ("agent=a", ["t4", "t2", "t0"])):
            page = (await asker.ask("GET", f"{TASKS}?{query}", PLAIN)).json()
            assert [each["name"] for each in page["data"]] == fit

    play(scene)


def test_a_context_begins_with_its_task_or_neither_does() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        entries = [{"key": "budget", "value": 5, "type": "fact"}]
        task = (await asker.opened(context=entries, insert=True))["id"]
        seen = (await asker.ask("GET", f"{TASKS}/{task}/context", PLAIN)).json()
        assert "budget" in str(seen)
        bad = {"name": "bad", "context": [{"key": "a", "op": "append", "value": {}, "revision": 7}]}
        answer = await asker.ask("POST", TASKS, PLAIN, bad)
        assert answer.status_code in {400, 409}
        assert (await asker.ask("GET", f"{TASKS}/bad", PLAIN)).status_code == 404

    play(scene)


BAD: list[tuple[object, str]] = [
    ({"nam": "x"}, "nam"),
    ({"name": "x" * 201}, "name"),
    ({"name": "tk_" + "a" * 26}, "name"),
    ({"name": "a\nb"}, "name"),
    ({"caps": {"usd": -1}}, "caps.usd"),
    ({"caps": {"step": 1}}, "step"),
    ({"caps": {"at_cap": "explode"}}, "at_cap"),
    ({"deadline": "soon"}, "deadline"),
    ({"deadline": 5}, "deadline"),
    ({"deadline": 2_000_000_000_000, "deadline_s": 5}, "deadline"),
    ({"metadata": {"a": 1}}, "metadata"),
    ([], "object"),
]


def test_what_cannot_be_is_refused_with_the_place_where_it_stands() -> None:
    async def scene(_: Town, asker: Asker) -> None:
        for body, place in BAD:
            answer = await asker.ask("POST", TASKS, PLAIN, body)
            assert answer.status_code == 400, answer.text
            assert place in answer.json()["error"]["message"]
        for path in (
            f"{TASKS}?status=gone",
            f"{TASKS}?limit=0",
            f"{TASKS}?before=x",
            f"{TASKS}?a=1",
        ):
            assert (await asker.ask("GET", path, PLAIN)).status_code == 400
        large = {"goal": "x" * 70_000}
        assert (await asker.ask("POST", TASKS, PLAIN, large)).status_code == 413
        assert (await asker.ask("POST", f"{TASKS}/report/burn", PLAIN)).status_code == 404

    play(scene)


def test_a_stopped_task_is_stopped_after_a_restart(tmp_path: Path) -> None:
    book = {"path": str(tmp_path / "ledger.sqlite3")}

    async def before(_: Town, asker: Asker) -> None:
        await asker.opened(goal="write")
        await asker.ask("POST", f"{TASKS}/report/stop", ADMIN)
        await asker.ask("POST", f"{TASKS}/report/stop", PLAIN, {"note": "enough"})

    async def after(_: Town, asker: Asker) -> None:
        answer = await asker.call()
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "task_stopped")
        assert (await asker.ask("GET", f"{TASKS}/report", PLAIN)).json()["goal"] == "write"

    for scene in (before, after):
        play(scene, ledger=book)

"""Tasks over HTTP, in process; the way over sockets is in tests/scenario/test_tasking.py."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import quote

import msgspec
import pytest

from support.keyed import Keyed, keyed
from switchgear.config.opening import CapsForm, capped
from switchgear.domain.task import NO_CAPS, Status, Task
from switchgear.domain.units import UnixMs
from switchgear.domain.view import View
from switchgear.surfaces.http.task import row_of, told_of

TASKS = "/v1/tasks"


def play(scene: Callable[[Keyed], Awaitable[None]]) -> None:
    async def life() -> None:
        async with keyed() as gateway:
            await scene(gateway)

    asyncio.run(life())


def test_a_task_is_told_with_nothing_for_what_is_empty() -> None:
    task = Task(id="t", opened=UnixMs(5))
    words = row_of(task)
    assert words["name"] is words["why"] is words["ticket"] is words["parent"] is None
    assert (words["began"], words["status"], words["caps"]) == (5, "running", {})


def test_a_task_is_told_as_it_was_said() -> None:
    caps = {"steps": 3, "usd": 0.25, "at_cap": "pause"}
    held = capped(msgspec.convert(caps, CapsForm), NO_CAPS)
    child = Task(id="c", opened=UnixMs(6), status=Status.DONE)
    view = View(
        task=Task(id="t", opened=UnixMs(5), caps=held, metadata=(("a", "b"),)),
        revision=4,
        rung="nudge",
        children=(child,),
        more=True,
    )
    words = msgspec.json.decode(msgspec.json.encode(told_of(view)))
    assert (words["caps"], words["metadata"]) == (caps, {"a": "b"})
    assert words["children"] == [{"id": "c", "name": None, "status": "done"}]
    assert (words["revision"], words["rung"], words["more_children"]) == (4, "nudge", True)


def test_a_deed_takes_a_note_or_nothing() -> None:
    async def scene(gateway: Keyed) -> None:
        await gateway.ask("POST", TASKS, "s-plain", {"name": "t"})
        for body, why in ((None, "by the key plain"), ({"note": "x"}, "by the key plain (x)")):
            answer = await gateway.ask("POST", f"{TASKS}/t/pause", "s-plain", body)
            assert answer.json()["why"] == why
            await gateway.ask("POST", f"{TASKS}/t/resume", "s-plain")
        bad: list[object] = [{"not": "x"}, {"note": "x" * 501}, []]
        for wrong in bad:
            answer = await gateway.ask("POST", f"{TASKS}/t/pause", "s-plain", wrong)
            assert answer.status_code == 400

    play(scene)


@pytest.mark.parametrize(
    ("said", "status"),
    [("1", 200), ('"1"', 200), ('W/"1"', 200), ("*", 200), ("2", 409), ("x", 400), ("1" * 20, 400)],
)
def test_a_change_is_for_the_revision_that_if_match_says(said: str, status: int) -> None:
    async def scene(gateway: Keyed) -> None:
        await gateway.ask("POST", TASKS, "s-plain", {"name": "t"})
        named = {"if-match": said}
        answer = await gateway.ask("PATCH", f"{TASKS}/t", "s-plain", {"goal": "x"}, **named)
        assert answer.status_code == status

    play(scene)


def test_without_a_key_it_is_refused_and_every_answer_is_private() -> None:
    async def scene(gateway: Keyed) -> None:
        for method, path in (("GET", TASKS), ("POST", TASKS), ("GET", f"{TASKS}/t")):
            assert (await gateway.ask(method, path, None)).status_code == 401
        made = await gateway.ask("POST", TASKS, "s-plain", {"name": "t"})
        seen = await gateway.ask("GET", f"{TASKS}/t", "s-plain")
        for answer in (made, seen):
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-switchgear-decision"].startswith("sg_")
        assert (await gateway.ask("PUT", f"{TASKS}/t", "s-plain")).status_code == 405

    play(scene)


ODD = [
    "",
    " ",
    "..",
    "a/b",
    "\x00",
    "\x1f",
    "%",
    "?a=b",
    "é",
    "😀",
    "x" * 300,
    "tk_" + "z" * 26,
    "[",
    "'\"",
]


def test_no_name_in_a_path_breaks_anything() -> None:
    async def scene(gateway: Keyed) -> None:
        for name in ODD:
            for end in ("", "/history", "/x"):
                path = f"{TASKS}/{quote(name, safe='')}{end}"
                answer = await gateway.ask("GET", path, "s-plain")
                assert answer.status_code in {400, 404}, answer.text
            answer = await gateway.ask("POST", f"{TASKS}/{quote(name, safe='')}/stop", "s-plain")
            assert answer.status_code in {400, 404}, answer.text

    play(scene)

"""A task passed from one agent to another, over sockets, with the official SDKs.

The model is simulated: it asks the tool for whatever it does not find in its prompt, and for
nothing else. So what is shown is what a package puts in front of a model, not how well a real one
heeds it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from support.shift import GOAL, MOST_TURNS, Pricer, Shift, anthropic_agent, openai_agent
from support.town import Town, town
from switchgear.domain.dialect import Dialect

Agent = Callable[..., Shift]
BEFORE = 7
"""Items that the first agent prices before it hands over."""
ASK = [{"role": "user", "content": GOAL}]
CHAT, MESSAGES = Dialect.OPENAI_CHAT.value, Dialect.ANTHROPIC_MESSAGES.value
BOTH = (Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES)
LOOKS, PAUSE_S = 200, 0.02


class Place:
    """A gateway with one model of each dialect."""

    def __init__(self, there: Town, models: dict[str, Pricer], client: httpx2.AsyncClient) -> None:
        self.url = there.url
        self.models = models
        self._client = client

    async def ask(self, method: str, path: str, body: object = None, status: int = 0) -> Any:
        answer = await self._client.request(method, path, json=body)
        assert answer.status_code == status or (not status and answer.is_success), answer.text
        return answer.json()

    async def hand(self, task: str = "job", **said: object) -> dict[str, Any]:
        body = {"to": "buyer", "reason": "I am out of time.", **said}
        found: dict[str, Any] = await self.ask("POST", f"/v1/tasks/{task}/handoffs", body, 201)
        return found

    async def run(self, agent: Agent, who: str, talk: list[Any], most: int) -> Shift:
        """Let an agent work; ``who`` is the model, the task and its name."""
        model, task, name = who.split(" ")
        marks = {"task": task, "agent": name} if name else {"task": task}
        return await asyncio.to_thread(agent, self.url, model, who=marks, talk=talk, most=most)

    async def handoffs(self, task: str = "job") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.ask("GET", f"/v1/tasks/{task}/handoffs"))["data"]
        return found

    async def until(self, holds: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        for _ in range(LOOKS):
            found = await self.handoffs()
            if holds(found):
                return found
            await asyncio.sleep(PAUSE_S)
        raise AssertionError(found)


def play(
    scene: Callable[[Place], Awaitable[None]],
    dialects: tuple[Dialect, ...] = BOTH,
    root: str = "/v1",
    **more: object,
) -> None:
    async def life() -> None:
        models = {each.value: Pricer(each) for each in dialects}
        places = {name: (it.dialect, it.respond) for name, it in models.items()}
        async with (
            town(places, more, root=root) as there,
            httpx2.AsyncClient(base_url=there.url, timeout=20) as client,
        ):
            await scene(Place(there, models, client))

    asyncio.run(life())


def repeated(first: Shift, second: Shift) -> int:
    return len(set(first.asked) & set(second.asked))


@pytest.mark.parametrize("receiver", [openai_agent, anthropic_agent])
def test_a_receiver_that_is_given_the_package_repeats_at_most_a_quarter(receiver: Agent) -> None:
    """Against one that is given the last message alone; the model is simulated, see above."""

    async def scene(place: Place) -> None:
        shifts: dict[str, tuple[Shift, Shift]] = {}
        for task in ("bare", "job"):
            first = await place.run(openai_agent, f"{CHAT} {task} clerk", ASK, BEFORE)
            if task == "job":
                await place.hand(acceptance=["all ten have prices"])
            last = f"{GOAL} So far: {first.talk[-1]['content']}"
            alone = [{"role": "user", "content": last}]
            second = await place.run(receiver, f"{MESSAGES} {task} buyer", alone, MOST_TURNS)
            assert second.final == "All are priced."
            shifts[task] = first, second
        assert len(shifts["job"][0].asked) == BEFORE
        assert repeated(*shifts["bare"]) == BEFORE - 1
        assert repeated(*shifts["job"]) <= repeated(*shifts["bare"]) / 4
        (given,) = await place.until(lambda found: found[0]["friction"] != [])
        assert (given["from"], given["to"], given["state"]) == ("clerk", "buyer", "given")

    play(scene)


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize("name", ["buyer", ""])
def test_the_package_is_given_to_whom_it_is_meant_for(name: str, *, once: bool) -> None:
    async def scene(place: Place) -> None:
        await place.ask("POST", "/v1/tasks", {"name": "job", "goal": GOAL})
        first = await place.run(openai_agent, f"{CHAT} job {name and 'clerk'}", ASK, 3)
        said: dict[str, Any] = {"from": "clerk", "note": "be quick", "once": once}
        made = await place.hand(**said)
        if name:  # who handed over gets nothing
            await place.run(openai_agent, f"{CHAT} job clerk", first.talk, 1)
        shift = await place.run(openai_agent, f"{CHAT} job {name}", ASK, 3)
        told = [raw.count(b"<task_handoff>") for raw in place.models[CHAT].raw]
        assert told == [0] * (len(told) - 3) + ([1, 0, 0] if once else [1, 1, 1])
        raw = place.models[CHAT].raw[-3].decode()
        assert "be quick" in raw
        assert raw.index("be quick") > raw.index(GOAL)
        shown = await place.ask("GET", f"/v1/tasks/job/handoffs/{made['id']}")
        assert (shown["state"], shown["given"]) == ("given", shift.decisions[0])
        await place.ask("GET", "/v1/tasks/job/handoffs/ho_none", status=404)

    play(scene)


ROOTS = {Dialect.GEMINI: "/v1beta"}


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("caller", [openai_agent, anthropic_agent])
@pytest.mark.parametrize("said", [True, False])
def test_a_call_that_was_left_open_goes_through(
    dialect: Dialect, caller: Agent, *, said: bool
) -> None:
    async def scene(place: Place) -> None:
        model = dialect.value
        first = await place.run(caller, f"{model} job clerk", ASK, 2)
        left = first.talk[:-1]  # its last call was never answered
        if said:
            await place.hand()
        second = await place.run(caller, f"{model} job buyer", left, MOST_TURNS)
        assert second.final == "All are priced."
        assert repeated(first, second) == 1

    play(scene, (dialect,), ROOTS.get(dialect, "/v1"))


def test_what_a_hand_off_cost_is_kept_also_where_nobody_said_that_it_is_one() -> None:
    async def scene(place: Place) -> None:
        first = await place.run(openai_agent, f"{CHAT} job clerk", ASK, 3)
        await place.run(openai_agent, f"{CHAT} job novice", ASK, MOST_TURNS)
        await place.run(openai_agent, f"{CHAT} job clerk", first.talk, 1)
        (found,) = await place.until(lambda found: len(found) == 1)
        (friction,) = found["friction"]
        assert (found["from"], found["to"], found["state"]) == ("clerk", "novice", "implicit")
        assert friction["calls_repeated"] == 2
        assert friction["turns_to_new_result"] == 3
        assert friction["tokens_reread"] > 0
        assert friction["seconds_to_new_result"] > 0

    play(scene)


@pytest.mark.parametrize("once", [True, False])
def test_a_package_outlives_a_restart_and_is_given_after_it(tmp_path: Path, *, once: bool) -> None:
    given = [1, 0] if once else [1, 1]
    book: dict[str, Any] = {"ledger": {"path": str(tmp_path / "l.db")}}

    async def before(place: Place) -> None:
        await place.run(openai_agent, f"{CHAT} job clerk", ASK, 3)
        await place.hand(once=once)

    async def after(place: Place) -> None:
        for _ in range(2):
            await place.run(openai_agent, f"{CHAT} job buyer", ASK, 1)
        assert [raw.count(b"<task_handoff>") for raw in place.models[CHAT].raw] == given
        assert b"price-14" in place.models[CHAT].raw[0]

    play(before, **book)
    play(after, **book)


def test_a_call_that_failed_has_not_used_the_package_up() -> None:
    async def scene(place: Place) -> None:
        await place.run(openai_agent, f"{CHAT} job clerk", ASK, 3)
        await place.hand()
        call = {"model": "nobody", "messages": ASK}
        marks = {"x-switchgear-task": "job", "x-switchgear-agent": "buyer"}
        async with httpx2.AsyncClient(base_url=place.url) as client:
            answer = await client.post("/v1/chat/completions", json=call, headers=marks)
        assert answer.is_error
        await place.until(lambda found: found[0]["state"] == "open")
        await place.run(openai_agent, f"{CHAT} job buyer", ASK, 1)
        assert b"<task_handoff>" in place.models[CHAT].raw[-1]

    play(scene)


def test_what_cannot_be_handed_over_is_refused() -> None:
    async def scene(place: Place) -> None:
        await place.ask("POST", "/v1/tasks/job/handoffs", {"to": "buyer"}, 404)
        await place.ask("POST", "/v1/tasks", {"name": "job", "agent": "clerk"})
        await place.ask("POST", "/v1/tasks/job/handoffs", {"to": "clerk"}, 400)
        await place.ask("POST", "/v1/tasks/job/handoffs", {"to": ""}, 400)
        await place.ask("POST", "/v1/tasks/job/handoffs", {"to": "b", "form": "c"}, 400)
        await place.ask("POST", "/v1/tasks/job/stop")
        await place.ask("POST", "/v1/tasks/job/handoffs", {"to": "buyer"}, 409)
        assert await place.handoffs() == []

    play(scene)

"""What becomes of decisions, over real sockets: said by callers, and seen unasked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
from anthropic import AsyncAnthropic

from support.town import Respond, Town, saying, target, town
from support.words import WHOLE
from switchgear.domain.dialect import Dialect

KEYS = [
    {"id": "agent", "secret": "s-agent"},
    {"id": "boss", "secret": "s-boss", "rights": ["decide"]},
]
EMPTY = saying(
    b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,'
    b'"message":{"role":"assistant","content":""},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":5,"completion_tokens":0,"total_tokens":5}}'
)
LOOKS, PAUSE_S = 300, 0.01
QUESTION = "Which of the two contracts ends first, and why does that matter?"


class Asker:
    """An agent, or its boss, at the gateway's address."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def ask(
        self, method: str, path: str, whom: str = "s-agent", body: object = None, **headers: str
    ) -> httpx2.Response:
        content: dict[str, Any] = {} if body is None else {"json": body}
        head = {"authorization": f"Bearer {whom}", **headers}
        return await self._client.request(method, path, headers=head, **content)

    async def call(self, task: str, text: str = QUESTION) -> str:
        body = {"model": "auto", "messages": [{"role": "user", "content": text}]}
        head = {"x-switchgear-task": task}
        found = await self.ask("POST", "/v1/chat/completions", "s-agent", body, **head)
        assert found.status_code == 200, found.text
        return str(found.headers["x-switchgear-decision"])

    async def judged(self, decision: str) -> tuple[list[dict[str, Any]], Any]:
        found = (await self.ask("GET", f"/v1/decisions/{decision}")).json()
        return found["outcomes"], found["label"]

    async def seen(self, decision: str) -> dict[str, Any]:
        """Wait for the outcome that nobody waits for."""
        for _ in range(LOOKS):
            outcomes, _ = await self.judged(decision)
            if outcomes:
                return outcomes[0]
            await asyncio.sleep(PAUSE_S)
        raise AssertionError("nothing was seen")


def play(scene: Callable[[Asker, Town], Awaitable[None]], **places: Respond) -> None:
    async def life() -> None:
        houses = {
            name: (Dialect.OPENAI_CHAT, it) for name, it in (places or {"sim": WHOLE}).items()
        }
        async with (
            town(houses, {"keys": KEYS, **config(list(houses))}) as place,
            httpx2.AsyncClient(base_url=place.url) as client,
        ):
            await scene(Asker(client), place)

    asyncio.run(life())


def config(names: list[str]) -> dict[str, Any]:
    """Give the first the lowest tier and price, so that no draw decides who is asked first."""
    ranks = (("small", 1), ("mid", 9))
    return {
        "targets": {
            name: target(name, tier, price={"input_usd": usd, "output_usd": usd})
            for name, (tier, usd) in zip(names, ranks, strict=False)
        }
    }


def test_a_question_that_is_asked_again_speaks_a_little_against_the_first_answer() -> None:
    async def scene(asker: Asker, _: Town) -> None:
        first = await asker.call("chat")
        await asyncio.sleep(0.005)
        second = await asker.call("chat")
        found = await asker.seen(first)
        assert (found["source"], found["implicit"], found["score"]) == ("retry", True, 0.0)
        assert await asker.judged(second) == ([], None)
        told = await asker.ask(
            "POST", "/v1/outcomes", body={"decision": first, "verdict": "good_fit"}
        )
        assert told.json()["label"]["good"] == 1.0

    play(scene)


def test_another_question_and_the_same_in_another_task_speak_against_nothing() -> None:
    async def scene(asker: Asker, _: Town) -> None:
        first = await asker.call("chat")
        await asyncio.sleep(0.005)
        await asker.call("chat", f"{QUESTION} And the third?")
        await asker.call("other")
        await asyncio.sleep(0.05)
        assert await asker.judged(first) == ([], None)

    play(scene)


def test_a_task_that_a_human_takes_over_marks_the_last_answer_before_it() -> None:
    async def scene(asker: Asker, _: Town) -> None:
        first, last = await asker.call("job"), await asker.call("job", "And now the second step.")
        asked = {"text": "I cannot go on.", "task": "job", "kind": "takeover", "pauses": True}
        ticket = (await asker.ask("POST", "/v1/tickets", body=asked)).json()["id"]
        path, ruling = f"/v1/tickets/{ticket}/decision", {"verdict": "take_over"}
        assert (await asker.ask("POST", path, "s-boss", ruling)).status_code == 200
        found = await asker.seen(last)
        assert (found["source"], found["override"], found["by"]) == ("human", "human", "boss")
        assert await asker.judged(first) == ([], None)

    play(scene)


def test_an_answer_of_no_use_speaks_against_its_target_and_is_told_from_the_row() -> None:
    async def scene(asker: Asker, place: Town) -> None:
        decision = await asker.call("job")
        outcomes, label = await asker.judged(decision)
        assert {each["source"] for each in outcomes} == {"validator", "escalation"}
        assert {each["target"] for each in outcomes} == {"weak"}
        assert (label["target"], label["good"], label["needed"]) == ("weak", 0.0, "mid")
        assert await place.running.house.outcomes.of(decision) == ()

    play(scene, weak=EMPTY, strong=WHOLE)


def test_anthropics_sdk_tells_the_decision_too() -> None:
    async def scene(asker: Asker, place: Town) -> None:
        async with AsyncAnthropic(base_url=place.url, api_key="s-agent") as client:
            raw = await client.messages.with_raw_response.create(
                model="auto", max_tokens=9, messages=[{"role": "user", "content": "hi"}]
            )
        said = {"decision": raw.headers["x-switchgear-decision"], "thumbs": "down"}
        told = (await asker.ask("POST", "/v1/outcomes", body=said)).json()
        assert (told["repeated"], told["label"]["good"]) == (False, 0.0)

    play(scene)

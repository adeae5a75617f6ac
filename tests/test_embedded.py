"""The library form."""

import asyncio
from typing import Any

import httpx2
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

import switchgear
from support.town import House, Respond, streaming, target
from support.words import FRAMES, WHOLE
from switchgear.domain.errors import (
    MalformedBody,
    PreviousNotFound,
    UnknownDecision,
    UnknownModel,
)
from switchgear.domain.event import Finished, Opened, TextDelta
from switchgear.domain.supervision import TaskPaused, UnknownTask
from switchgear.engine.task import task_id

ASK: Any = [{"role": "user", "content": "hi"}]


async def opened(respond: Respond, life: Any) -> None:
    """Open a library over one provider, and live with both."""
    house = House(respond)
    server = await asyncio.start_server(house.host, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    config = {
        "providers": {"sim": {"dialect": "openai-chat", "base_url": f"http://127.0.0.1:{port}/v1"}},
        "targets": {"sim": target("sim")},
        "ledger": {"path": ":memory:"},
    }
    try:
        async with switchgear.open(config, environment={}) as sg:
            await life(sg, house)
    finally:
        server.close()


def lived(respond: Respond, life: Any) -> None:
    asyncio.run(opened(respond, life))


@pytest.mark.parametrize("method", ["chat", "messages"])
def test_it_answers_in_either_dialect_and_says_how(method: str) -> None:
    async def life(sg: switchgear.Switchgear, _: House) -> None:
        wishes = switchgear.Wishes(task="job")
        answer = await getattr(sg, method)(wishes, model="auto", messages=ASK, max_tokens=9)
        assert (answer.text, answer.target, answer.tier) == ("Hello!", "sim", "small")
        assert answer.usage is not None
        assert answer.usage.output == 2
        assert float(answer.cost_usd) == pytest.approx((5 + 2 * 4) / 1e6)
        assert ("choices" in answer.body) is (method == "chat")
        found: Any = await sg.explain(answer.decision)
        assert found["belongs"]["name"] == "job"
        assert found["question"]["task"] == found["belongs"]["task"] == task_id("", "job")
        assert found["choice"]["replayed"] is True

    lived(WHOLE, life)


def test_it_streams_events_and_leaving_early_closes_the_target() -> None:
    async def life(sg: switchgear.Switchgear, house: House) -> None:
        async with sg.stream(model="auto", messages=ASK) as events:
            first = await anext(aiter(events))
            assert first is not None
        assert house.bodies
        pool = sg._running._upstreams.http._lines["sim"].pool
        await asyncio.sleep(0.05)
        assert pool.open == 0

    lived(streaming(*FRAMES[:-1], end=False), life)


def test_a_stream_read_to_its_end_ends_with_finished() -> None:
    async def life(sg: switchgear.Switchgear, _: House) -> None:
        async with sg.stream(model="auto", messages=ASK) as events:
            seen = [event async for event in events]
        assert "".join(each.text for each in seen if isinstance(each, TextDelta)) == "Hello!"
        assert isinstance(seen[-1], Finished)

    lived(streaming(*FRAMES), life)


def test_responses_go_on_by_id_whole_and_streaming() -> None:
    async def life(sg: switchgear.Switchgear, house: House) -> None:
        first = await sg.responses(model="auto", input="hi")
        assert first.text == "Hello!"
        assert first.body["object"] == "response"
        house.respond = streaming(*FRAMES)
        asked: Any = {"model": "auto", "input": "and?", "previous_response_id": first.body["id"]}
        async with sg.stream_responses(**asked) as events:
            seen = [event async for event in events]
        assert isinstance(seen[0], Opened)
        assert b"Hello!" in house.bodies[-1]
        house.respond = WHOLE
        again = await sg.responses(model="auto", input="so?", previous_response_id=seen[0].id)
        assert again.body["previous_response_id"] == seen[0].id
        assert house.bodies[-1].count(b"Hello!") == 2
        with pytest.raises(PreviousNotFound):
            await sg.responses(model="auto", input="x", previous_response_id="resp_x")
        with pytest.raises(MalformedBody, match="background"):
            await sg.responses(model="auto", input="x", background=True)

    lived(WHOLE, life)


def test_a_preview_sends_nothing() -> None:
    async def life(sg: switchgear.Switchgear, house: House) -> None:
        found: Any = await sg.preview(model="auto", messages=ASK)
        assert list(found["choice"]["plan"]) == ["sim"]
        assert house.bodies == []

    lived(WHOLE, life)


def test_mistakes_are_told_as_errors_of_ours() -> None:
    async def life(sg: switchgear.Switchgear, _: House) -> None:
        with pytest.raises(UnknownModel):
            await sg.chat(model="gpt-17", messages=ASK)
        with pytest.raises(MalformedBody, match="messages"):
            await sg.chat(model="auto", messages="hi")
        with pytest.raises(MalformedBody, match="plain JSON values"):
            await sg.chat(model="auto", messages=[{"role": "user", "content": object()}])
        with pytest.raises(MalformedBody, match="plain JSON values"):
            await sg.chat(model="auto", messages=[{"role": "user", "content": "\ud800"}])
        with pytest.raises(MalformedBody, match="max_tokens"):
            await sg.messages(model="auto", messages=ASK)

    lived(WHOLE, life)


def test_it_must_be_opened_first() -> None:
    sg = switchgear.open({}, environment={})
    with pytest.raises(RuntimeError, match="open it first"):
        asyncio.run(sg.chat(model="auto", messages=ASK))


def test_the_official_sdks_can_be_pointed_at_it_in_process() -> None:
    async def life(sg: switchgear.Switchgear, _: House) -> None:
        transport = httpx2.ASGITransport(app=sg.asgi)
        http = httpx2.AsyncClient(transport=transport, base_url="http://sg")
        openai = AsyncOpenAI(base_url="http://sg/v1", api_key="x", http_client=http)
        answer = await openai.chat.completions.create(model="auto", messages=ASK)
        assert answer.choices[0].message.content == "Hello!"
        anthropic = AsyncAnthropic(base_url="http://sg", api_key="x", http_client=http)
        message: Any = await anthropic.messages.create(model="auto", messages=ASK, max_tokens=9)
        assert message.content[0].text == "Hello!"
        await http.aclose()

    lived(WHOLE, life)


def test_tasks_are_opened_shown_and_halted_as_over_http() -> None:
    async def life(sg: switchgear.Switchgear, _: House) -> None:
        task = await sg.tasks.open("job", goal="write", caps={"steps": 2})
        await sg.tasks.open("part", parent="job")
        wishes = switchgear.Wishes(task="job")
        await sg.chat(wishes, model="auto", messages=ASK)
        seen = await sg.tasks.show("job")
        assert (seen["id"], seen["steps"], seen["goal"]) == (task["id"], 1, "write")
        assert [each["name"] for each in await sg.tasks.list(parent="job")] == ["part"]
        assert (await sg.tasks.change("job", caps={"steps": 9}))["caps"] == {"steps": 9}
        assert (await sg.tasks.pause("job", "lunch"))["status"] == "paused"
        with pytest.raises(TaskPaused, match="lunch"):
            await sg.chat(wishes, model="auto", messages=ASK)
        assert (await sg.tasks.resume("job"))["status"] == "running"
        assert (await sg.tasks.stop("part"))["status"] == "stopped"
        assert (await sg.tasks.done("job"))["status"] == "done"

    lived(WHOLE, life)


def test_what_cannot_be_said_of_a_task_is_refused() -> None:
    async def life(sg: switchgear.Switchgear, _: House) -> None:
        with pytest.raises(MalformedBody, match="gaol"):
            await sg.tasks.open("job", gaol="write")
        with pytest.raises(MalformedBody, match="stat"):
            await sg.tasks.list(stat="running")
        with pytest.raises(UnknownTask):
            await sg.tasks.show("nobody")

    lived(WHOLE, life)


def test_how_a_decision_did_is_said_and_shown() -> None:
    async def life(sg: switchgear.Switchgear, _: House) -> None:
        decision = (await sg.chat(model="auto", messages=ASK)).decision
        told = await sg.outcome(decision, verdict="underpowered", source="human")
        assert (told["repeated"], told["label"]["good"]) == (False, 0.0)
        many = await sg.outcomes([{"decision": decision, "score": 1}, {"decision": decision}])
        assert (many["kept"], many["failed"]) == (1, 1)
        assert many["data"][1]["error"]["code"] == "malformed_body"
        found: Any = await sg.explain(decision)
        assert [each["source"] for each in found["outcomes"]] == ["human", "user"]
        assert found["label"]["source"] == "human"

    lived(WHOLE, life)


def test_what_cannot_be_said_of_a_decision_is_refused() -> None:
    async def life(sg: switchgear.Switchgear, _: House) -> None:
        decision = (await sg.chat(model="auto", messages=ASK)).decision
        for said, why in (
            ({}, "Nothing is said"),
            ({"score": float("nan")}, "from 0 to 1"),
            ({"score": object()}, "score"),
            ({"override": "nobody"}, "override"),
        ):
            with pytest.raises(MalformedBody, match=why):
                await sg.outcome(decision, **said)
        with pytest.raises(UnknownDecision):
            await sg.outcome("sg_nobody", score=1)
        with pytest.raises(MalformedBody, match="at most"):
            await sg.outcomes([{}] * 300)

    lived(WHOLE, life)

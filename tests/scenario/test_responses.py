"""Conversations by ``previous_response_id``, with OpenAI's own SDK, from socket to socket."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.responses import FunctionToolParam, Response, ResponseStreamEvent

from support.town import Town, saying, target, town
from support.witness import Witness, spoken
from switchgear.domain.dialect import Dialect

RESPONSES, CHAT = Dialect.OPENAI_RESPONSES, Dialect.OPENAI_CHAT
MESSAGES = Dialect.ANTHROPIC_MESSAGES
LOOK: FunctionToolParam = {
    "type": "function",
    "name": "look",
    "parameters": {"type": "object", "properties": {"at": {"type": "string"}}},
    "strict": False,
}
CALL = 'look({"at":"it"})'
KEYS = [
    {"id": "one", "secret": "sk-one", "tenant": "t"},
    {"id": "two", "secret": "sk-two", "tenant": "t"},
]
Life = Callable[["Scene"], Awaitable[None]]


class Scene:
    """A gateway, its providers, and a client."""

    def __init__(self, place: Town, witnesses: dict[str, Witness], stack: AsyncExitStack) -> None:
        self.place = place
        self.witnesses = witnesses
        self._stack = stack

    async def client(self, key: str = "sk-one") -> AsyncOpenAI:
        found = AsyncOpenAI(base_url=f"{self.place.url}/v1", api_key=key, max_retries=0)
        return await self._stack.enter_async_context(found)


def played(life: Life, *names: str, holds: bool = True, **config: Any) -> None:
    """Live with providers named after their dialects; those before are cheaper."""

    async def whole() -> None:
        witnesses = {name: Witness(Dialect(name)) for name in names}
        places = {name: (each.dialect, each.respond) for name, each in witnesses.items()}
        prices = [{"input_usd": 1 + at, "output_usd": 4} for at in range(len(names))]
        targets = {
            name: target(name, price=price) for name, price in zip(names, prices, strict=True)
        }
        content = {"targets": targets, **config}
        async with AsyncExitStack() as stack:
            told = {name: {"holds_answers": holds} for name in names}
            place = await stack.enter_async_context(town(places, content, said=told))
            await life(Scene(place, witnesses, stack))

    asyncio.run(whole())


async def said(client: AsyncOpenAI, stream: bool, **body: Any) -> Response:  # noqa: FBT001  (a test's parameter)
    """Return an answer, read strictly, however it came."""
    if not stream:
        got = await client.responses.with_raw_response.create(model="auto", **body)
        return Response.model_validate_json(got.text, strict=True)
    last: ResponseStreamEvent | None = None
    async for event in await client.responses.create(model="auto", stream=True, **body):
        last = event
    assert last is not None
    assert last.type == "response.completed"
    return last.response


BEHIND = [("openai-responses", True), ("openai-responses", False)]
BEHIND += [("openai-chat", False), ("anthropic-messages", False)]


@pytest.mark.parametrize(("behind", "holds"), BEHIND)
@pytest.mark.parametrize("stream", [False, True])
def test_a_conversation_of_four_calls_with_a_tool_goes_on_by_id(
    behind: str, *, holds: bool, stream: bool
) -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        one = await said(client, stream, input="one", instructions="be brief")
        assert one.output_text == "one+"
        two = await said(client, stream, input="look!", previous_response_id=one.id, tools=[LOOK])
        (call,) = two.output
        assert call.type == "function_call"
        result = {"type": "function_call_output", "call_id": call.call_id, "output": "found"}
        three = await said(client, stream, input=[result], previous_response_id=two.id)
        assert three.output_text == "one+look!+found+"
        four = await said(client, stream, input="four", previous_response_id=three.id)
        assert len({each.id for each in (one, two, three, four)}) == 4
        witness = scene.witnesses[behind]
        whole = ["one", "one+", "look!", CALL, "found", "one+look!+found+", "four"]
        assert spoken(witness.told[-1].turns) == whole
        if holds or behind != "openai-responses":  # its bytes pass, and it was not told the id
            assert four.previous_response_id == three.id
        assert [b"previous_response_id" in raw for raw in witness.raw] == [False, *[holds] * 3]
        assert all(b"be brief" not in raw for raw in witness.raw[1:])

    played(life, behind, holds=holds)


def test_a_target_whose_provider_holds_the_conversation_gets_the_callers_bytes_and_the_call() -> (
    None
):
    async def life(scene: Scene) -> None:
        client = await scene.client()
        scene.witnesses["openai-chat"].down = True
        one = await said(client, stream=False, input="one")
        assert one.id.startswith("resp_native")
        scene.witnesses["openai-chat"].down = False
        got = await client.responses.with_raw_response.create(
            model="auto", input="two", previous_response_id=one.id
        )
        assert got.headers["x-switchgear-target"] == "openai-responses"
        assert got.headers["x-switchgear-reason"] == "it holds the conversation"
        sent = scene.witnesses["openai-responses"].raw[-1]
        assert b'"input":"two"' in sent
        assert one.id.encode() in sent

    played(life, "openai-chat", "openai-responses")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("other", ["openai-chat", "anthropic-messages"])
def test_nothing_is_forgotten_when_the_holder_fails_in_the_middle_and_comes_back(
    other: str, *, stream: bool
) -> None:
    async def life(scene: Scene) -> None:
        client, holder = await scene.client(), scene.witnesses["openai-responses"]
        one = await said(client, stream, input="one")
        two = await said(client, stream, input="two", previous_response_id=one.id)
        holder.down = True
        three = await said(client, stream, input="three", previous_response_id=two.id)
        assert three.output_text == "one+two+three+"
        assert spoken(scene.witnesses[other].told[-1].turns)[0] == "one"
        holder.down = False
        four = await said(client, stream, input="four", previous_response_id=three.id)
        assert four.output_text == "one+two+three+four+"
        assert b"previous_response_id" not in holder.raw[-1]
        five = await said(client, stream, input="five", previous_response_id=four.id)
        assert five.output_text == "one+two+three+four+five+"
        assert b"previous_response_id" in holder.raw[-1]

    played(life, "openai-responses", other)


def test_a_provider_that_forgot_is_told_again_at_once() -> None:
    async def life(scene: Scene) -> None:
        client, holder = await scene.client(), scene.witnesses["openai-responses"]
        one = await said(client, stream=False, input="one")
        holder.known.clear()
        two = await said(client, stream=False, input="two", previous_response_id=one.id)
        assert two.output_text == "one+two+"
        three = await said(client, stream=False, input="three", previous_response_id=two.id)
        assert three.output_text.startswith("one+")
        assert b"previous_response_id" in holder.raw[-1]

    played(life, "openai-responses")


async def refused(client: AsyncOpenAI, name: str, **body: Any) -> openai.BadRequestError:
    with pytest.raises(openai.BadRequestError) as caught:
        await client.responses.create(model="auto", input="x", previous_response_id=name, **body)
    assert caught.value.code == "previous_response_not_found"
    assert caught.value.response.headers["x-should-retry"] == "false"
    return caught.value


@pytest.mark.parametrize("holds", [True, False])
def test_an_answer_is_its_keys_own_and_others_are_told_what_they_are_of_no_answer_at_all(
    *, holds: bool
) -> None:
    async def life(scene: Scene) -> None:
        mine, theirs = await scene.client("sk-one"), await scene.client("sk-two")
        one = await said(mine, stream=False, input="one")
        stolen = await refused(theirs, one.id)
        nothing = await refused(theirs, "resp_" + "x" * (len(one.id) - 5))
        plain = str(nothing.message).replace("x" * (len(one.id) - 5), one.id[5:])
        assert str(stolen.message).split(" (")[0] == plain.split(" (")[0]
        for act in (theirs.responses.retrieve, theirs.responses.delete):
            with pytest.raises(openai.NotFoundError) as caught:
                await act(one.id)
            assert caught.value.code == "response_not_found"
        with pytest.raises(openai.NotFoundError):
            await theirs.responses.input_items.list(one.id)
        assert (await mine.responses.retrieve(one.id)).output_text == "one+"
        assert not scene.witnesses["openai-responses"].told[1:]

    played(life, "openai-responses", holds=holds, keys=KEYS)


def test_what_is_not_to_be_stored_or_was_deleted_cannot_be_gone_on_from() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        one = await said(client, stream=False, input="one", store=False)
        await refused(client, one.id)
        two = await said(client, stream=False, input="two")
        three = await said(client, stream=False, input="three", previous_response_id=two.id)
        await client.responses.delete(two.id)
        await refused(client, two.id, stream=True)
        with pytest.raises(openai.NotFoundError):
            await client.responses.retrieve(two.id)
        four = await said(client, stream=False, input="four", previous_response_id=three.id)
        assert four.output_text == "two+three+four+"

    played(life, "openai-chat")


@pytest.mark.parametrize("behind", ["openai-responses", "openai-chat"])
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_is_shown_again_as_it_was_given(behind: str, *, stream: bool) -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        one = await said(client, stream, input="one", metadata={"a": "b"}, tools=[LOOK])
        got = await client.responses.with_raw_response.retrieve(one.id)
        shown = Response.model_validate_json(got.text, strict=True)
        assert shown == one
        assert got.headers["x-switchgear-decision"]

    played(life, behind)


def test_the_items_that_led_to_an_answer_are_listed_page_by_page() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        system = {"role": "developer", "content": "be kind"}
        user = {"role": "user", "content": "one"}
        one = await said(client, stream=False, input=[system, user], instructions="not this")
        two = await said(
            client, stream=False, input="look!", previous_response_id=one.id, tools=[LOOK]
        )
        (call,) = two.output
        assert call.type == "function_call"
        result = {"type": "function_call_output", "call_id": call.call_id, "output": "found"}
        three = await said(client, stream=False, input=[result], previous_response_id=two.id)
        kinds = ["function_call_output", "function_call", *["message"] * 4]
        found = [item async for item in client.responses.input_items.list(three.id, limit=2)]
        assert [item.type for item in found] == kinds
        assert len({item.id for item in found}) == 6
        page = await client.responses.input_items.list(three.id, order="asc", limit=4)
        roles = [item.role for item in page.data if item.type == "message"]
        assert roles == ["system", "user", "assistant", "user"]
        assert page.has_more
        with pytest.raises(openai.BadRequestError):
            await client.responses.input_items.list(three.id, after="nothing")

    played(life, "anthropic-messages")


def test_a_caller_who_leaves_in_the_middle_leaves_nothing_behind() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        scene.witnesses["openai-chat"].stalls = True
        stream = await client.responses.create(model="auto", input="one", stream=True)
        name = ""
        async for event in stream:
            if event.type == "response.created":
                name = event.response.id
            if event.type == "response.output_text.delta":
                break
        await stream.close()
        await refused(client, name)

    played(life, "openai-chat")


def test_the_next_call_may_come_as_soon_as_the_last_frame_is_there() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        previous: str | None = None
        for number in range(30):
            events = await client.responses.create(
                model="auto", input=f"{number}", stream=True, previous_response_id=previous
            )
            async for event in events:
                if event.type == "response.completed":
                    previous = event.response.id
                    break
        assert len(scene.witnesses["openai-chat"].told[-1].turns) == 59

    played(life, "openai-chat")


def test_what_outgrows_the_memory_is_forgotten_and_said_so() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        first = await said(client, stream=False, input="x" * 100_000)
        for _ in range(8):
            last = await said(client, stream=False, input="y" * 100_000)
        await refused(client, first.id)
        again = await said(client, stream=False, input="two", previous_response_id=last.id)
        assert again.output_text.endswith("two+")

    played(life, "openai-chat", responses={"most_mb": 1})


def test_answers_outlive_a_restart_with_a_file_and_not_without(tmp_path: Path) -> None:
    names: list[str] = []

    async def before(scene: Scene) -> None:
        client = await scene.client()
        one = await said(client, stream=False, input="one")
        two = await said(client, stream=True, input="two", previous_response_id=one.id)
        names.append(two.id)

    async def after(scene: Scene) -> None:
        client = await scene.client()
        three = await said(client, stream=False, input="three", previous_response_id=names[-1])
        assert three.output_text == "one+two+three+"
        await refused(await scene.client("sk-two"), names[-1])

    async def lost(scene: Scene) -> None:
        await refused(await scene.client(), names[-1])

    kept = {"path": str(tmp_path / "kept.db")}
    played(before, "openai-chat", responses=kept, keys=KEYS)
    played(after, "openai-chat", responses=kept, keys=KEYS)
    played(before, "openai-chat", keys=KEYS)
    played(lost, "openai-chat", keys=KEYS)


def test_what_would_be_remembered_elsewhere_is_refused_and_says_what_to_do() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        for field in ({"background": True}, {"conversation": "conv_1"}):
            with pytest.raises(openai.BadRequestError, match="not offered here"):
                await client.responses.create(model="auto", input="x", **field)
        one = await said(client, stream=False, input="one", background=False)
        with pytest.raises(openai.NotFoundError, match="background"):
            await client.responses.cancel(one.id)
        with pytest.raises(openai.BadRequestError, match="shown whole"):
            await client.responses.retrieve(one.id, stream=True)

    played(life, "openai-responses")


def test_tokens_are_counted_with_all_that_was_said_before() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        one = await said(client, stream=False, input="x" * 4000)
        short = await client.responses.input_tokens.with_raw_response.count(
            model="auto", input="two"
        )
        long = await client.responses.input_tokens.with_raw_response.count(
            model="auto", input="two", previous_response_id=one.id
        )
        assert short.headers["x-switchgear-estimated"] == "true"
        assert short.parse().input_tokens < 20
        assert long.parse().input_tokens > 2000
        with pytest.raises(openai.BadRequestError):
            await client.responses.input_tokens.count(
                model="auto", input="two", previous_response_id="resp_x"
            )

    played(life, "openai-chat")


def test_a_target_counts_by_itself_where_it_can() -> None:
    counted = saying(b'{"object":"response.input_tokens","input_tokens":42}')

    async def life() -> None:
        async with town({"sim": (RESPONSES, counted)}) as place:
            client = AsyncOpenAI(base_url=f"{place.url}/v1", api_key="k", max_retries=0)
            async with client:
                got = await client.responses.input_tokens.with_raw_response.count(
                    model="auto", input="two"
                )
            assert got.parse().input_tokens == 42
            assert "x-switchgear-estimated" not in got.headers
            assert b"/v1/responses/input_tokens" in place.houses["sim"].heads[0]

    asyncio.run(life())


def test_the_same_idempotency_key_gives_the_same_answer_under_the_same_id() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        headers = {"idempotency-key": "again"}
        ids = {
            (await said(client, stream, input="one", extra_headers=headers)).id
            for stream in (False, False)
        }
        (name,) = ids
        two = await said(client, stream=False, input="two", previous_response_id=name)
        assert two.output_text == "one+two+"
        assert len(scene.witnesses["openai-chat"].told) == 2

    played(life, "openai-chat")


def test_a_preview_knows_the_dialect_and_all_that_was_said() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        one = await said(client, stream=False, input="x" * 4000)
        asked = {"model": "auto", "input": "two", "previous_response_id": one.id}
        found = await client.post("/decisions/preview", body=asked, cast_to=dict[str, Any])
        assert found["question"]["dialect"] == "openai-responses"
        assert found["question"]["input_tokens"] > 2000

    played(life, "openai-chat")

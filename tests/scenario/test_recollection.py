"""Kept answers, looked at with OpenAI's own SDK, from socket to socket."""

import asyncio
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.responses import Response

from support.dialogue import LOOK, Scene, played, said
from support.town import saying, town
from switchgear.domain.dialect import Dialect

RESPONSES = Dialect.OPENAI_RESPONSES


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
        assert long.parse().input_tokens > 900
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


def test_a_preview_knows_the_dialect_and_all_that_was_said() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        one = await said(client, stream=False, input="x" * 4000)
        asked = {"model": "auto", "input": "two", "previous_response_id": one.id}
        found = await client.post("/decisions/preview", body=asked, cast_to=dict[str, Any])
        assert found["question"]["dialect"] == "openai-responses"
        assert found["question"]["input_tokens"] > 900

    played(life, "openai-chat")

"""Conversations with OpenAI's own SDK through a gateway whose providers say what they were told."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.responses import FunctionToolParam, Response, ResponseStreamEvent

from support.town import Town, target, town
from support.witness import Witness
from switchgear.domain.dialect import Dialect

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
        prices = [{"input_usd": 1 + at, "output_usd": 4 + at} for at in range(len(names))]
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


async def refused(client: AsyncOpenAI, name: str, **body: Any) -> openai.BadRequestError:
    with pytest.raises(openai.BadRequestError) as caught:
        await client.responses.create(model="auto", input="x", previous_response_id=name, **body)
    assert caught.value.code == "previous_response_not_found"
    assert caught.value.response.headers["x-should-retry"] == "false"
    return caught.value

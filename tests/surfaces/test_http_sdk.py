"""The official SDKs as clients: over sockets, and in process."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import anthropic
import httpx2
import openai
import pytest
from anthropic.types import Message, MessageParam
from openai.types.chat import ChatCompletionUserMessageParam

from support.gateway import TONGUES, ScriptedGateway, serving
from switchgear.config.setup import Server
from switchgear.surfaces.http.app import App

ASK: ChatCompletionUserMessageParam = {"role": "user", "content": "hi"}
TURN: MessageParam = {"role": "user", "content": "hi"}
STATUSES = {
    "malformed_body": (openai.BadRequestError, anthropic.BadRequestError),
    "unknown_key": (openai.AuthenticationError, anthropic.AuthenticationError),
    "not_allowed": (openai.PermissionDeniedError, anthropic.PermissionDeniedError),
    "unknown_model": (openai.NotFoundError, anthropic.NotFoundError),
    "upstream_busy": (openai.RateLimitError, anthropic.RateLimitError),
    "body_too_large": (openai.APIStatusError, anthropic.RequestTooLargeError),
    "no_target": (openai.InternalServerError, anthropic.ServiceUnavailableError),
    "upstream_silent": (openai.InternalServerError, anthropic.DeadlineExceededError),
    "own_fault": (openai.InternalServerError, anthropic.InternalServerError),
}


def text_of(message: Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with serving(ScriptedGateway(Server(max_body=1_000_000))) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def chat(base: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{base}/v1", api_key="k", max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def messages(base: str) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=base, api_key="k", max_retries=0) as client:
        yield client


@pytest.mark.parametrize("model", ["echo", "cross", "events", "rescued"])
def test_openai_reads_whole_answers_and_streams(chat: openai.OpenAI, model: str) -> None:
    whole = chat.chat.completions.create(model=model, messages=[ASK])
    stream = chat.chat.completions.create(model=model, messages=[ASK], stream=True)
    chunks = list(stream)
    words = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert len({chunk.id for chunk in chunks}) == 1
    assert whole.choices[0].message.content == "Hello"
    assert "".join(words) == "Hello"


@pytest.mark.parametrize("model", ["echo", "cross", "events", "rescued"])
def test_anthropic_reads_whole_answers_and_streams(
    messages: anthropic.Anthropic, model: str
) -> None:
    whole = messages.messages.create(model=model, max_tokens=9, messages=[TURN])
    with messages.messages.stream(model=model, max_tokens=9, messages=[TURN]) as stream:
        words = list(stream.text_stream)
        final = stream.get_final_message()
    assert text_of(whole) == "Hello"
    assert words == ["Hel", "lo"]
    assert final.stop_reason == "end_turn"
    assert [block.type for block in final.content] == ["text"]


def test_both_read_the_models_and_anthropic_the_count(
    chat: openai.OpenAI, messages: anthropic.Anthropic
) -> None:
    assert [it.id for it in chat.models.list()] == ["auto", "sim/large"]
    assert chat.models.retrieve("sim/large").owned_by == "sim"
    assert [it.id for it in messages.models.list()] == ["auto", "sim/large"]
    assert messages.models.retrieve("auto").display_name == "auto"
    assert messages.messages.count_tokens(model="echo", messages=[TURN]).input_tokens == 7


@pytest.mark.parametrize("code", STATUSES)
def test_errors_become_the_sdks_own(
    chat: openai.OpenAI, messages: anthropic.Anthropic, code: str
) -> None:
    of_openai, of_anthropic = STATUSES[code]
    with pytest.raises(of_openai) as first:
        chat.chat.completions.create(model=f"fail:{code}", messages=[ASK])
    assert first.value.code == code
    with pytest.raises(of_anthropic) as second:
        messages.messages.create(model=f"fail:{code}", max_tokens=9, messages=[TURN])
    assert f'"code":"{code}"' in second.value.response.text


def test_a_cut_stream_is_an_error_to_both(
    chat: openai.OpenAI, messages: anthropic.Anthropic
) -> None:
    with pytest.raises(openai.APIError, match="broke"):
        list(chat.chat.completions.create(model="cut", messages=[ASK], stream=True))
    with (
        pytest.raises(anthropic.APIError, match="broke"),
        messages.messages.stream(model="cut", max_tokens=9, messages=[TURN]) as stream,
    ):
        list(stream.text_stream)


def test_a_body_that_is_too_large_is_told_though_it_was_not_read(chat: openai.OpenAI) -> None:
    turn: ChatCompletionUserMessageParam = {"role": "user", "content": "x" * 8_000_000}
    with pytest.raises(openai.APIStatusError) as error:
        chat.chat.completions.create(model="echo", messages=[turn])
    assert error.value.status_code == 413


async def _talk(chat: openai.AsyncOpenAI, messages: anthropic.AsyncAnthropic) -> None:
    whole = await chat.chat.completions.create(model="echo", messages=[ASK])
    stream = await chat.chat.completions.create(model="cross", messages=[ASK], stream=True)
    words = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
    message = await messages.messages.create(model="cross", max_tokens=9, messages=[TURN])
    async with messages.messages.stream(model="echo", max_tokens=9, messages=[TURN]) as other:
        texts = [text async for text in other.text_stream]
    assert (whole.choices[0].message.content, "".join(words)) == ("Hello", "Hello")
    assert (text_of(message), texts) == ("Hello", ["Hel", "lo"])
    with pytest.raises(openai.RateLimitError):
        await chat.chat.completions.create(model="fail:upstream_busy", messages=[ASK])


def test_the_async_clients_do_the_same(base: str) -> None:
    async def life() -> None:
        async with (
            openai.AsyncOpenAI(base_url=f"{base}/v1", api_key="k", max_retries=0) as chat,
            anthropic.AsyncAnthropic(base_url=base, api_key="k", max_retries=0) as messages,
        ):
            await _talk(chat, messages)

    asyncio.run(life())


def test_the_async_clients_do_the_same_in_process() -> None:
    gateway = ScriptedGateway()

    @asynccontextmanager
    async def client() -> AsyncIterator[httpx2.AsyncClient]:
        transport = httpx2.ASGITransport(app=App(lambda: gateway, TONGUES))
        async with httpx2.AsyncClient(transport=transport) as found:
            yield found

    async def life() -> None:
        async with client() as one, client() as two:
            chat = openai.AsyncOpenAI(
                base_url="http://in.process/v1", api_key="k", max_retries=0, http_client=one
            )
            messages = anthropic.AsyncAnthropic(
                base_url="http://in.process", api_key="k", max_retries=0, http_client=two
            )
            await _talk(chat, messages)
        await gateway.nursery.aclose()

    asyncio.run(life())

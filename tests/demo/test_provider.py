"""The simulated providers, with the official SDKs as clients over real sockets."""

import asyncio

import anthropic
import openai
import pytest

from support.simulated import SAMPLE, on_stage, port_of
from switchgear.demo.client import Client, NoAnswer
from switchgear.demo.mind import STRANGER
from switchgear.demo.outage import Failure, Outage
from switchgear.demo.provider import SimulatedProvider
from switchgear.demo.sample import Prompt, tokens
from switchgear.domain.dialect import Dialect

PROMPT: Prompt = SAMPLE.prompts[0]


def ask(text: str = "hello") -> dict[str, object]:
    return {"model": "sim-small", "messages": [{"role": "user", "content": text}]}


def test_openai_gets_the_recorded_outcome_whole_and_streamed_with_usage() -> None:
    async def scene(provider: SimulatedProvider) -> None:
        async with openai.AsyncOpenAI(base_url=provider.base_url, api_key="x") as sdk:
            turn: list[openai.types.chat.ChatCompletionMessageParam] = [
                {"role": "user", "content": PROMPT.text}
            ]
            whole = await sdk.chat.completions.create(model="m", messages=turn)
            assert whole.usage is not None
            assert whole.usage.prompt_tokens == tokens(len(PROMPT.text))
            assert whole.usage.completion_tokens == tokens(PROMPT.outcomes[0].chars)
            stream = await sdk.chat.completions.create(
                model="m", messages=turn, stream=True, stream_options={"include_usage": True}
            )
            words, usage = "", None
            async for chunk in stream:
                usage = chunk.usage
                words += (chunk.choices[0].delta.content or "") if chunk.choices else ""
            assert words == whole.choices[0].message.content
            assert usage == whole.usage

    on_stage(scene)


def test_anthropic_gets_the_recorded_outcome_whole_and_streamed_with_usage() -> None:
    async def scene(provider: SimulatedProvider) -> None:
        url = provider.base_url.removesuffix("/v1")  # this SDK adds it itself
        async with anthropic.AsyncAnthropic(base_url=url, api_key="x") as sdk:
            turn: list[anthropic.types.MessageParam] = [{"role": "user", "content": PROMPT.text}]
            whole = await sdk.messages.create(model="m", max_tokens=9, messages=turn)
            async with sdk.messages.stream(model="m", max_tokens=9, messages=turn) as stream:
                final = await stream.get_final_message()
            assert final.content[0].type == whole.content[0].type == "text"
            assert final.content[0].text == whole.content[0].text
            assert final.usage.output_tokens == tokens(PROMPT.outcomes[0].chars)

    on_stage(scene, dialect=Dialect.ANTHROPIC_MESSAGES)


def test_every_answer_says_that_it_is_simulated_and_strangers_are_told_so() -> None:
    async def scene(provider: SimulatedProvider) -> None:
        client = Client(port_of(provider))
        answer = await client.post("/v1/chat/completions", ask(), {})
        assert answer.headers["x-simulated"] == "true"
        assert STRANGER[:40].encode() in answer.body
        assert (await client.get("/elsewhere")).status == 404
        assert (await client.post("/v1/chat/completions", [1], {})).status == 400

    on_stage(scene)


def test_the_failure_plan_hits_the_calls_it_names_and_no_other() -> None:
    async def scene(provider: SimulatedProvider) -> None:
        client = Client(port_of(provider))
        statuses = [(await client.post("/v1/chat/completions", ask(), {})).status for _ in range(4)]
        assert statuses == [200, 503, 503, 200]
        assert (provider.calls, provider.failures) == (4, 2)

    on_stage(scene, outage=Outage(first=2, last=3))


@pytest.mark.parametrize("stream", [False, True])
def test_a_cut_answer_is_not_whole(*, stream: bool) -> None:
    async def scene(provider: SimulatedProvider) -> None:
        body = ask(PROMPT.text) | {"stream": stream}
        with pytest.raises(NoAnswer):
            await Client(port_of(provider)).post("/v1/chat/completions", body, {})

    on_stage(scene, outage=Outage(first=1, last=1, failure=Failure.CUT))


def test_a_hanging_provider_says_nothing_until_it_is_stopped() -> None:
    async def scene(provider: SimulatedProvider) -> None:
        client = Client(port_of(provider))
        waiting = asyncio.ensure_future(client.post("/v1/chat/completions", ask(), {}))
        await asyncio.wait([waiting], timeout=0.1)
        assert provider.calls == 1
        assert not waiting.done()
        await provider.stop()
        with pytest.raises(NoAnswer):
            await waiting

    on_stage(scene, outage=Outage(first=1, last=1, failure=Failure.HANG))

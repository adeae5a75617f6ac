"""Both official SDKs, through the gateway, to a simulated Bedrock that checks every signature."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec
import pytest
from anthropic import Anthropic
from openai import OpenAI

from support.bedrock import AWS, TOKEN, Answers, Asked, Bedrock
from support.town import Respond, Town, lived, saying, streaming, target, town
from support.words import ANSWER, FRAMES, frame
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import SwitchgearError, UpstreamBusy, UpstreamFailed
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    Stop,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.domain.turn import Image, Thinking
from switchgear.domain.units import Tokens
from switchgear.wire.specimen import PNG

HERE = Dialect.BEDROCK_CONVERSE
MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
OPENED = Opened(id="", model="")
USED = Usage(input=Tokens(50), cached=Tokens(40), cache_written=Tokens(5), output=Tokens(9))
WORDS: list[Event] = [TextDelta("Let me "), TextDelta("look.")]
CALLS: list[Event] = [
    event
    for index, city in enumerate(("Oslo", "Rome"))
    for event in (
        ToolStarted(index=index, id=f"tooluse_{city}", name="weather"),
        ToolDelta(index=index, json=f'{{"city":"{city}"}}'),
    )
]
THOUGHT: list[Event] = [ThinkingDelta("It is Oslo."), ThinkingSigned("c2ln", origin=HERE)]
ASK: Any = [{"role": "user", "content": "How is the weather?"}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def ended(*said: Event, stop: Stop = Stop.END) -> list[Event | SwitchgearError]:
    return [OPENED, *said, Finished(stop=stop, usage=USED)]


class Street(NamedTuple):
    """A Bedrock and its neighbours, and the gateway before them."""

    bedrock: Bedrock
    town: Town
    openai: OpenAI
    anthropic: Anthropic


@contextmanager
def street(
    answers: Answers,
    others: Mapping[str, tuple[Dialect, Respond]] | None = None,
    *,
    proof: tuple[str, str] = ("", ""),
    model: str = MODEL,
    rules: Sequence[object] = ({"name": "first", "then": {"first": ["bedrock"]}},),
) -> Iterator[Street]:
    token, key = proof
    bedrock = Bedrock(answers, token=token, key=key)
    aws = {**AWS, "session_token": token} if token else AWS
    own: Mapping[str, object] = {"api_key": key, **({} if key else {"aws": aws})}
    places = {"bedrock": (HERE, bedrock.respond), **(others or {})}
    config = {
        "targets": {
            "bedrock": target("bedrock", model=model),
            **{name: target(name) for name in others or ()},
        },
        "aliases": {"auto": {"targets": list(places)}},
        "rules": list(rules),
    }
    with lived(town(places, config, said={"bedrock": own})) as place:
        bedrock.heads = place.houses["bedrock"].heads
        chat = OpenAI(base_url=f"{place.url}/v1", api_key="x", max_retries=0)
        messages = Anthropic(base_url=place.url, api_key="x", max_retries=0)
        with chat, messages:
            yield Street(bedrock, place, chat, messages)


def chat(client: OpenAI, messages: Any = ASK, *, stream: bool, **more: Any) -> Any:
    """Ask, and return the message, the usage and the model as the SDK puts them together."""
    ask: Any = {"model": "auto", "messages": messages, **more}
    if not stream:
        return client.chat.completions.create(**ask)
    ask["stream_options"] = {"include_usage": True}
    with client.chat.completions.stream(**ask) as answer:
        return answer.get_final_completion()


def message(client: Anthropic, messages: Any = ASK, *, stream: bool, **more: Any) -> Any:
    ask: Any = {"model": "auto", "messages": messages, "max_tokens": 4000, **more}
    if not stream:
        return client.messages.create(**ask)
    with client.messages.stream(**ask) as answer:
        return answer.get_final_message()


@pytest.fixture(scope="module")
def plain() -> Iterator[Street]:
    """One that asks for two tools after some words and thoughts."""
    with street(lambda _: ended(*THOUGHT, *WORDS, *CALLS, stop=Stop.TOOL_USE)) as found:
        yield found


forms = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


@forms
def test_a_caller_of_openais_gets_words_tools_and_usage(plain: Street, *, stream: bool) -> None:
    function = {"name": "weather", "parameters": PARAMETERS}
    answer = chat(plain.openai, stream=stream, tools=[{"type": "function", "function": function}])
    said = answer.choices[0].message
    assert said.content == "Let me look."
    assert said.reasoning_content == "It is Oslo."
    assert [(call.id, call.function.arguments) for call in said.tool_calls] == [
        ("tooluse_Oslo", '{"city":"Oslo"}'),
        ("tooluse_Rome", '{"city":"Rome"}'),
    ]
    assert answer.choices[0].finish_reason == "tool_calls"
    assert answer.model == MODEL
    usage = answer.usage
    assert (usage.prompt_tokens, usage.completion_tokens) == (50, 9)
    assert usage.prompt_tokens_details.cached_tokens == 40
    asked = plain.bedrock.asked[-1]
    assert (asked.model, asked.operation) == (MODEL, "converse-stream" if stream else "converse")
    check_row(plain.town)


@forms
def test_a_caller_of_anthropics_gets_the_same(plain: Street, *, stream: bool) -> None:
    tool: Any = {"name": "weather", "input_schema": PARAMETERS}
    answer = message(plain.anthropic, stream=stream, tools=[tool])
    thought, words, *uses = answer.content
    assert (thought.thinking, thought.signature) == (
        "It is Oslo.",
        "switchgear:bedrock-converse:c2ln",
    )
    assert words.text == "Let me look."
    assert [use.input for use in uses] == [{"city": "Oslo"}, {"city": "Rome"}]
    assert (answer.stop_reason, answer.model) == ("tool_use", MODEL)
    usage = answer.usage
    assert (usage.input_tokens, usage.cache_read_input_tokens) == (5, 40)
    assert (usage.cache_creation_input_tokens, usage.output_tokens) == (5, 9)


def check_row(place: Town) -> None:
    ledger: Any = place.running.house.outside.ledger  # the one in memory
    *_, entry = ledger.entries.values()
    assert entry.end.value == "answered"
    used = entry.attempts[-1].usage
    assert (used.input, used.cached, used.cache_written, used.output) == (50, 40, 5, 9)


def test_a_picture_arrives_as_it_was(plain: Street) -> None:
    url = f"data:image/png;base64,{PNG}"
    words = {"type": "text", "text": "What is it?"}
    source = {"type": "base64", "media_type": "image/png", "data": PNG}
    as_url = [words, {"type": "image_url", "image_url": {"url": url}}]
    as_source = [words, {"type": "image", "source": source}]
    chat(plain.openai, [{"role": "user", "content": as_url}], stream=False)
    message(plain.anthropic, [{"role": "user", "content": as_source}], stream=False)
    for asked in plain.bedrock.asked[-2:]:
        assert asked.conversation
        assert asked.conversation.turns[0].parts[1] == Image(media_type="image/png", data=PNG)


def thoughts(asked: Asked) -> list[Thinking]:
    assert asked.conversation
    parts = [part for turn in asked.conversation.turns for part in turn.parts]
    return [part for part in parts if isinstance(part, Thinking)]


@forms
def test_a_signature_goes_through_a_caller_of_openais_and_back(
    plain: Street, *, stream: bool
) -> None:
    said = chat(plain.openai, stream=stream).choices[0].message.model_dump(exclude_none=True)
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": "cold"}
        for call in said["tool_calls"]
    ]
    kept = {name: said[name] for name in ("role", "content", "reasoning_details", "tool_calls")}
    kept["tool_calls"] = [
        {"id": call["id"], "type": "function", "function": {
            "name": call["function"]["name"], "arguments": call["function"]["arguments"]}}
        for call in said["tool_calls"]
    ]  # fmt: skip
    chat(plain.openai, [*ASK, kept, *results], stream=stream)
    assert thoughts(plain.bedrock.asked[-1]) == [Thinking("It is Oslo.", "c2ln", origin=HERE)]


@forms
def test_a_signature_goes_through_a_caller_of_anthropics_and_back(
    plain: Street, *, stream: bool
) -> None:
    said = message(plain.anthropic, stream=stream)
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "content": "cold"}
        for block in said.content
        if block.type == "tool_use"
    ]
    content = [block.model_dump(exclude_none=True) for block in said.content]
    for block in content:
        block.pop("caller", None)
        block.pop("parsed_output", None)
    again: Sequence[Any] = [
        *ASK,
        {"role": "assistant", "content": content},
        {"role": "user", "content": results},
    ]
    thinking = {"type": "enabled", "budget_tokens": 2000}
    message(plain.anthropic, again, stream=stream, thinking=thinking)
    asked = plain.bedrock.asked[-1]
    assert thoughts(asked) == [Thinking("It is Oslo.", "c2ln", origin=HERE)]
    assert asked.conversation
    assert asked.conversation.thinking_budget == 2000


def test_a_caller_counts_tokens_there(plain: Street) -> None:
    counted = plain.anthropic.messages.count_tokens(model="auto", messages=ASK)
    assert counted.input_tokens == 42
    assert plain.bedrock.asked[-1].operation == "count-tokens"


def neighbour() -> dict[str, tuple[Dialect, Respond]]:
    return {"other": (Dialect.OPENAI_CHAT, saying(msgspec.json.encode(ANSWER)))}


def test_a_target_that_is_busy_is_stood_in_for() -> None:
    with street(lambda _: [UpstreamBusy("Too many tokens")], neighbour()) as found:
        assert chat(found.openai, stream=False).choices[0].message.content == "Hello!"
        assert len(found.bedrock.asked) == 1


def test_a_stream_that_an_exception_breaks_off_is_gone_on_with() -> None:
    begun: list[Event | SwitchgearError] = [
        OPENED, TextDelta("Hel"), UpstreamFailed("the model failed")
    ]  # fmt: skip
    other = {"other": (Dialect.OPENAI_CHAT, streaming(frame("lo!"), *FRAMES[2:]))}
    with street(lambda _: begun, other) as found:
        assert message(found.anthropic, stream=True).content[0].text == "Hello!"
        assert len(found.bedrock.asked) == len(found.town.houses["other"].bodies) == 1


def test_and_it_goes_on_with_what_another_broke_off() -> None:
    other = {"other": (Dialect.OPENAI_CHAT, streaming(*FRAMES[:1], cut=True))}
    first = [{"name": "first", "then": {"first": ["other"]}}]
    with street(lambda _: ended(TextDelta("lo!")), other, rules=first) as found:
        assert chat(found.openai, stream=True).choices[0].message.content == "Hello!"
        assert len(found.bedrock.asked) == len(found.town.houses["other"].bodies) == 1


@pytest.mark.parametrize(("token", "key"), [(TOKEN, ""), ("", "a-bedrock-api-key")])
def test_a_session_and_an_api_key_prove_as_much(token: str, key: str) -> None:
    with street(lambda _: ended(*WORDS), proof=(token, key)) as found:
        assert message(found.anthropic, stream=True).content[0].text == "Let me look."
        assert chat(found.openai, stream=False).choices[0].message.content == "Let me look."


def test_a_name_with_slashes_is_one_part_of_the_path() -> None:
    arn = "arn:aws:bedrock:eu-central-1:1:application-inference-profile/a1"
    with street(lambda _: ended(*WORDS), model=arn) as found:
        chat(found.openai, stream=False)
        assert found.bedrock.asked[-1].model == arn


def test_who_signs_with_another_secret_is_denied_and_nothing_of_it_is_shown() -> None:
    with street(lambda _: ended(*WORDS), proof=(TOKEN, "")) as found:
        found.bedrock._token = "another"
        with pytest.raises(Exception, match="refused our credential") as denied:
            chat(found.openai, stream=False)
        for secret in (TOKEN, str(AWS["secret_access_key"]), "who is it?"):
            assert secret not in str(denied.value)

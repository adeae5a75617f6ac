"""Answers of no use, over real sockets: the target rests there, and the next step takes over."""

import asyncio
from typing import Any

import httpx2
import msgspec
import pytest

from support.spoken import SPOKEN
from support.town import Respond, Town, saying, streaming, target, town
from switchgear.domain.dialect import Dialect
from switchgear.domain.entry import Entry

PATHS = {Dialect.OPENAI_CHAT: "/v1/chat/completions", Dialect.ANTHROPIC_MESSAGES: "/v1/messages"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION = {"name": "weather", "parameters": SCHEMA}
TOOLS: dict[Dialect, object] = {
    Dialect.OPENAI_CHAT: [{"type": "function", "function": FUNCTION}],
    Dialect.ANTHROPIC_MESSAGES: [{"name": "weather", "input_schema": SCHEMA}],
}
CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
WRONG, RIGHT = '{"town":"Graz"}', '{"city":"Graz"}'
REST = 1.0
SPARE = ["helper", "apology"]
"""Targets that only a next step leads to."""


def message(arguments: str | None) -> dict[str, object]:
    if arguments is None:
        return {"role": "assistant", "content": "I would rather not."}
    function = {"name": "weather", "arguments": arguments}
    call = {"index": 0, "id": "t1", "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def calling(arguments: str | None, *, stream: bool) -> Respond:
    """Ask for the weather with these arguments; with none, only talk."""
    reason = "stop" if arguments is None else "tool_calls"
    if not stream:
        choice = {"index": 0, "message": message(arguments), "finish_reason": reason}
        usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
        whole = {**CHUNK, "object": "chat.completion", "choices": [choice], "usage": usage}
        return saying(msgspec.json.encode(whole))
    deltas = [(message(arguments), None), ({}, reason)]
    frames = [
        {**CHUNK, "choices": [{"index": 0, "delta": delta, "finish_reason": why}]}
        for delta, why in deltas
    ]
    lines = [b"data: " + msgspec.json.encode(each) + b"\n\n" for each in frames]
    return streaming(*lines, b"data: [DONE]\n\n")


def entries(place: Town) -> list[Entry]:
    return list(place.running.house.outside.ledger.entries.values())  # type: ignore[attr-defined]  # the one in memory


async def ask(place: Town, dialect: Dialect, **more: object) -> str:
    """Return who answered."""
    turn = {"role": "user", "content": "How is the weather in Graz?"}
    body = {
        "model": "auto",
        "max_tokens": 99,
        "messages": [turn],
        "tools": TOOLS[dialect],
        **more,
    }
    async with httpx2.AsyncClient(timeout=20) as client:
        answer = await client.post(place.url + PATHS[dialect], json=body)
    assert answer.status_code == 200, answer.text
    return answer.headers["x-switchgear-target"]


def config(**more: Any) -> dict[str, Any]:
    apology = {"function": "template", "arguments": "json", "settings": {"template": "Sorry."}}
    return {
        "targets": {
            "small": target("small", quality=0.5),
            "large": target("large", "frontier", price={"input_usd": 9, "output_usd": 9}),
            "helper": target(
                "helper", "mid", kind="agent", price={"input_usd": 5, "output_usd": 5}
            ),
            "apology": {"kind": "tool", "tool": apology},
        },
        "aliases": {"auto": {"targets": ["small", "large"]}},
        "tiers": {"small": {"max_complexity": 0.8}, "mid": {"max_complexity": 0.9}},
        "rules": [{"name": "never", "when": "key.id == 'none'", "then": {"last": SPARE}}],
        "escalate": "off",
        **more,
    }


def lived(first: Respond, then: Respond, life: Any, **more: Any) -> None:
    async def whole() -> None:
        places = {
            "small": (Dialect.OPENAI_CHAT, first),
            "large": (Dialect.OPENAI_CHAT, then),
            "helper": (Dialect.OPENAI_CHAT, then),
        }
        async with town(places, config(**more)) as place:
            await life(place)

    asyncio.run(whole())


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", SPOKEN)
def test_after_three_wrong_tool_calls_the_stronger_answers_until_it_has_rested(
    dialect: Dialect,
    stream: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    async def life(place: Town) -> None:
        found = [await ask(place, dialect, stream=stream) for _ in range(5)]
        assert found == ["small"] * 3 + ["large"] * 2
        assert [each.attempts[0].flaw for each in entries(place)] == ["bad_arguments"] * 3 + [
            ""
        ] * 2
        await asyncio.sleep(REST)
        assert await ask(place, dialect, stream=stream) == "small"

    wrong, right = calling(WRONG, stream=stream), calling(RIGHT, stream=stream)
    lived(wrong, right, life, flaws={"rest_s": REST})


@pytest.mark.parametrize("dialect", SPOKEN)
def test_none_where_one_was_required_counts_too(dialect: Dialect) -> None:
    openai = dialect is Dialect.OPENAI_CHAT
    choice = "required" if openai else {"type": "any"}

    async def life(place: Town) -> None:
        found = [await ask(place, dialect, tool_choice=choice) for _ in range(4)]
        assert found == ["small"] * 3 + ["large"]
        assert [each.attempts[0].flaw for each in entries(place)] == ["no_tool"] * 3 + [""]

    lived(calling(None, stream=False), calling(RIGHT, stream=False), life)


@pytest.mark.parametrize("name", ["helper", "large"])
@pytest.mark.parametrize("level", ["file", "alias", "rule"])
def test_the_declared_next_step_takes_over(name: str, level: str) -> None:
    said: dict[str, dict[str, Any]] = {
        "file": {"flaws": {"next": [name]}},
        "alias": {"aliases": {"auto": {"targets": ["small", "large"], "after_flaws": [name]}}},
        "rule": {
            "rules": [
                {"name": "r", "when": "ask.tools > 0", "then": {"after_flaws": [name]}},
                {"name": "never", "when": "key.id == 'none'", "then": {"last": SPARE}},
            ]
        },
    }

    async def life(place: Town) -> None:
        found = [await ask(place, Dialect.OPENAI_CHAT) for _ in range(4)]
        assert found == ["small"] * 3 + [name]

    lived(calling(WRONG, stream=False), calling(RIGHT, stream=False), life, **said[level])


def test_a_tool_may_take_over() -> None:
    async def life(place: Town) -> None:
        turn = {"role": "user", "content": '{"city": "Graz"}'}
        for expected in ["small"] * 3 + ["apology"]:
            assert await ask(place, Dialect.OPENAI_CHAT, messages=[turn]) == expected

    step = {"next": ["apology"]}
    lived(calling(WRONG, stream=False), calling(RIGHT, stream=False), life, flaws=step)


def test_another_name_is_another_route() -> None:
    async def life(place: Town) -> None:
        for _ in range(4):
            await ask(place, Dialect.OPENAI_CHAT)
        assert await ask(place, Dialect.OPENAI_CHAT) == "large"
        assert await ask(place, Dialect.OPENAI_CHAT, model="small") == "small"

    lived(calling(WRONG, stream=False), calling(RIGHT, stream=False), life)

"""A conversation that went up stays there while that pays, over sockets."""

import asyncio
from typing import Any

import httpx2

from support.town import saying, target, town
from switchgear.domain.dialect import Dialect

ANSWER = saying(
    b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,'
    b'"message":{"role":"assistant","content":"Done."},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":5,"completion_tokens":2}}'
)
PLACES = dict.fromkeys(("cheap", "dear"), (Dialect.OPENAI_CHAT, ANSWER))
CONFIG: dict[str, Any] = {
    "targets": {
        "cheap": target("cheap", price={"input_usd": 0.1, "output_usd": 0.4}),
        "dear": target(
            "dear",
            "frontier",
            price={"input_usd": 5, "output_usd": 10, "cached_usd": 0.5},
        ),
    },
    "rules": [{"name": "hard", "when": "ask.chars < 100", "then": {"tier": "frontier"}}],
}
LONG = "words " * 5_000
"""An answer with which the rule holds no more, far too long to be read anew for nothing."""


def turns(*texts: str) -> list[dict[str, str]]:
    return [
        {"role": ("user", "assistant")[place % 2], "content": text}
        for place, text in enumerate(texts)
    ]


def test_a_conversation_that_went_up_stays_and_another_of_its_kind_does_not_begin_there() -> None:
    async def life() -> None:
        async with town(PLACES, CONFIG) as place, httpx2.AsyncClient(base_url=place.url) as client:

            async def sent(task: str, *texts: str) -> tuple[str, str]:
                head = {"x-switchgear-task": task}
                body = {"model": "auto", "messages": turns(*texts)}
                found = await client.post("/v1/chat/completions", json=body, headers=head)
                assert found.status_code == 200, found.text
                return found.headers["x-switchgear-target"], found.headers["x-switchgear-reason"]

            assert (await sent("one", "Prove it."))[0] == "dear"
            stayed = await sent("one", "Prove it.", LONG, "Thank you.")
            assert stayed == (
                "dear",
                "it served the conversation so far, and leaving it would not pay, before cheap",
            )
            assert (await sent("two", "Prove it.", LONG, "Thank you."))[0] == "cheap"
            assert (await sent("three", "Prove it."))[0] == "dear"
            short = await sent("three", "Prove it.", "It is so. " * 9, "Thank you.")
            assert short[0] == "cheap"

    asyncio.run(life())

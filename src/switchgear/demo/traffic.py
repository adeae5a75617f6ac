"""The demo's prompts on their way through the gateway, a few at a time."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from switchgear.demo.client import Answer, Client, NoAnswer
from switchgear.demo.sample import Prompt
from switchgear.ports.clock import Clock

AT_ONCE = 16
MODEL = "auto"
OK = 200


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """One prompt's answer, as the caller saw it."""

    prompt: Prompt
    status: int
    """0 when there was no answer at all."""
    decision: str = ""
    target: str = ""
    words: str = ""
    heard_tokens: int = 0
    said_tokens: int = 0
    took_ms: float = 0.0
    overhead_ms: float | None = None
    """The gateway's own part, as it says."""
    cost_usd: float | None = None
    """As the gateway says."""


async def send(
    prompts: tuple[Prompt, ...], client: Client, clock: Clock, progress: Callable[[], None]
) -> tuple[Served, ...]:
    """Send every prompt once, and return what came back, in the order of the prompts."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(prompt: Prompt) -> Served:
        async with room:
            served = await _ask(prompt, client, clock)
        progress()
        return served

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(prompt)) for prompt in prompts]
    return tuple(task.result() for task in tasks)


async def _ask(prompt: Prompt, client: Client, clock: Clock) -> Served:
    body = {"model": MODEL, "messages": [{"role": "user", "content": prompt.text}]}
    began = clock.now()
    try:
        answer = await client.post("/v1/chat/completions", body, {})
    except NoAnswer as error:
        return Served(prompt=prompt, status=0, words=str(error))
    return served_of(prompt, answer, took_ms=(clock.now() - began) * 1000)


def served_of(prompt: Prompt, answer: Answer, *, took_ms: float) -> Served:
    """Return what one answer comes to."""
    body: dict[str, Any] = {}
    if answer.status == OK:
        body = msgspec.json.decode(answer.body, type=dict[str, Any])
    usage = body.get("usage", {})
    return Served(
        prompt=prompt,
        status=answer.status,
        decision=answer.headers.get("x-switchgear-decision", ""),
        target=answer.headers.get("x-switchgear-target", ""),
        words=body["choices"][0]["message"]["content"] if body else answer.body[:200].decode(),
        heard_tokens=usage.get("prompt_tokens", 0),
        said_tokens=usage.get("completion_tokens", 0),
        took_ms=took_ms,
        overhead_ms=_number(answer.headers.get("x-switchgear-overhead-ms")),
        cost_usd=_number(answer.headers.get("x-switchgear-cost-usd")),
    )


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)

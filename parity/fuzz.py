"""Sends bodies that are nearly right to every endpoint, with targets of every dialect behind it.

Whatever comes, the answer is never a 500, always in the caller's shape, and nothing is logged as
broken; and what reaches a target is something that its dialect's own reader takes.
"""

import asyncio
import logging
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from random import Random
from typing import Any

import msgspec
from parity.client import KEY, ROOTS
from parity.mutant import mutant, seeds
from parity.provider import Heard, Provider, Scene, says
from parity.stage import config, moved, read

from switchgear.cli.wire import callers
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import SwitchgearError
from switchgear.ports.upstream import Endpoint
from switchgear.running import Running, Source
from switchgear.surfaces.http.app import App
from switchgear.surfaces.http.route import ROUTES
from switchgear.wire.registry import TONGUES
from switchgear.wire.utterance import ended

MOST_FLAWS = 20
TARGETS = list(TONGUES)
COUNTS = ("/v1/messages/count_tokens", "/v1/responses/input_tokens")
PREVIEW = "/v1/decisions/preview"


class Answer(msgspec.Struct):
    """What came back."""

    status: int = 0
    kind: str = ""
    body: bytes = b""


async def fuzzed(seconds: float, seed: int, most: int = 10**9) -> list[str]:
    """Return what went wrong, each with what it takes to see it again."""
    chance, provider, flaws = Random(seed), Provider(), list[str]()
    await provider.start()
    staged = [provider.stage(f"fuzz{place}", each) for place, each in enumerate(TARGETS)]
    for scene, _ in staged:
        scene.play(says(ended()))
    made = config(TARGETS, {}, {"breaker": {"failures": 1000}})
    setup = moved(read(msgspec.json.encode(made)), [url for _, url in staged])
    running = Running(Source.of({}, {}))
    await running.start(setup)
    known = {each: seeds(each) for each in TONGUES}
    until = time.monotonic() + seconds
    try:
        with listening() as logged:
            for number in range(most):
                if time.monotonic() > until or len(flaws) >= MOST_FLAWS:
                    break
                found = await _one(running, [it for it, _ in staged], known, chance)
                found += [f"logged: {text}" for text in logged]
                logged.clear()
                flaws += [f"{it} (seed {seed}, body {number})" for it in found]
    finally:
        await running.aclose()
        await provider.stop()
    return flaws


async def _one(
    running: Running,
    scenes: list[Scene],
    known: dict[Dialect, list[dict[str, Any]]],
    chance: Random,
) -> list[str]:
    caller = chance.choice(callers())
    raw = mutant(caller, known, chance)
    place = chance.randrange(len(TARGETS))
    raw = raw.replace(b'"auto"', b'"t%d"' % place, 1)
    path = ROOTS[caller]
    if chance.random() < 0.15:
        path = chance.choice([*_counts(caller), PREVIEW])
    for scene in scenes:
        scene.heard.clear()
    try:
        async with asyncio.timeout(20):
            answer = await post(running.asgi, path, raw, caller)
    except TimeoutError:
        return [f"{path}: no answer to {raw[:300]!r}"]
    flaws = judged(answer, caller, path)
    flaws += [flaw for scene in scenes for heard in scene.heard if (flaw := unread(heard, caller))]
    return [f"{path}, {TARGETS[place].value}: {it}; body {raw[:400]!r}" for it in flaws]


def _counts(caller: Dialect) -> list[str]:
    return [it.path for it in ROUTES if it.path in COUNTS and it.dialect is caller]


def judged(answer: Answer, caller: Dialect, path: str) -> list[str]:
    """Return what is wrong with an answer to a body of any kind."""
    if answer.status == 500 or answer.status < 200:
        return [f"status {answer.status}: {answer.body[:200]!r}"]
    if answer.kind.startswith("text/event-stream"):
        return _stream(answer.body, caller)
    try:
        told = msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, ValueError):
        return [f"not JSON: {answer.body[:200]!r}"]
    if answer.status >= 400:
        return shaped(told, caller if path != PREVIEW else Dialect.OPENAI_CHAT)
    return _whole(answer.body, caller) if path == ROOTS[caller] else []


def _whole(raw: bytes, caller: Dialect) -> list[str]:
    try:
        TONGUES[caller].read_whole(raw)
    except SwitchgearError as error:
        return [f"an answer that cannot be read: {error}"]
    return []


def _stream(raw: bytes, caller: Dialect) -> list[str]:
    tap = TONGUES[caller].tap(())
    try:
        pieces = [*tap.feed(raw), *tap.end()]
    except SwitchgearError as error:
        return [f"a stream that cannot be read: {error}: {raw[-200:]!r}"]
    return [] if pieces and pieces[-1].finish else [f"a stream without an end: {raw[-200:]!r}"]


def shaped(told: dict[str, Any], caller: Dialect) -> list[str]:
    """Return what is wrong with the shape of an error."""
    error = told.get("error")
    if not isinstance(error, dict) or not error.get("message") or not error.get("code"):
        return [f"an error without a message or a code: {told}"]
    if (told.get("type") == "error") != (caller is Dialect.ANTHROPIC_MESSAGES):
        return [f"an error in another dialect's shape: {told}"]
    return []


def unread(heard: Heard, caller: Dialect) -> str:
    """Return why a target could not read what it got; of its own dialect it gets what came."""
    if heard.dialect is caller or heard.endpoint is Endpoint.COUNT:
        return ""
    try:
        _ = heard.conversation
    except SwitchgearError as error:
        return f"the target cannot read {heard.body[:300]!r}: {error.message}"
    return ""


async def post(app: App, path: str, body: bytes, caller: Dialect) -> Answer:
    """Send a request to an ASGI app in this process."""
    answer, sent = Answer(), False
    headers = [(b"content-type", b"application/json"), (b"x-api-key", KEY.encode())]
    if path == PREVIEW:
        headers.append((b"x-switchgear-dialect", caller.value.encode()))
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "headers": headers,
    }

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.kind = dict(message["headers"]).get(b"content-type", b"").decode()
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer


@contextmanager
def listening() -> Iterator[list[str]]:
    """Yield what is logged as an error, by us or by the loop."""
    found: list[str] = []

    class Ear(logging.Handler):
        """Hears errors."""

        def emit(self, record: logging.LogRecord) -> None:  # type: ignore[explicit-override]  # as the base has it
            """Keep one."""
            found.append(record.getMessage())

    ear = Ear(logging.ERROR)
    logs = [logging.getLogger(name) for name in ("switchgear", "asyncio")]
    for log in logs:
        log.addHandler(ear)
    try:
        yield found
    finally:
        for log in logs:
            log.removeHandler(ear)

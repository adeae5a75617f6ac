"""The official clients through faults: what they make of our answers is what an agent sees."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import anthropic
import msgspec
import openai
from faults.cell import Cell, cell
from faults.config import ALIAS, Place, setup
from faults.matrix import OTHER, SHOWN, served

from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.catalogue import BY_NAME
from switchgear.rehearsal.client import PROMPT
from switchgear.rehearsal.fault import Fault, Form
from switchgear.rehearsal.faultd import Faultd
from switchgear.rehearsal.stand import standing
from switchgear.rehearsal.voice import TEXT

FAULTS = (
    "healthy",
    "503",
    "429-retry-after-2",
    "401",
    "content-filter",
    "reset-mid-stream",
    "hang-mid-stream",
    "truncated-sse",
    "missing-done",
    "html",
)
CLIENT_ERRORS = (openai.OpenAIError, anthropic.AnthropicError)
PASSED_ON = "content-filter"


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One cell to be."""

    fault: Fault
    endpoint: Dialect
    form: Form
    cross: bool
    fallback: bool

    @property
    def name(self) -> str:
        """What is tried."""
        words = [self.fault.name, SHOWN[self.endpoint], self.form.value]
        words.append("cross" if self.cross else "same")
        return " · ".join([*words, "fallback" if self.fallback else "alone"])


async def clients() -> list[Cell]:
    """Let each client meet each fault."""
    gate = asyncio.Semaphore(6)
    async with served() as daemon, asyncio.TaskGroup() as group:

        async def one(number: int, way: Way) -> Cell:
            async with gate:
                return await _met(daemon, way, f"@sdk{number}")

        ways = [
            Way(fault=BY_NAME[name], endpoint=endpoint, form=form, cross=cross, fallback=fallback)
            for name in FAULTS
            for endpoint in SHOWN
            for form in BY_NAME[name].forms
            for cross in (False, True)
            for fallback in (True, False)
        ]
        tasks = [group.create_task(one(number, way)) for number, way in enumerate(ways)]
    return [task.result() for task in tasks]


async def _met(daemon: Faultd, way: Way, scope: str) -> Cell:
    speaks = OTHER[way.endpoint] if way.cross else way.endpoint
    places = [Place(model=way.fault.name + scope, dialect=speaks, url=daemon.base_url())]
    if way.fallback:
        places.append(Place(model="healthy" + scope, dialect=speaks, url=daemon.base_url()))
    began = time.monotonic()
    said: list[str] = []
    failed = ""
    async with standing(setup(places)) as stand:
        url = f"http://127.0.0.1:{stand.port}"
        try:
            await _ASKS[way.endpoint, way.form](url, said)
        except CLIENT_ERRORS as error:
            failed = type(error).__name__
    flaws = _flaws(way, "".join(said), failed)
    attempts = daemon.tally.total(scope).requests
    return cell("client", way.name, flaws, attempts=attempts, seconds=time.monotonic() - began)


def _flaws(way: Way, said: str, failed: str) -> list[str]:
    answers = way.fallback and way.fault.name != PASSED_ON
    if way.fault.name in {"healthy", "missing-done"} or answers:
        return [] if said == TEXT and not failed else [f"{said[:60]!r} {failed}"]
    if not failed:
        return [f"no error was raised; it took {said[:60]!r} for the answer"]
    return [] if TEXT.startswith(said) else [f"{said[:60]!r} before {failed}"]


async def _chat_stream(url: str, said: list[str]) -> None:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        stream = await client.chat.completions.create(
            model=ALIAS, messages=[{"role": "user", "content": PROMPT}], stream=True
        )
        stopped = False
        async for chunk in stream:
            for choice in chunk.choices:
                said.append(choice.delta.content or "")
                stopped = stopped or choice.finish_reason is not None
        if not stopped:  # the client itself does not look
            raise openai.APIConnectionError(request=stream.response.request)


async def _chat_whole(url: str, said: list[str]) -> None:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        answer = await client.chat.completions.create(
            model=ALIAS, messages=[{"role": "user", "content": PROMPT}]
        )
        said.append(answer.choices[0].message.content or "")


async def _messages_stream(url: str, said: list[str]) -> None:
    async with (
        anthropic.AsyncAnthropic(base_url=url, api_key="none", max_retries=0) as client,
        client.messages.stream(
            model=ALIAS, max_tokens=100, messages=[{"role": "user", "content": PROMPT}]
        ) as stream,
    ):
        async for text in stream.text_stream:
            said.append(text)  # noqa: PERF401  (what came before an error counts)
        await stream.get_final_message()


async def _messages_whole(url: str, said: list[str]) -> None:
    async with anthropic.AsyncAnthropic(base_url=url, api_key="none", max_retries=0) as client:
        answer = await client.messages.create(
            model=ALIAS, max_tokens=100, messages=[{"role": "user", "content": PROMPT}]
        )
        said.extend(block.text for block in answer.content if block.type == "text")


_ASKS: dict[tuple[Dialect, Form], Callable[[str, list[str]], Awaitable[None]]] = {
    (Dialect.OPENAI_CHAT, Form.STREAM): _chat_stream,
    (Dialect.OPENAI_CHAT, Form.WHOLE): _chat_whole,
    (Dialect.ANTHROPIC_MESSAGES, Form.STREAM): _messages_stream,
    (Dialect.ANTHROPIC_MESSAGES, Form.WHOLE): _messages_whole,
}

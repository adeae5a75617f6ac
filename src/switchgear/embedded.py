"""The library form: the whole gateway inside the agent's own process, with no hop.

Everything works as over HTTP: the same config, decisions, failover and ledger.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, Self, TypeVar

import msgspec

from switchgear.app import Gateway
from switchgear.config.opening import Amendment, Opening
from switchgear.domain.body import Body
from switchgear.domain.call import Call
from switchgear.domain.caller import ANONYMOUS, Caller, Key, Wishes
from switchgear.domain.dialect import Dialect
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import MalformedBody
from switchgear.domain.event import Event, Finished, TextDelta, Usage
from switchgear.domain.units import NANO_PER_USD
from switchgear.domain.view import View, Wanted
from switchgear.engine.handling import Verb
from switchgear.engine.saying import read_saying
from switchgear.pipeline.task.desk import TaskDesk
from switchgear.ports.handler import Head, Reply, Trail
from switchgear.running import Running, Source
from switchgear.surfaces.http.answer import read_whole
from switchgear.surfaces.http.app import App
from switchgear.surfaces.http.outcome import lines_of, read_line, told_all
from switchgear.surfaces.http.outcome import told_of as told_outcome
from switchgear.surfaces.http.recollection import refuse_elsewhere
from switchgear.surfaces.http.task import row_of, told_of
from switchgear.wire.embedding.body import parse as parse_embedding
from switchgear.wire.registry import TONGUES

NOBODY_SAID = Wishes()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer, and how it came about."""

    body: dict[str, Any]
    """In the dialect of the method that asked: what the HTTP endpoint would have sent."""
    text: str
    """All its words."""
    usage: Usage | None
    decision: str
    """Its id, for ``explain``."""
    target: str
    tier: str
    reason: str
    cost_usd: Decimal


class Tasks:
    """The tasks of an open gateway; what is said and answered is as over HTTP."""

    def __init__(self, running: Running, key: Key) -> None:
        """Speak for ``key``."""
        self._running = running
        self._key = key

    async def open(self, name: str = "", **said: object) -> dict[str, Any]:
        """Open a task, with a ``goal``, ``caps``, a ``parent`` … as ``POST /v1/tasks`` has it."""
        opening = _read({"name": name, **said}, Opening)
        view, _ = await self._desk.open(opening, self._key, "")
        return _told(view)

    async def list(self, **wanted: object) -> Sequence[dict[str, Any]]:
        """Return the tasks that fit ``status``, ``parent``, ``agent``, newest first."""
        found, _ = await self._desk.list(_read(wanted, Wanted), self._key)
        return [msgspec.to_builtins(row_of(each)) for each in found]

    async def show(self, name: str) -> dict[str, Any]:
        """Return one task, by its id or its name."""
        return _told(await self._desk.view(name, self._key))

    async def change(
        self, name: str, revision: int | None = None, **said: object
    ) -> dict[str, Any]:
        """Change its caps, its deadline, what it is for; at that revision, if one is said."""
        amendment = _read(said, Amendment)
        return _told(await self._desk.amend(name, amendment, self._key, revision))

    async def pause(self, name: str, note: str = "") -> dict[str, Any]:
        """Refuse its calls until it is resumed; those under way end in peace."""
        return await self._act(name, Verb.PAUSE, note)

    async def resume(self, name: str) -> dict[str, Any]:
        """Let it go on."""
        return await self._act(name, Verb.RESUME)

    async def stop(self, name: str, note: str = "") -> dict[str, Any]:
        """Refuse its calls for good, and cut those under way."""
        return await self._act(name, Verb.STOP, note)

    async def done(self, name: str) -> dict[str, Any]:
        """Close it; a call of that name begins it anew."""
        return await self._act(name, Verb.DONE)

    async def _act(self, name: str, verb: Verb, note: str = "") -> dict[str, Any]:
        return _told(await self._desk.act(name, verb, self._key, note))

    @property
    def _desk(self) -> TaskDesk:
        return self._running.current().tasks


class Switchgear:
    """An open gateway. Use it as ``async with switchgear.open(...) as sg``.

    Each method takes a request body as keyword arguments, exactly as the dialect's own SDK does,
    and ``wishes`` for what HTTP callers say in ``x-switchgear-`` headers.

    Raises:
        SwitchgearError: every method, as documented in docs/reference/errors.md.
    """

    def __init__(self, running: Running, key: Key = ANONYMOUS) -> None:
        """Speak for ``key``; without one, as the owner."""
        self._running = running
        self._key = key
        self.tasks = Tasks(running, key)
        """Opens, shows and halts tasks; a call belongs to one by ``wishes=Wishes(task=...)``."""

    @property
    def asgi(self) -> App:
        """The HTTP face as an ASGI app, to point an SDK at in process."""
        return self._running.asgi

    async def chat(self, wishes: Wishes = NOBODY_SAID, **body: object) -> Answer:
        """Answer an OpenAI chat completion."""
        return await self._whole(Dialect.OPENAI_CHAT, wishes, body)

    async def messages(self, wishes: Wishes = NOBODY_SAID, **body: object) -> Answer:
        """Answer an Anthropic message."""
        return await self._whole(Dialect.ANTHROPIC_MESSAGES, wishes, body)

    async def responses(self, wishes: Wishes = NOBODY_SAID, **body: object) -> Answer:
        """Answer an OpenAI response; ``previous_response_id`` goes on from an earlier one."""
        return await self._whole(Dialect.OPENAI_RESPONSES, wishes, body)

    async def embeddings(self, wishes: Wishes = NOBODY_SAID, **body: object) -> Answer:
        """Answer with vectors, as OpenAI's embeddings do; they are in the answer's ``body``."""
        call, gateway = self._made(parse_embedding(_encoded(body)), wishes, Endpoint.EMBED)
        reply = await gateway.handler(call, Trail())
        try:
            raw, events = await read_whole(reply)
        finally:
            reply.close()
        return _answer(call, reply.head, raw or b"", events)

    @asynccontextmanager
    async def stream(
        self, wishes: Wishes = NOBODY_SAID, **body: object
    ) -> AsyncIterator[AsyncIterator[Event]]:
        """Stream an OpenAI chat completion as events; the last is ``Finished``.

        Leaving the block early closes the connection to the target at once.
        """
        async with self._streamed(Dialect.OPENAI_CHAT, wishes, body) as events:
            yield events

    @asynccontextmanager
    async def stream_responses(
        self, wishes: Wishes = NOBODY_SAID, **body: object
    ) -> AsyncIterator[AsyncIterator[Event]]:
        """Stream an OpenAI response as events, as ``stream`` does; ``Opened`` has its id."""
        async with self._streamed(Dialect.OPENAI_RESPONSES, wishes, body) as events:
            yield events

    async def preview(self, wishes: Wishes = NOBODY_SAID, **body: object) -> object:
        """Return what would be decided for an OpenAI chat completion; nothing is sent."""
        call, gateway = self._call(Dialect.OPENAI_CHAT, wishes, body)
        return await gateway.preview(call)

    async def explain(self, decision: str) -> object | None:
        """Return a decision of the past, explained; None if there is none of that id."""
        return await self._running.current().decision(decision, self._key)

    async def outcome(self, decision: str, **said: object) -> dict[str, Any]:
        """Say what became of a decision; what comes twice is kept once.

        That is one of ``score``, ``thumbs``, ``verdict``, ``override`` and ``tool``, or several, as
        ``POST /v1/outcomes`` has them.
        """
        saying = read_saying({"decision": decision, **said})
        return told_outcome(await self._running.current().outcomes.say(saying, self._key))

    async def outcomes(self, said: Sequence[Mapping[str, object]]) -> dict[str, Any]:
        """Say many at once; each is kept, or refused, by itself."""
        rows = [read_line(each) for each in lines_of({"outcomes": list(said)})]
        return told_all(await self._running.current().outcomes.say_all(rows, self._key))

    async def reload(self) -> None:
        """Read the config again and put it in force, all or nothing.

        Raises:
            ConfigError: it is not good; the version in force stays.
        """
        await self._running.reload()

    async def aclose(self) -> None:
        """Let what is under way end, and close everything."""
        await self._running.aclose()

    async def __aenter__(self) -> Self:
        """Open it, if it is not open yet."""
        await self._running.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close it."""
        await self.aclose()

    def _call(
        self, dialect: Dialect, wishes: Wishes, body: Mapping[str, object]
    ) -> tuple[Call, Gateway]:
        read = TONGUES[dialect].parse(_encoded(body))
        refuse_elsewhere(read)
        return self._made(read, wishes)

    def _made(
        self, body: Body, wishes: Wishes, endpoint: Endpoint = Endpoint.ANSWER
    ) -> tuple[Call, Gateway]:
        gateway = self._running.current()
        call = Call(
            id=gateway.new_id(),
            body=body,
            endpoint=endpoint,
            caller=Caller(key=self._key, wishes=wishes),
            at=gateway.clock.date(),
            began=gateway.clock.now(),
        )
        return call, gateway

    @asynccontextmanager
    async def _streamed(
        self, dialect: Dialect, wishes: Wishes, body: Mapping[str, object]
    ) -> AsyncIterator[AsyncIterator[Event]]:
        call, gateway = self._call(dialect, wishes, {**body, "stream": True})
        reply = await gateway.handler(call, Trail())
        try:
            yield _events(reply)
        finally:
            reply.close()

    async def _whole(self, dialect: Dialect, wishes: Wishes, body: Mapping[str, object]) -> Answer:
        call, gateway = self._call(dialect, wishes, {**body, "stream": False})
        reply = await gateway.handler(call, Trail())
        try:
            raw, events = await read_whole(reply)
        finally:
            reply.close()
        if raw is None or reply.head.dialect is not dialect:
            raw = TONGUES[dialect].write_whole(call.id, events, call.body.conversation)
        return _answer(call, reply.head, raw, events)


def open_config(
    config: Mapping[str, object] | str | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    key: Key = ANONYMOUS,
) -> Switchgear:
    """Return a gateway for a config file's path, or for its content as a mapping.

    Without a config it is made from the API keys in the environment, as ``switchgear serve`` does.
    Nothing is opened before ``async with``.
    """
    return Switchgear(Running(Source.of(config, environment)), key)


Shape = TypeVar("Shape")


def _read(said: Mapping[str, object], shape: type[Shape]) -> Shape:
    try:
        return msgspec.convert(msgspec.to_builtins(said), shape)
    except (msgspec.ValidationError, TypeError, RecursionError) as error:
        raise MalformedBody(str(error).replace("`", "")) from None


def _told(view: View) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(told_of(view))
    return found


def _encoded(body: Mapping[str, object]) -> bytes:
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError, RecursionError) as error:
        raise MalformedBody(f"The body must be made of plain JSON values: {error}.") from None


async def _events(reply: Reply) -> AsyncIterator[Event]:
    async for piece in reply.pieces:
        for event in piece.seen:
            yield event


def _answer(call: Call, head: Head, raw: bytes, events: list[Event]) -> Answer:
    end = events[-1]
    return Answer(
        body=msgspec.json.decode(raw),
        text="".join(event.text for event in events if isinstance(event, TextDelta)),
        usage=end.usage if isinstance(end, Finished) else None,
        decision=call.id,
        target=head.target,
        tier=head.tier,
        reason=head.reason,
        cost_usd=Decimal(head.cost or 0) / NANO_PER_USD,
    )

"""An upstream that answers from a script: the memory twin, for tests and dry runs."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

import msgspec
from typing_extensions import override

from switchgear.domain.attempt import Sent
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import (
    ReplyClosed,
    SwitchgearError,
    UpstreamError,
    UpstreamLost,
    UpstreamUnreachable,
)
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    Stop,
    TextDelta,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.domain.piece import Piece
from switchgear.domain.units import Seconds, Tokens
from switchgear.ports.upstream import Answer, Endpoint, Order, Upstream

USAGE = Usage(input=Tokens(10), output=Tokens(5))
ANSWER_ID = "chatcmpl-scripted"
_REASONS = {Stop.TOOL_USE: "tool_calls", Stop.LENGTH: "length", Stop.FILTERED: "content_filter"}


class Says(msgspec.Struct, frozen=True):
    """Answers with this text, a word a piece."""

    text: str
    usage: Usage | None = USAGE
    stop: Stop = Stop.END
    after: Seconds = Seconds(0.0)
    """How long it says nothing first."""


class Calls(msgspec.Struct, frozen=True):
    """Asks for one tool."""

    tool: str
    arguments: str = "{}"
    """JSON text."""
    id: str = "call_1"
    usage: Usage | None = USAGE


class Refuses(msgspec.Struct, frozen=True):
    """Fails before any answer."""

    error: type[SwitchgearError] | SwitchgearError
    status: int = 0
    """The HTTP status that came with it."""


class Stalls(msgspec.Struct, frozen=True):
    """Begins to answer, and after ``after`` words says nothing more; -1 never begins at all.

    A whole answer, and one that is cut, has no words to count: it stalls or breaks at once.
    """

    text: str = ""
    after: int = 0


class Cuts(msgspec.Struct, frozen=True):
    """Begins to answer, and after ``after`` words fails."""

    text: str = ""
    after: int = 0
    error: type[UpstreamError] = UpstreamLost


class Gives(msgspec.Struct, frozen=True):
    """Gives exactly these pieces."""

    pieces: tuple[Piece, ...]
    dialect: Dialect | None = Dialect.OPENAI_CHAT


class InTurn(msgspec.Struct, frozen=True):
    """Does one thing after the other, a call each; the last for all calls that follow."""

    scripts: tuple["Says | Calls | Refuses | Stalls | Cuts | Gives", ...]


Act = Says | Calls | Refuses | Stalls | Cuts | Gives
Script = Act | InTurn
Pause = Callable[[], Awaitable[None]]
"""What stands for the network: waited for wherever a real adapter would wait."""


async def one_turn() -> None:
    """Let the other tasks have a turn."""
    await asyncio.sleep(0)


class ScriptedUpstream(Upstream):
    """Does with each target's calls what its script says."""

    def __init__(self, scripts: Mapping[str, Script], pause: Pause = one_turn) -> None:
        """Take what each target id does."""
        self._scripts = scripts
        self._pause = pause
        self._turns: Counter[str] = Counter()
        self.orders: list[Order] = []
        """What was opened, in order."""
        self.open_answers = 0
        """Answers that were opened and that nobody has closed."""

    @property
    def sent(self) -> list[str]:
        """Target ids, in the order that they were called."""
        return [order.target.id for order in self.orders]

    @override
    def begin(self, order: Order) -> "ScriptedAnswer":
        return ScriptedAnswer(self, order, self._pause)

    def enter(self, order: Order) -> Act:
        """Note that an answer was opened, and return what it does."""
        script = self._scripts[order.target.id]
        turn = self._turns[order.target.id]
        self._turns[order.target.id] += 1
        self.orders.append(order)
        self.open_answers += 1
        if isinstance(script, InTurn):
            return script.scripts[min(turn, len(script.scripts) - 1)]
        return script

    def leave(self) -> None:
        """Note that an answer was closed."""
        self.open_answers -= 1


class ScriptedAnswer(Answer):
    """One answer from a script."""

    def __init__(self, upstream: ScriptedUpstream, order: Order, pause: Pause) -> None:
        """Hold the order; nothing is opened yet."""
        self._upstream = upstream
        self._order = order
        self._pause = pause
        self._act: Act | None = None
        self._pieces: Iterator[Piece] = iter(())
        self._words = 0
        self._ended: SwitchgearError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._sent = Sent.NEVER
        self._status = 0

    @property
    @override
    def dialect(self) -> Dialect | None:
        return self._act.dialect if isinstance(self._act, Gives) else Dialect.OPENAI_CHAT

    @property
    @override
    def stream(self) -> bool:
        return self._order.body.stream

    @property
    @override
    def dropped(self) -> tuple[str, ...]:
        return ()

    @property
    @override
    def sent(self) -> Sent:
        return self._sent

    @property
    @override
    def status(self) -> int:
        return self._status

    @property
    @override
    def broken(self) -> int:
        return 0

    @property
    @override
    def foreign(self) -> bool:
        return False

    @property
    @override
    def place(self) -> None:
        return None

    @override
    async def open(self) -> None:
        if self._ended is not None:
            raise self._ended
        act = self._act = self._upstream.enter(self._order)
        await self._wait(UpstreamUnreachable)
        self._sent = Sent.MAYBE
        await self._wait(UpstreamLost)
        if isinstance(act, Stalls) and act.after < 0:
            await self._stall()
        if isinstance(act, Says) and act.after:
            await self._stall(act.after)
        if isinstance(act, Refuses):
            self._status = act.status
            raise act.error if isinstance(act.error, SwitchgearError) else act.error()
        self._sent = Sent.HEARD
        self._status = 200
        self._pieces = _pieces(act, self._order)

    @override
    async def read(self) -> Piece | None:
        await self._wait(UpstreamLost)
        act = self._act
        if isinstance(act, Stalls | Cuts) and (not self.stream or self._words == act.after):
            if isinstance(act, Cuts):
                raise act.error
            await self._stall()
        piece = next(self._pieces, None)
        if piece is not None and any(isinstance(event, TextDelta) for event in piece.seen):
            self._words += 1
        return piece

    @override
    def close(self, error: SwitchgearError | None = None) -> None:
        if self._ended is not None:
            return
        self._ended = error or ReplyClosed()
        if self._act is not None:
            self._upstream.leave()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(self._ended)

    async def _wait(self, broken: type[UpstreamError]) -> None:
        """Wait as for the network; what breaks it is what it is for a real one."""
        try:
            await self._pause()
        except OSError as error:
            raise broken(str(error)) from error
        if self._ended is not None:
            raise self._ended

    async def _stall(self, span: Seconds | None = None) -> None:
        """Wait until it is closed, or for a span."""
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        if span is not None:
            loop.call_later(span, _wake, waiter)
        await waiter


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _pieces(act: Act, order: Order) -> Iterator[Piece]:
    if isinstance(act, Gives):
        return iter(act.pieces)
    if order.endpoint is Endpoint.COUNT:
        end = Finished(stop=Stop.END, usage=Usage(input=USAGE.input))
        return iter([Piece(b'{"input_tokens":%d}' % USAGE.input, (end,))])
    events = _events(act, order.target.model)
    if order.body.stream:
        return _frames(events, order.target.model)
    return iter([Piece(_whole(events, order.target.model), tuple(events))])


def _events(act: Act, model: str) -> list[Event]:
    opened = Opened(id=ANSWER_ID, model=model, created=1)
    match act:
        case Calls():
            started = ToolStarted(index=0, id=act.id, name=act.tool)
            end = Finished(stop=Stop.TOOL_USE, usage=act.usage)
            return [opened, started, ToolDelta(index=0, json=act.arguments), end]
        case Says():
            return [opened, *_words(act.text), Finished(stop=act.stop, usage=act.usage)]
        case Stalls() | Cuts():
            return [opened, *_words(act.text), Finished(stop=Stop.END, usage=USAGE)]
    return [opened]


def _words(text: str) -> list[TextDelta]:
    return [TextDelta(word) for word in re.findall(r"\S+\s*|\s+", text)]


def _frames(events: Sequence[Event], model: str) -> Iterator[Piece]:
    """Yield each event with its frame; the reason to stop has a frame of its own, as usual."""
    for event in events:
        if isinstance(event, Finished):
            yield Piece(_frame(model, {}, _REASONS.get(event.stop, "stop")))
            yield Piece(b"data: [DONE]\n\n", (event,))
        else:
            yield Piece(_frame(model, _delta(event), None), (event,))


def _delta(event: Event) -> dict[str, object]:
    match event:
        case Opened():
            return {"role": "assistant", "content": ""}
        case TextDelta():
            return {"content": event.text}
        case ToolStarted():
            function = {"name": event.name, "arguments": ""}
            call = {"index": 0, "id": event.id, "type": "function", "function": function}
            return {"tool_calls": [call]}
        case ToolDelta():
            return {"tool_calls": [{"index": 0, "function": {"arguments": event.json}}]}
    return {}


def _frame(model: str, delta: dict[str, object], reason: str | None) -> bytes:
    chunk = {
        "id": ANSWER_ID,
        "object": "chat.completion.chunk",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
    }
    return b"data: " + msgspec.json.encode(chunk) + b"\n\n"


def _whole(events: Sequence[Event], model: str) -> bytes:
    message: dict[str, object] = {"role": "assistant", "content": None}
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    reason, usage = "stop", None
    for event in events:
        if isinstance(event, ToolStarted):
            function = {"name": event.name, "arguments": _arguments(events)}
            message["tool_calls"] = [{"id": event.id, "type": "function", "function": function}]
        if isinstance(event, Finished):
            reason, usage = _REASONS.get(event.stop, "stop"), event.usage
    answer: dict[str, object] = {
        "id": ANSWER_ID,
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
    }
    if text:
        message["content"] = text
    if usage is not None:
        counts = {"prompt_tokens": usage.input, "completion_tokens": usage.output}
        answer["usage"] = {**counts, "total_tokens": usage.input + usage.output}
    return msgspec.json.encode(answer)


def _arguments(events: Sequence[Event]) -> str:
    return "".join(event.json for event in events if isinstance(event, ToolDelta))

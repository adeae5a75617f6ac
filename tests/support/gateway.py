"""A gateway that does what the model's name says, and the server in front of it."""

import asyncio
import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import uvloop

from switchgear.adapters.budgets.memory import MemoryBudgets
from switchgear.adapters.chance import SystemChance
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.keyrings.memory import MemoryKeyring
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.config.setup import Server
from switchgear.domain.call import Call
from switchgear.domain.caller import ANONYMOUS, Caller, Key
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import (
    ConflictingCredentials,
    NotPassed,
    Overloaded,
    SwitchgearError,
    UnknownKey,
    UpstreamBusy,
    UpstreamLost,
)
from switchgear.domain.event import Event, Finished, Opened, Stop, TextDelta, Usage
from switchgear.domain.fact import Identified
from switchgear.domain.goal import Goals
from switchgear.domain.halt import Halt
from switchgear.domain.leaf import leaves
from switchgear.domain.piece import Piece, Place
from switchgear.domain.task import Identity
from switchgear.domain.units import NanoUsd, Seconds, Tokens
from switchgear.pipeline.learning.figures import Figures
from switchgear.pipeline.learning.outcome import Outcomes
from switchgear.pipeline.locksmith import Locksmith
from switchgear.pipeline.ring import Ring
from switchgear.pipeline.task.bursar import Bursar
from switchgear.pipeline.task.context import Contexts
from switchgear.pipeline.task.desk import TaskDesk
from switchgear.pipeline.task.handoff import Handoffs, Stand
from switchgear.pipeline.task.opening import Opener
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.ticket import Tickets
from switchgear.ports.board import Said
from switchgear.ports.handler import Head, Reply, Trail
from switchgear.ports.ledger import Query
from switchgear.ports.nursery import Nursery
from switchgear.ports.recollection import Recollection
from switchgear.surfaces.http.app import App
from switchgear.surfaces.http.edge.serve import arrange
from switchgear.surfaces.http.gateway import ModelCard
from switchgear.wire import registry

TONGUES = registry.TONGUES
ERRORS = {leaf.code: leaf for leaf in leaves()}
WORDS = ("Hel", "lo")
USAGE = Usage(input=Tokens(7), output=Tokens(2))
END = Finished(stop=Stop.END, usage=USAGE)
FLOOD = Piece(b": " + b"x" * 65_536 + b"\n\n")
CHUNK = '{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[%s]}'
DELTA = '{"index":0,"delta":{"role":"assistant","content":"%s"},"finish_reason":%s}'
CHAT = (
    b'{ "id":"c", "object":"chat.completion","created":1,"model":"m","choices":[{"index":0,'
    b'"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9} }'
)
MESSAGE = (
    b'{ "id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text",'
    b'"text":"Hello"}],"stop_reason":"end_turn","stop_sequence":null,'
    b'"usage":{"input_tokens":7,"output_tokens":2} }'
)
MESSAGE_START = (
    '{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m",'
    '"content":[],"stop_reason":null,"stop_sequence":null,'
    '"usage":{"input_tokens":7,"output_tokens":1}}}'
)
MESSAGE_DELTA = (
    '{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},'
    '"usage":{"output_tokens":2}}'
)
MESSAGE_FRAMES = (
    MESSAGE_START,
    '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo"}}',
    '{"type":"content_block_stop","index":0}',
    MESSAGE_DELTA,
    '{"type":"message_stop"}',
)


def events() -> tuple[Event, ...]:
    return (Opened(id="e", model="m"), *(TextDelta(word) for word in WORDS), END)


def chat_frames() -> list[bytes]:
    """A stream of OpenAI's, its terminal frame last."""
    words = [CHUNK % (DELTA % (word, "null")) for word in WORDS]
    texts = [*words, CHUNK % (DELTA % ("", '"stop"')), "[DONE]"]
    return [f"data: {text}\n\n".encode() for text in texts]


def message_frames() -> list[bytes]:
    """A stream of Anthropic's, its terminal frame last."""
    names = [msgspec.json.decode(text)["type"] for text in MESSAGE_FRAMES]
    pairs = zip(names, MESSAGE_FRAMES, strict=True)
    return [f"event: {name}\ndata: {text}\n\n".encode() for name, text in pairs]


def pieces(dialect: Dialect | None, *, stream: bool) -> list[Piece]:
    """A good answer."""
    if dialect is None:
        return [Piece(b"", (event,)) for event in events()]
    chat = dialect is Dialect.OPENAI_CHAT
    if not stream:
        return [Piece(CHAT if chat else MESSAGE, events())]
    frames = chat_frames() if chat else message_frames()
    middle = [Piece(frame) for frame in frames[:-1]]
    middle[0] = Piece(frames[0], events()[:-1])
    return [*middle, Piece(frames[-1], (END,))]


def rescued(dialect: Dialect | None, *, stream: bool) -> list[Piece]:
    """An answer that begins in a target's own bytes, and is gone on with by another."""
    chat = dialect is Dialect.OPENAI_CHAT
    opened = Opened(id="c", model="m", created=1) if chat else Opened(id="m", model="m")
    before, rest = (opened, events()[1]), events()[2:]
    if not stream:
        return [Piece(None, events())]
    frames = chat_frames()[:1] if chat else message_frames()[:3]
    place = None if chat else Place(1, "text")
    begun = [Piece(frame) for frame in frames[:-1]]
    return [
        *begun,
        Piece(frames[-1], before),
        Piece(None, rest[:1], before, place),
        Piece(None, rest[1:]),
    ]


class ScriptedGateway:
    """Answers a call as its model's name asks, and remembers what it saw."""

    def __init__(self, server: Server | None = None) -> None:
        self.server = server or Server()
        self.clock = SystemClock()
        self.nursery = Nursery()
        self.aside = asyncio.Lock()
        self.over = self.crowded = False
        self.most_passed = 1_000_000
        self.calls: list[Call] = []
        self.closed: list[str] = []
        self.gone = threading.Event()
        """A call was cancelled, or its reply closed before its end."""
        self.began = threading.Event()
        """A call that hangs has begun to."""
        self.queries: list[Query] = []
        self.kept: dict[tuple[Key, str], Recollection] = {}
        self.unready = ""
        self.halted: list[Halt] = []
        keyring = MemoryKeyring()
        self.keys = Locksmith(Ring(keyring), keyring, self.clock, SystemChance(), policy=None)
        papers = MemoryPapers()
        tasks = Tasks(papers, self.clock, self.nursery)
        self.tickets = Tickets(papers, tasks, self.clock, SystemChance())
        ledger, bursar = MemoryLedger(), Bursar(tasks, MemoryBudgets(self.clock), self.clock)
        self.outcomes = Outcomes(papers, ledger, self.clock)
        self.goals = Goals()
        self.figures = Figures(ledger, papers, self.outcomes, self.clock).now
        self.contexts = Contexts(tasks, papers, ledger, self.clock)
        opener = Opener(tasks, bursar, self.contexts, self.clock, SystemChance())
        self.tasks = TaskDesk(tasks, papers, opener, bursar, self.clock)
        self.handoffs = Handoffs(
            Stand(
                tasks=tasks,
                contexts=self.contexts,
                bursar=bursar,
                papers=papers,
                ledger=ledger,
                clock=self.clock,
                chance=SystemChance(),
            )
        )
        self._ids = itertools.count(1)

    def full(self, caller: Caller) -> bool:
        del caller
        return self.crowded

    def new_id(self) -> str:
        return f"sg_{next(self._ids):026d}"

    def authenticate(self, authorization: str | None, x_api_key: str | None) -> Key:
        bearer = authorization and authorization.removeprefix("Bearer ")
        if bearer and x_api_key and bearer != x_api_key:
            raise ConflictingCredentials
        if "wrong" in (bearer or x_api_key or ""):
            raise UnknownKey
        return ANONYMOUS

    async def handler(self, call: Call, trail: Trail) -> Reply:
        self.calls.append(call)
        name = call.caller.wishes.task
        if name:
            found_by = Identity(task=name, name=name, source="x-switchgear-task", confidence=1.0)
            trail.add(Identified(found_by))
        _ = call.body.conversation
        word, _, rest = call.body.model.partition(":")
        if word == "fail":
            raise _error(rest)
        if word == "bug":
            raise ValueError("secret content")
        if word == "hang":
            await self._hang()
        dialect = None if word == "events" else call.body.dialect
        if word == "cross":
            dialect = next(it for it in Dialect if it is not dialect)
        made = rescued if word == "rescued" and dialect is not None else pieces
        found = made(dialect, stream=call.body.stream)
        return self._reply(call, dialect, word, found)

    async def count(self, call: Call, trail: Trail) -> Reply:
        self.calls.append(call)
        _ = call.body.conversation, trail
        dialect = None if call.body.model == "estimate" else Dialect.ANTHROPIC_MESSAGES
        raw = b"" if dialect is None else b'{ "input_tokens": 7 }'
        return self._reply(call, dialect, "count", [Piece(raw, (END,))])

    async def passage(self, call: Call, trail: Trail) -> Reply:
        _ = call.body.conversation, trail
        raise NotPassed

    async def budgets(self, key: Key) -> list[object]:
        return [{"object": "budget", "payer": "key", "name": key.id}]

    def halts(self) -> tuple[Halt, ...]:
        return tuple(self.halted)

    async def say(self, halt: Halt) -> Said:
        self.halted.append(halt)
        return Said(halt=halt, posted=True, told=True)

    async def preview(self, call: Call) -> object:
        return {"id": call.id, "model": call.body.conversation.model, "as": call.body.dialect.value}

    async def decision(self, decision: str, key: Key) -> object | None:
        return {"id": decision, "key": key.id} if decision == "sg_known" else None

    async def decisions(self, query: Query, key: Key) -> list[object]:
        self.queries.append(query)
        return [{"id": "sg_known", "key": key.id}]

    async def recollection(self, name: str, key: Key) -> Recollection | None:
        return self.kept.get((key, name))

    async def forget(self, name: str, key: Key) -> bool:
        return self.kept.pop((key, name), None) is not None

    def models(self, key: Key) -> tuple[ModelCard, ...]:
        assert key is ANONYMOUS
        return (ModelCard(id="auto"), ModelCard(id="sim/large", owner="sim", created=86_400))

    def ready(self) -> str:
        return self.unready

    def metrics(self) -> bytes:
        return b"up 1\n"

    def _reply(self, call: Call, dialect: Dialect | None, word: str, found: list[Piece]) -> Reply:
        ahead = iter(found)

        async def read() -> Piece | None:
            piece = next(ahead, None)
            if word == "cut" and (piece is None or piece.finish is not None):
                raise UpstreamLost
            if word == "breaks":
                raise UpstreamLost
            if word == "flood":
                return FLOOD
            if word == "stall" and piece is not None and piece is not found[0]:
                await self._hang()
            return piece

        def close() -> None:
            self.closed.append(call.id)
            if word == "flood":
                self.gone.set()

        head = Head(
            target="sim/large",
            model="m",
            dialect=dialect,
            stream=call.body.stream and word != "count",
            tier="frontier",
            reason="cheapest that fits\r\nx-evil: 1",
            attempts=2,
            dropped=("seed", "logit_bias"),
            own=Seconds(0.00123),
            cost=None if call.body.stream else NanoUsd(12_300),
        )
        reply = Reply(head, read)
        reply.at_close(close)
        return reply

    async def _hang(self) -> None:
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.gone.set()


def _error(code: str) -> SwitchgearError:
    error = ERRORS[code]()
    if isinstance(error, UpstreamBusy | Overloaded):
        error.retry_after = Seconds(1.2)
    return error


@contextmanager
def serving(gateway: ScriptedGateway) -> Iterator[int]:
    """Serve in a thread of its own; gives the port."""
    door = socket.create_server(("127.0.0.1", 0))
    port: int = door.getsockname()[1]
    up = threading.Event()
    stop: list[object] = []

    async def life() -> None:
        nursery = Nursery()
        server = arrange(App(lambda: gateway, TONGUES), gateway.server, nursery)
        stop.append(lambda: setattr(server, "should_exit", True))
        up.set()
        await server.serve([door])
        await nursery.aclose(Seconds(1.0))
        await gateway.nursery.aclose(Seconds(1.0))

    def run() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(life())

    thread = threading.Thread(target=run)
    thread.start()
    up.wait(10)
    try:
        yield port
    finally:
        for act in stop:
            assert callable(act)
            act()
        thread.join(20)
        assert not thread.is_alive()

"""Answers calls with a deterministic function instead of a model."""

import asyncio
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from typing_extensions import override

from switchgear.adapters.upstreams.function import Work, as_text, build_work
from switchgear.config.setup import ToolSpec
from switchgear.domain.attempt import Sent
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import (
    ReplyClosed,
    SwitchgearError,
    UpstreamError,
    UpstreamFailed,
    UpstreamGarbled,
    UpstreamRejected,
    UpstreamSilent,
    UpstreamUnreachable,
)
from switchgear.domain.event import Finished, Opened, Stop, TextDelta, Usage
from switchgear.domain.piece import Piece
from switchgear.domain.units import Seconds
from switchgear.engine.toolinput import find_arguments
from switchgear.ports.upstream import Answer, Order, Upstream

RUN_TIME = Seconds(2.0)
"""For a function of the owner's. Its thread cannot be stopped, only left behind."""
MAX_RESULT = 1_000_000
"""Characters."""
THREADS = 8
"""For all functions of the owner's together."""


class ToolUpstream(Upstream):
    """Every tool target of the configuration."""

    def __init__(self, tools: Mapping[str, ToolSpec], run_time: Seconds = RUN_TIME) -> None:
        """Find the functions now, so that a missing one is told before any call.

        Raises:
            ValueError: a function is missing, or its settings are wrong.
        """
        self._run_time = run_time
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="switchgear-tool")
        self._tools: dict[str, tuple[ToolSpec, Work]] = {}
        self.refresh(tools)

    def refresh(self, tools: Mapping[str, ToolSpec]) -> None:
        """Run these from now on.

        Raises:
            ValueError: a function is missing, or its settings are wrong; nothing has changed.
        """
        self._tools = {name: (spec, build_work(spec)) for name, spec in tools.items()}

    def renewed(self, tools: Mapping[str, ToolSpec]) -> "ToolUpstream":
        """Return an upstream for these tools on the same threads; this one keeps its own.

        Raises:
            ValueError: a function is missing, or its settings are wrong.
        """
        other = ToolUpstream(tools, self._run_time)
        other._threads.shutdown(wait=False)
        other._threads = self._threads
        return other

    @override
    def begin(self, order: Order) -> Answer:
        return ToolAnswer(order, self._tools.get(order.target.id), self._threads, self._run_time)

    def close(self) -> None:
        """Start no function any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class ToolAnswer(Answer):
    """What a function says, as an answer."""

    def __init__(
        self,
        order: Order,
        tool: tuple[ToolSpec, Work] | None,
        threads: ThreadPoolExecutor,
        run_time: Seconds,
    ) -> None:
        """Run nothing yet; no tool means that it is no longer configured."""
        self._order = order
        self._tool = tool
        self._threads = threads
        self._run_time = run_time
        self._waiter: asyncio.Future[None] | None = None
        self._pieces: deque[Piece] = deque()
        self._finished = False
        self._closed: SwitchgearError | None = None
        self._sent = Sent.NEVER

    @property
    @override
    def dialect(self) -> Dialect | None:
        return None

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
        return 0

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
        if self._closed is not None:
            raise self._closed
        name = self._order.target.id
        if self._tool is None:
            raise UpstreamUnreachable(f"the tool {name} is gone")
        spec, work = self._tool
        arguments = find_arguments(self._order.body.conversation, spec)
        if isinstance(arguments, str):
            raise UpstreamRejected(f"the tool {name} cannot be used: {arguments}")
        self._sent = Sent.MAYBE
        try:
            text = await self._apart(work, arguments) if work.own else _result(work, arguments)
        except ValueError as error:
            raise UpstreamRejected(f"the tool {name} says: {error}") from None
        if len(text) > MAX_RESULT:
            raise UpstreamGarbled(f"the tool {name} gave more than {MAX_RESULT:,} characters")
        self._sent = Sent.HEARD
        self._speak(text)

    @override
    async def read(self) -> Piece | None:
        if self._finished:
            return None
        if self._closed is not None or not self._pieces:
            raise self._closed or ReplyClosed
        piece = self._pieces.popleft()
        self._finished = not self._pieces
        return piece

    @override
    def close(self, error: SwitchgearError | None = None) -> None:
        if self._closed is None:
            self._closed = error or ReplyClosed()
            self._wake()

    async def _apart(self, work: Work, arguments: dict[str, Any]) -> str:
        """Run the owner's function in a thread; whatever it raises is its failure, not ours."""
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, _result, work, arguments)
        running.add_done_callback(lambda _: self._wake())
        late = loop.call_later(self._run_time, self._wake)
        self._waiter = loop.create_future()
        try:
            await self._waiter
        finally:
            late.cancel()
            if not running.done():
                running.cancel()
        if self._closed is not None:
            raise self._closed
        return self._came(running)

    def _came(self, running: asyncio.Future[str]) -> str:
        name = self._order.target.id
        if running.cancelled() or not running.done():
            raise UpstreamSilent(f"the tool {name} took longer than {self._run_time:g} s")
        failure = running.exception()
        if failure is None:
            return running.result()
        raise _named(name, failure)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _speak(self, text: str) -> None:
        opened = Opened(id="", model=self._order.target.model or self._order.target.id)
        begun = (opened, TextDelta(text))
        end = Finished(stop=Stop.END, usage=Usage())
        parts = [begun, (end,)] if self.stream else [(*begun, end)]
        self._pieces.extend(Piece(b"", part) for part in parts)


def _result(work: Work, arguments: dict[str, Any]) -> str:
    return as_text(work.run(arguments))


def _named(name: str, failure: BaseException) -> UpstreamError:
    """Return the failure of an owner's function, without its text: that may hold anything."""
    return UpstreamFailed(f"the tool {name} failed with {type(failure).__name__}")

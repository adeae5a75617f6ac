"""One try at one target: from leave to send it, to the lesson of how it ended."""

from collections import deque

import msgspec

from switchgear.config.setup import Patience
from switchgear.domain.attempt import Attempt
from switchgear.domain.errors import (
    ContextTooLong,
    SwitchgearError,
    UpstreamError,
    UpstreamGarbled,
    UpstreamLost,
    UpstreamSilent,
)
from switchgear.domain.event import (
    Finished,
    Opened,
    RefusalDelta,
    TextDelta,
    ThinkingDelta,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.domain.fact import Tried
from switchgear.domain.piece import Piece
from switchgear.domain.target import Target
from switchgear.domain.units import NanoUsd, Seconds, Tokens
from switchgear.engine.breaker import Lesson, Permit
from switchgear.engine.cost import cost_of
from switchgear.engine.features import CHARS_PER_TOKEN
from switchgear.pipeline.health import Health
from switchgear.pipeline.hold import Holds
from switchgear.pipeline.watchdog import Watch, Watchdog
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Trail
from switchgear.ports.upstream import Answer, Order, Upstream

MAX_HELD = 256
"""Pieces held back while waiting for content; providers send one or two."""
MOST_NOTE = 200
"""Characters of a target's complaint that the ledger keeps."""


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What every attempt works with."""

    upstream: Upstream
    health: Health
    holds: Holds
    patience: Patience
    watchdog: Watchdog
    clock: Clock


class Leave(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One call's leave to try one target."""

    target: Target
    permit: Permit
    key: str
    """Whose call it is."""
    began: Seconds
    """When the call arrived."""
    input_tokens: Tokens
    """Our estimate, for targets that do not count."""


class Try:
    """One try. It owns its permit, its answer and its watch, and gives them back once."""

    __slots__ = (
        "_began",
        "_chars",
        "_ended",
        "_finished",
        "_first_content",
        "_held",
        "_leave",
        "_means",
        "_stream",
        "_trail",
        "_watch",
        "answer",
        "cost",
    )

    def __init__(self, leave: Leave, order: Order, means: Means, trail: Trail) -> None:
        """Take the permit over: it goes back when the answer ends, or on closing."""
        self._leave = leave
        self._means = means
        self._trail = trail
        self._began = means.clock.now()
        self._first_content: Seconds | None = None
        self._held: deque[Piece] = deque()
        self._chars = 0
        self._stream = order.body.stream
        self._ended = False
        self._finished = False
        self.cost = NanoUsd(0)
        self.answer: Answer = means.upstream.begin(order)
        span = means.patience.first if self._stream else means.patience.whole
        self._watch: Watch = means.watchdog.watch(span, self._bite)

    async def commit(self) -> None:
        """Return when the first content, or the end, has been seen.

        Raises:
            UpstreamError: it never came; everything is given back.
        """
        try:
            await self.answer.open()
            while self._first_content is None:
                self._hold_back(self._see(await self.answer.read()))
        except BaseException as error:
            self.close(error)
            raise

    async def read(self) -> Piece | None:
        """Return the next piece, or None after the last."""
        if self._held:
            return self._held.popleft()
        if self._finished:
            return None
        means = self._means
        means.watchdog.put_off(self._watch, means.patience.between)
        try:
            return self._see(await self.answer.read())
        except BaseException as error:
            self.close(error)
            raise

    def close(self, error: BaseException | None = None) -> None:
        """Give everything back; what was not finished by now is ended, and taught as ``error``."""
        if self._ended:
            return
        self._ended = True
        self._means.watchdog.release(self._watch)
        self.answer.close()
        self._means.health.give_back(self._leave.target.id, self._leave.permit, _lesson(error))
        self._tell(None, error)

    def _hold_back(self, piece: Piece) -> None:
        self._held.append(piece)
        if len(self._held) > MAX_HELD:
            raise UpstreamGarbled(f"no content in {MAX_HELD} pieces")
        if self._stream and self._first_content is None:
            self._means.watchdog.put_off(self._watch, self._means.patience.first)

    def _see(self, piece: Piece | None) -> Piece:
        """Take note of what came."""
        if piece is None:
            raise UpstreamLost("the answer stopped before its end")
        for event in piece.seen:
            self._note(event)
        end = piece.finish
        if end is not None:
            self._finish(end)
        return piece

    def _note(self, event: object) -> None:
        match event:
            case TextDelta() | ThinkingDelta() | RefusalDelta():
                self._chars += len(event.text)
            case ToolDelta():
                self._chars += len(event.json)
            case ToolStarted():
                self._means.holds.keep(self._leave.key, event.id, self._leave.target.id)
            case Opened():
                return
        if self._first_content is None:
            self._first_content = Seconds(self._means.clock.now() - self._began)

    def _finish(self, end: Finished) -> None:
        self._finished = self._ended = True
        self._means.watchdog.release(self._watch)
        self.answer.close()
        self._means.health.give_back(self._leave.target.id, self._leave.permit, Lesson.WELL)
        self._tell(end, None)

    def _tell(self, end: Finished | None, error: BaseException | None) -> None:
        """Write the attempt on the trail, and learn its timing if it went well."""
        usage, estimated = self._usage(end)
        target = self._leave.target
        self.cost = cost_of(usage, target.price) if usage else NanoUsd(0)
        attempt = Attempt(
            target=target.id,
            model=target.model,
            code=_code(end, error),
            status=self.answer.status,
            sent=self.answer.sent,
            began=Seconds(self._began - self._leave.began),
            first_content=self._first_content,
            took=Seconds(self._means.clock.now() - self._began),
            usage=usage,
            estimated=estimated,
            cost=self.cost,
            stop=end.stop if end else None,
            dropped=self.answer.dropped,
            note=str(error)[:MOST_NOTE] if isinstance(error, UpstreamError) else "",
        )
        self._trail.add(Tried(attempt))
        if end is not None:
            self._means.health.time(attempt)

    def _usage(self, end: Finished | None) -> tuple[Usage | None, bool]:
        """Return what was used, and whether that is our estimate."""
        if end is not None and end.usage is not None:
            return end.usage, False
        if self._first_content is None:
            return None, False
        output = Tokens(int(self._chars / CHARS_PER_TOKEN) + 1)
        return Usage(input=self._leave.input_tokens, output=output), True

    def _bite(self) -> None:
        self.answer.close(UpstreamSilent("the target said nothing for too long"))


def _lesson(error: BaseException | None) -> Lesson:
    """Return what an ending teaches about the target: only what the target itself did."""
    if not isinstance(error, UpstreamError) or not error.another:
        return Lesson.NOTHING
    return Lesson.NOTHING if isinstance(error, ContextTooLong) else Lesson.FAILED


def _code(end: Finished | None, error: BaseException | None) -> str:
    if end is not None:
        return ""
    return error.code if isinstance(error, SwitchgearError) else "client_left"

"""One try at one target: from leave to send it, to the lesson of how it ended."""

import msgspec

from switchgear.config.setup import Patience, Retrying
from switchgear.domain.attempt import Attempt, Role
from switchgear.domain.errors import (
    HedgeLost,
    OutOfTime,
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
from switchgear.domain.fact import Charged, Tried
from switchgear.domain.piece import Piece
from switchgear.domain.target import Target
from switchgear.domain.units import NanoUsd, Seconds, Tokens
from switchgear.engine.billing import may_be_billed, usage_seen
from switchgear.engine.cost import cost_of
from switchgear.engine.fault import Lesson, lesson_of
from switchgear.pipeline.allowance import Allowances
from switchgear.pipeline.entrance import Entrance
from switchgear.pipeline.estimates import Estimates
from switchgear.pipeline.flaw import Flaws
from switchgear.pipeline.halt import Halts
from switchgear.pipeline.health import Health
from switchgear.pipeline.held import MOST_BYTES, Held
from switchgear.pipeline.hold import Holds
from switchgear.pipeline.learning.brain import Brain
from switchgear.pipeline.leave import Gate, Leave
from switchgear.pipeline.overhead import Overhead
from switchgear.pipeline.quota import Quotas
from switchgear.pipeline.watchdog import Watch, Watchdog
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Trail
from switchgear.ports.opinion import NoOpinions, Opinions
from switchgear.ports.upstream import Answer, Order, Upstream

MAX_HELD = 256
"""Pieces held back while waiting for content; providers send one or two."""
HURRIED = 0.9
"""Of the usual patience: who has less than that left is short of time, not the target of words."""
MOST_NOTE = 200
"""Characters of a target's complaint that the ledger keeps."""


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What every attempt works with."""

    upstream: Upstream
    health: Health
    holds: Holds
    allowances: Allowances
    flaws: Flaws
    quotas: Quotas
    halts: Halts
    patience: Patience
    retry: Retrying
    watchdog: Watchdog
    clock: Clock
    overhead: Overhead
    entrance: Entrance
    estimates: Estimates = msgspec.field(default_factory=Estimates)
    brain: Brain = msgspec.field(default_factory=Brain)
    opinions: Opinions = msgspec.field(default_factory=NoOpinions)


class Try:
    """One try. It owns its permit, its answer and its watch, and gives them back once."""

    __slots__ = (
        "_began",
        "_chars",
        "_ear",
        "_ended",
        "_finished",
        "_first_content",
        "_held",
        "_hurried",
        "_leave",
        "_means",
        "_opening",
        "_shut",
        "_stopped",
        "_stream",
        "_trail",
        "_waits",
        "_watch",
        "answer",
        "cost",
        "flaw",
        "spilled",
    )

    def __init__(self, leave: Leave, order: Order, means: Means, trail: Trail) -> None:
        """Take the permit, and all that was taken, over: it goes back at the end, or on closing."""
        self._leave = leave
        self._means = means
        self._trail = trail
        self._began = means.clock.now()
        self._first_content: Seconds | None = None
        self._held = Held()
        self._shut = leave.gate is Gate.WHOLE
        """What comes is held back."""
        self._chars = 0
        self._opening: Usage | None = None
        """What the target told of its input before it had said anything."""
        self._ear = means.flaws.ear(leave.target, leave.role, leave.route, order.body.conversation)
        self._stream = order.body.stream
        self._hurried = False
        """It has less time than a target is given; what it cannot do then teaches nothing."""
        self._waits = True
        """For the target; between two reads it is the caller that takes its time."""
        self._stopped: SwitchgearError | None = None
        """Why it was cut from outside: no piece goes on after that, also none that was held."""
        self._ended = False
        self._finished = False
        self.spilled = False
        """The answer outgrew what may be held back, and goes on as it comes."""
        self.cost = NanoUsd(0)
        self.flaw = ""
        """Why its answer is of no use, once that has ended; empty when it is."""
        self.answer: Answer = means.upstream.begin(order)
        leave.taken.cut = self.cut
        self._watch: Watch = means.watchdog.watch(self._span(), self._bite)

    @property
    def target(self) -> Target:
        """Who is tried."""
        return self._leave.target

    @property
    def role(self) -> Role:
        """Why."""
        return self._leave.role

    @property
    def whole(self) -> bool:
        """Whether the answer has come to its end, and nothing of it has gone on yet."""
        return self._finished and bool(self._held)

    @property
    def held(self) -> tuple[Piece, ...]:
        """What has come, and not gone on."""
        return tuple(self._held)

    def forget(self) -> None:
        """Let go of what is held: nobody is going to read it."""
        self._held.clear()

    @property
    def most_output(self) -> Tokens | None:
        """The output that we allowed it; None where we set no bound."""
        return self._leave.most_output

    @property
    def began(self) -> Seconds:
        """When it was begun, after the call's arrival."""
        return Seconds(self._began - self._leave.began)

    async def commit(self) -> None:
        """Return when the first content that may go on, or the end, has been seen.

        Raises:
            UpstreamError: it never came; everything is given back.
        """
        try:
            await self.answer.open()
            self._heed()
            while self._first_content is None or self._shut:
                self._hold_back(self._see(await self.answer.read()))
            self._waits = False
        except BaseException as error:
            self.close(error)
            raise

    async def read(self) -> Piece | None:
        """Return the next piece, or None after the last."""
        if self._stopped is not None:
            self.close(self._stopped)
            raise self._stopped
        if self._held:
            return self._held.popleft()
        if self._finished:
            return None
        means = self._means
        means.watchdog.put_off(self._watch, means.patience.between)
        self._waits = True
        try:
            piece = self._see(await self.answer.read())
            if not self._shut:
                self._waits = False
                return piece
            while self._shut:
                self._hold_back(piece)
                piece = self._see(await self.answer.read())
            self._waits = False
            self._held.add(piece)
            return self._held.popleft()
        except BaseException as error:
            self.close(error)
            raise

    def cut(self, error: SwitchgearError) -> None:
        """End it at once: whoever waits for it, or comes to read on, gets the error."""
        self._stopped = error
        self.answer.close(error)

    def close(self, error: BaseException | None = None) -> None:
        """Give everything back; what was not finished by now is ended, and taught as ``error``."""
        if self._ended:
            return
        self._ended = True
        self._held.clear()
        self._means.watchdog.release(self._watch)
        self.answer.close()
        self._heed()
        leave = self._leave
        self._means.health.give_back(leave.target.id, leave.permit, lesson_of(error), error)
        self._tell(None, error)
        leave.taken.close()

    def _heed(self) -> None:
        """Tell whoever wants to know what the target says of its limits, once."""
        taken = self._leave.taken
        hear, taken.hear = taken.hear, None
        quota = self.answer.quota if hear is not None else None
        if hear is not None and quota is not None:
            hear(quota)

    def _span(self) -> Seconds:
        """Return how long the target may be silent until its first content."""
        patience = self._means.patience
        usual = patience.first if self._stream else patience.whole
        left = self._leave.until - self._means.clock.now()
        self._hurried = left < usual * HURRIED
        return Seconds(max(0.0, min(usual, left)))

    def _hold_back(self, piece: Piece) -> None:
        held, content = self._held, self._first_content is not None
        held.add(piece)
        if not content and len(held) > MAX_HELD:
            raise UpstreamGarbled(f"no content in {MAX_HELD} pieces")
        if held.bytes > MOST_BYTES:
            self._shut, self.spilled = False, True
        if self._stream:
            span = self._means.patience.between if content else self._span()
            self._means.watchdog.put_off(self._watch, span)

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
                if self._ear.listens:
                    self._ear.hear_words(event)
            case ToolDelta():
                self._chars += len(event.json)
                self._ear.hear_tool(event)
            case ToolStarted():
                self._ear.hear_tool(event)
                self._means.holds.keep(self._leave.key, event.id, self._leave.target.id)
                self._shut = self._shut or (
                    self._leave.gate is Gate.TOOLS and self._stream and not self.spilled
                )
            case Opened():
                self._opening = event.usage
                return
        if self._first_content is None:
            self._first_content = Seconds(self._means.clock.now() - self._began)
            if self._stream:
                leave = self._leave
                self._means.health.hear(leave.target.id, leave.permit, self._first_content)

    def _finish(self, end: Finished) -> None:
        self._finished = self._ended = True
        self._shut = False
        self._means.watchdog.release(self._watch)
        self.answer.close()
        self._tell(end, None)
        self._means.health.give_back(self._leave.target.id, self._leave.permit, Lesson.WELL)
        self._leave.taken.close()

    def _tell(self, end: Finished | None, error: BaseException | None) -> None:
        """Write the attempt on the trail, and learn its timing if it went well."""
        usage, estimated = self._usage(end, error)
        target = self._leave.target
        flat = self._leave.flat
        if flat is not None:
            billed = may_be_billed(self.answer.sent, self.answer.status, error, content=True)
            self.cost = flat if billed else NanoUsd(0)
            estimated = self.cost > 0
        elif usage is not None:
            self.cost = cost_of(usage, target.price)
        self.flaw = self._ear.verdict(end)
        attempt = Attempt(
            target=target.id,
            role=self._leave.role,
            model=target.model,
            code=_code(end, error),
            status=self.answer.status,
            sent=self.answer.sent,
            began=self.began,
            first_content=self._first_content,
            took=Seconds(self._means.clock.now() - self._began),
            usage=usage,
            expected_input=self._leave.input_tokens,
            estimated=estimated,
            cost=self.cost,
            stop=end.stop if end else None,
            dropped=self.answer.dropped,
            note=str(error)[:MOST_NOTE] if isinstance(error, UpstreamError) else "",
            broken=self.answer.broken,
            flaw=self.flaw,
        )
        self._trail.add(Tried(attempt))
        if end is not None and usage is not None and not estimated and self._leave.shape:
            self._means.estimates.learn(self._leave.shape, target.model, usage.input)
        settle = self._leave.taken.settle
        charge = settle(attempt) if settle is not None else None
        if charge is not None:
            self._trail.add(Charged(charge))
        if isinstance(error, HedgeLost):
            # It would have taken longer still: unlearnt, a slow target looks fast.
            attempt = msgspec.structs.replace(attempt, first_content=attempt.took)
        if self._leave.measured and (end is not None or isinstance(error, HedgeLost)):
            self._means.health.time(attempt, self._leave.permit, stream=self._stream)

    def _usage(
        self, end: Finished | None, error: BaseException | None
    ) -> tuple[Usage | None, bool]:
        """Return what was used, and whether that is our estimate."""
        if end is not None and end.usage is not None:
            return end.usage, False
        answer, leave = self.answer, self._leave
        content = self._first_content is not None
        if not may_be_billed(answer.sent, answer.status, error, content=content):
            return None, False
        if not leave.measured:
            return None, False
        opening = self._opening or Usage(input=leave.input_tokens, service=leave.service)
        return usage_seen(opening, self._chars, leave.most_output), True

    def _bite(self) -> None:
        if not self._waits:  # it is the caller who is slow: the target may have spoken long since
            self._watch = self._means.watchdog.watch(self._means.patience.between, self._bite)
        elif self._first_content is None and self._hurried:
            self.answer.close(OutOfTime())
        else:
            self.answer.close(UpstreamSilent("the target said nothing for too long"))


def _code(end: Finished | None, error: BaseException | None) -> str:
    if end is not None:
        return ""
    return error.code if isinstance(error, SwitchgearError) else "client_left"

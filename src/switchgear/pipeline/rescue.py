"""Go on with an answer that broke off after the caller had some of it."""

from collections.abc import Callable, Iterable
from io import StringIO

import msgspec

from switchgear.domain.denial import Stopped
from switchgear.domain.edit import Append, CapOutput, Edit, Prefill
from switchgear.domain.errors import SwitchgearError, UpstreamError, UpstreamGarbled
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    RefusalDelta,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
)
from switchgear.domain.piece import Piece, Place
from switchgear.domain.target import Capability, Target
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.domain.units import Tokens
from switchgear.engine.features import CHARS_PER_TOKEN
from switchgear.engine.splice import Splice
from switchgear.pipeline.attempt import Try
from switchgear.pipeline.journey import Journey

MOST_CHARS = 1_000_000
"""Of an answer that can be gone on with; a longer one is not kept."""

WORDS, UNSPOKEN = (TextDelta, ThinkingDelta), (ToolStarted, RefusalDelta)
PROMPT = (
    "Your answer above was cut off by a technical fault. Go on with it exactly where it stops, from"
    " the next character on. Repeat nothing, and say nothing about the interruption."
)
"""Asks a target that takes no prefill."""


class Delivered:
    """What the caller has of an answer: its words, as long as it is nothing but words."""

    __slots__ = ("_kind", "_opened", "_runs", "_size", "_write", "resumable")

    def __init__(self) -> None:
        """Start with nothing delivered."""
        self._opened: tuple[Opened, ...] = ()
        self._runs: list[tuple[type[TextDelta | ThinkingDelta], StringIO]] = []
        """One for each run of one kind."""
        self._kind: type[Event] | None = None
        """Of the last run."""
        self._write: Callable[[str], object]
        self._size = 0
        self.resumable = True
        """Somebody else can go on with it: it holds no tool call and no refusal."""

    def note(self, events: Iterable[Event]) -> None:
        """Take note of what goes out to the caller."""
        for event in events:
            if isinstance(event, WORDS):
                if type(event) is not self._kind:
                    self._begin(type(event))
                self._write(event.text)
                self._size += len(event.text)
            elif isinstance(event, Opened):
                self._opened = (event,)
            elif isinstance(event, UNSPOKEN):
                self.resumable = False
        if self._size > MOST_CHARS:
            self.resumable = False

    def _begin(self, kind: type[TextDelta | ThinkingDelta]) -> None:
        run = StringIO()
        self._runs.append((kind, run))
        self._kind, self._write = kind, run.write

    def text(self) -> str:
        """Return the words of the answer, without the thinking."""
        return "".join([run.getvalue() for kind, run in self._runs if kind is TextDelta])

    def events(self) -> tuple[Event, ...]:
        """Return all of it, as few events."""
        return (*self._opened, *[kind(run.getvalue()) for kind, run in self._runs])


class Rescue:
    """Reads an answer; where it breaks off, from whoever goes on with it."""

    __slots__ = (
        "_before",
        "_delivered",
        "_failure",
        "_journey",
        "_place",
        "_splice",
        "_talk",
        "_try",
    )

    def __init__(self, journey: Journey, attempt: Try, talk: Conversation) -> None:
        """Take over an attempt that has committed."""
        self._journey = journey
        self._try = attempt
        self._talk = talk
        self._delivered = Delivered()
        self._splice: Splice | None = None
        self._failure: UpstreamError | None = None
        """The first; a rescuer's own never hides it."""
        self._before: tuple[Event, ...] = ()
        self._place: Place | None = None
        """Where the first target's bytes end that the caller has."""

    async def read(self) -> Piece | None:
        """Return the next piece, or None after the last.

        Raises:
            UpstreamError: the answer broke off, and nobody could go on with it.
        """
        while True:
            try:
                piece = await self._try.read()
            except UpstreamError as error:
                await self._go_on(error)
                continue
            if piece is None:
                return None
            if self._splice is None:
                self._place = self._try.answer.place
            else:
                joined = self._joined(piece, self._splice)
                if self._splice.strayed:
                    await self._give_up()
                    continue
                if joined is None:
                    continue
                piece = joined
            if self._delivered.resumable:
                self._delivered.note(piece.seen)
            return piece

    def close(self) -> None:
        """Close the attempt that is read."""
        self._try.close()

    async def _give_up(self) -> None:
        """Let somebody else go on: this one began anew, and its words would be said twice."""
        error = UpstreamGarbled("it began its answer anew instead of going on")
        self._try.close(error)
        await self._go_on(error)

    async def _go_on(self, error: UpstreamError) -> None:
        """Read from another attempt from now on.

        Raises:
            UpstreamError: nobody can; it is the first failure, whatever the others said.
        """
        broken, self._failure = self._try, self._failure or error
        hopeless = not (error.another and self._delivered.resumable)
        if hopeless or broken.spilled or broken.answer.foreign:
            raise self._failure
        text = self._delivered.text()
        try:
            self._try = await self._journey.resumed(
                broken.target, lambda target: edits(target, self._talk, text)
            )
        except Stopped:
            raise
        except SwitchgearError:
            raise self._failure from None
        if self._splice is None:
            self._before = self._delivered.events()
        self._splice = Splice(text)

    def _joined(self, piece: Piece, splice: Splice) -> Piece | None:
        """Return what of a rescuer's piece is new to the caller; None if nothing is.

        The caller has the beginning, and thinking that another model signed, from the first target.
        """
        found: list[Event] = []
        for event in piece.seen:
            match event:
                case TextDelta():
                    found += _words(splice.feed(event.text))
                case ToolStarted() | RefusalDelta():
                    found += [*_words(splice.end()), event]
                case Finished():
                    found += [*_words(splice.end()), self._counted(event)]
                case ToolDelta():
                    found.append(event)
                case Opened() | ThinkingDelta() | ThinkingSigned():
                    pass
        if not found:
            return None
        before, self._before = self._before, ()
        return Piece(None, tuple(found), before, self._place)

    def _counted(self, end: Finished) -> Finished:
        """Return the end with a usage that counts what the first target had written."""
        if end.usage is None:
            return end
        written = _tokens(self._delivered.text())
        usage = msgspec.structs.replace(end.usage, output=Tokens(end.usage.output + written))
        return msgspec.structs.replace(end, usage=usage)


def edits(target: Target, talk: Conversation, text: str) -> tuple[Edit, ...]:
    """Return what makes a target go on from ``text``, which the caller has."""
    capped = talk.max_output is not None
    given: tuple[Edit, ...] = ()
    if capped:
        given = (CapOutput(max(1, (talk.max_output or 0) - _tokens(text))),)
    if not text.strip():
        return given
    thinks = bool(talk.effort or talk.thinking_budget)
    if Capability.PREFILL in target.capabilities and not thinks:
        return (*given, Prefill(text.rstrip()))
    so_far = Turn(Role.ASSISTANT, (Text(text.rstrip()),))
    return (*given, Append((so_far, Turn(Role.USER, (Text(PROMPT),)))))


def _tokens(text: str) -> int:
    return int(len(text) / CHARS_PER_TOKEN)


def _words(text: str) -> tuple[TextDelta, ...]:
    return (TextDelta(text),) if text else ()

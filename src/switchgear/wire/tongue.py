"""What every dialect can do: one module each, with the same names, listed in ``registry``."""

from collections.abc import Sequence
from typing import Protocol

from switchgear.domain.body import Body
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Edit
from switchgear.domain.errors import SwitchgearError, UpstreamError
from switchgear.domain.event import Event
from switchgear.domain.piece import Piece, Place
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Seconds, Tokens


class Tap(Protocol):
    """Reads a target's stream as it passes: bytes in, the same bytes out with their events."""

    broken: int
    """Frames that could not be read, and were left out."""
    unread: bool
    """A frame was too long to be read: its bytes have passed, and what they say is not known."""

    @property
    def foreign(self) -> bool:
        """Whether there was content that our events do not know: nobody can go on from them."""
        ...

    @property
    def place(self) -> Place | None:
        """Where the bytes end that were returned; None where the events tell it all."""
        ...

    def feed(self, chunk: bytes) -> list[Piece]:
        """Return the pieces that this chunk completes, in order.

        The pieces' bytes, put together, are the stream's bytes, less frames that only answer an
        edit of ours. The terminal frame is a piece of its own, and its last event is Finished.

        Raises:
            UpstreamError: the target sent an error in its stream, or what its format forbids.
        """
        ...

    def end(self) -> list[Piece]:
        """Return what is left when the connection has ended.

        Raises:
            UpstreamLost: the answer has no proper end.
        """
        ...


class StreamWriter(Protocol):
    """Writes events as the frames of a stream."""

    def write(self, events: Sequence[Event]) -> bytes:
        """Return the frames for these events; the terminal frame comes with Finished."""
        ...

    def go_on(self, before: Sequence[Event], place: Place | None) -> None:
        """Stand where a stream stands that says ``before``, before anything is written."""
        ...


class Counter(Protocol):
    """How a dialect's providers count the tokens of an input, where they do."""

    def write(self, conversation: Conversation, edits: Sequence[Edit]) -> bytes:
        """Return the request that asks for the count."""
        ...

    def write_answer(self, tokens: Tokens) -> bytes:
        """Return the answer that tells a count."""
        ...

    def read(self, raw: bytes) -> Tokens:
        """Return the count.

        Raises:
            UpstreamGarbled: it is no such answer.
        """
        ...


class Tongue(Protocol):
    """One dialect."""

    dialect: Dialect
    stream_type: bytes
    """The content type of its streams, without parameters."""

    @property
    def counter(self) -> Counter | None:
        """What counts tokens; None where its providers count nothing before they answer."""
        ...

    def parse(self, raw: bytes) -> Body:
        """Read a caller's request.

        Raises:
            MalformedBody: it is not what this dialect allows; the message says where.
        """
        ...

    def rewrite(self, body: Body, edits: Sequence[Edit]) -> bytes:
        """Return a request of this dialect with the edits made and all else byte for byte."""
        ...

    def write(
        self, conversation: Conversation, edits: Sequence[Edit]
    ) -> tuple[bytes, tuple[str, ...]]:
        """Return a request in this dialect, and the names of what it could not carry."""
        ...

    def tap(self, edits: Sequence[Edit]) -> Tap:
        """Return a reader for the stream that answers a request with these edits."""
        ...

    def read_whole(self, raw: bytes) -> tuple[Event, ...]:
        """Return the events of a whole answer; the last is Finished.

        Raises:
            UpstreamError: it is no answer of this dialect.
        """
        ...

    def read_error(self, status: int, raw: bytes, retry_after: Seconds | None) -> UpstreamError:
        """Return what an answer with an error status means."""
        ...

    def stream_writer(self, decision: str, conversation: Conversation) -> StreamWriter:
        """Return a writer of a stream in this dialect, for the caller of ``conversation``."""
        ...

    def write_whole(
        self, decision: str, events: Sequence[Event], conversation: Conversation | None = None
    ) -> bytes:
        """Return a whole answer in this dialect, to what was asked in ``conversation``."""
        ...

    def write_error(self, error: SwitchgearError, decision: str) -> bytes:
        """Return an error body in this dialect's shape."""
        ...

    def write_stream_error(
        self, error: SwitchgearError, decision: str, after: bytes = b""
    ) -> bytes:
        """Return the frame that tells of an error in the middle of a stream.

        Shapes: ``after`` is what was written last, for a dialect that numbers its frames.
        """
        ...

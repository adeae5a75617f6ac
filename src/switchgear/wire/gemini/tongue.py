"""The dialect ``gemini``, as ``wire.tongue`` wants it."""

from collections.abc import Sequence

from switchgear.domain.body import Body
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Edit
from switchgear.domain.errors import SwitchgearError, UpstreamError
from switchgear.domain.event import Event
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Seconds
from switchgear.wire.gemini import answer, draft, failure
from switchgear.wire.gemini.body import GeminiBody, parse, rewrite
from switchgear.wire.gemini.count import GeminiCounter
from switchgear.wire.gemini.stream import GeminiWriter
from switchgear.wire.gemini.tap import GeminiTap


class Gemini:
    """The tongue of ``generateContent`` and ``streamGenerateContent?alt=sse``."""

    dialect = Dialect.GEMINI
    stream_type = b"text/event-stream"
    counter = GeminiCounter()

    def parse(self, raw: bytes) -> GeminiBody:
        """Read a caller's request; MalformedBody says where it is wrong."""
        return parse(raw)

    def rewrite(self, body: Body, edits: Sequence[Edit]) -> bytes:
        """Return a request of this dialect with the edits made and all else byte for byte."""
        return rewrite(body if isinstance(body, GeminiBody) else parse(body.raw), edits)

    def write(
        self, conversation: Conversation, edits: Sequence[Edit]
    ) -> tuple[bytes, tuple[str, ...]]:
        """Return a request in this dialect, and the names of what it could not carry."""
        return draft.write(conversation, edits)

    def tap(self, edits: Sequence[Edit]) -> GeminiTap:
        """Return a reader for a stream; no edit changes what is to be read."""
        del edits
        return GeminiTap()

    def read_whole(self, raw: bytes) -> tuple[Event, ...]:
        """Return the events of a whole answer; UpstreamError when it is none."""
        return answer.read_whole(raw)

    def read_error(self, status: int, raw: bytes, retry_after: Seconds | None) -> UpstreamError:
        """Return what an answer with an error status means."""
        return failure.read_error(status, raw, retry_after)

    def stream_writer(self, decision: str, conversation: Conversation) -> GeminiWriter:
        """Return a writer of a stream in this dialect, for the caller of ``conversation``."""
        return GeminiWriter(decision, conversation.model)

    def write_whole(
        self, decision: str, events: Sequence[Event], conversation: Conversation | None = None
    ) -> bytes:
        """Return a whole answer; what was asked changes nothing of it."""
        del conversation
        return answer.write_whole(decision, events)

    def write_error(self, error: SwitchgearError, decision: str) -> bytes:
        """Return an error body."""
        return failure.write_error(error, decision)

    def write_stream_error(
        self, error: SwitchgearError, decision: str, after: bytes = b""
    ) -> bytes:
        """Return the frame that tells of an error in the middle of a stream."""
        del after
        return failure.write_stream_error(error, decision)

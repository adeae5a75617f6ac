"""Anthropic's Messages API, version 2023-06-01."""

from collections.abc import Sequence

from switchgear.domain.body import Body
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Edit
from switchgear.domain.errors import SwitchgearError, UpstreamError
from switchgear.domain.event import Event
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Seconds
from switchgear.wire.anthropic_messages import answer, draft, failure, stream
from switchgear.wire.anthropic_messages.body import MessagesBody, parse, rewrite
from switchgear.wire.anthropic_messages.count import MessagesCounter
from switchgear.wire.anthropic_messages.stream import MessagesWriter
from switchgear.wire.anthropic_messages.tap import MessagesTap

__all__ = ["TONGUE", "AnthropicMessages", "MessagesBody"]


class AnthropicMessages:
    """The dialect, as ``wire.tongue`` wants it."""

    dialect = Dialect.ANTHROPIC_MESSAGES
    stream_type = b"text/event-stream"
    counter = MessagesCounter()

    def parse(self, raw: bytes) -> MessagesBody:
        """Read a caller's request; ``max_tokens`` is asked for by ``require_limit`` alone.

        Raises:
            MalformedBody: it is not what this dialect allows; the message says where.
        """
        return parse(raw)

    def rewrite(self, body: Body, edits: Sequence[Edit]) -> bytes:
        """Return a request of this dialect with the edits made and all else byte for byte."""
        known = body if isinstance(body, MessagesBody) else parse(body.raw)
        return rewrite(known, edits)

    def write(
        self, conversation: Conversation, edits: Sequence[Edit]
    ) -> tuple[bytes, tuple[str, ...]]:
        """Return a request in this dialect, and the names of what it could not carry."""
        return draft.write(conversation, edits)

    def tap(self, edits: Sequence[Edit]) -> MessagesTap:
        """Return a reader for a stream; no edit changes what is to be read."""
        del edits
        return MessagesTap()

    def read_whole(self, raw: bytes) -> tuple[Event, ...]:
        """Return the events of a whole answer; the last is Finished.

        Raises:
            UpstreamError: it is no answer of this dialect.
        """
        return answer.read_whole(raw)

    def read_error(self, status: int, raw: bytes, retry_after: Seconds | None) -> UpstreamError:
        """Return what an answer with an error status means."""
        return failure.read_error(status, raw, retry_after)

    def stream_writer(self, decision: str, conversation: Conversation) -> MessagesWriter:
        """Return a writer of a stream in this dialect, for the caller of ``conversation``."""
        return stream.stream_writer(decision, conversation)

    def write_whole(
        self, decision: str, events: Sequence[Event], conversation: Conversation | None = None
    ) -> bytes:
        """Return a whole answer in this dialect."""
        del conversation
        return answer.write_whole(decision, events)

    def write_error(self, error: SwitchgearError, decision: str) -> bytes:
        """Return an error body in this dialect's shape."""
        return failure.write_error(error, decision)

    def write_stream_error(
        self, error: SwitchgearError, decision: str, after: bytes = b""
    ) -> bytes:
        """Return the frame that tells of an error in the middle of a stream."""
        del after
        return failure.write_stream_error(error, decision)


TONGUE = AnthropicMessages()

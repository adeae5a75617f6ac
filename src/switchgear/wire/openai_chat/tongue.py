"""OpenAI's chat completions, as a tongue."""

from collections.abc import Sequence

from switchgear.domain.body import Body
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Edit
from switchgear.domain.errors import SwitchgearError, UpstreamError
from switchgear.domain.event import Event
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Seconds
from switchgear.wire import freeform
from switchgear.wire.openai_chat import body as request_body
from switchgear.wire.openai_chat import compose, failure, rewrite, tap, whole, writer


class OpenAIChat:
    """The tongue of OpenAI's chat completions and of the many servers that copy them."""

    dialect = Dialect.OPENAI_CHAT
    stream_type = b"text/event-stream"
    counter = None

    def parse(self, raw: bytes) -> Body:
        """Read a caller's request; MalformedBody says where it is wrong."""
        return request_body.parse(raw)

    def rewrite(self, body: Body, edits: Sequence[Edit]) -> bytes:
        """Return the request with the edits made and all other values byte for byte."""
        return rewrite.rewrite(body, edits)

    def write(
        self, conversation: Conversation, edits: Sequence[Edit]
    ) -> tuple[bytes, tuple[str, ...]]:
        """Return a request, and the names of what it could not carry."""
        return compose.write(conversation, edits)

    def tap(self, edits: Sequence[Edit]) -> tap.ChatTap:
        """Return a reader for the stream that answers a request with these edits."""
        return tap.ChatTap(edits)

    def read_whole(self, raw: bytes) -> tuple[Event, ...]:
        """Return the events of a whole answer; UpstreamError when it is none."""
        return whole.read_whole(raw)

    def read_error(self, status: int, raw: bytes, retry_after: Seconds | None) -> UpstreamError:
        """Return what an answer with an error status means."""
        return failure.read_error(status, raw, retry_after)

    def stream_writer(self, decision: str, conversation: Conversation) -> writer.ChatWriter:
        """Return a writer of a stream for the caller of ``conversation``."""
        texts = freeform.names(conversation)
        return writer.ChatWriter(decision, wants_usage=conversation.wants_usage, texts=texts)

    def write_whole(
        self, decision: str, events: Sequence[Event], conversation: Conversation | None = None
    ) -> bytes:
        """Return a whole answer."""
        return whole.write_whole(decision, events, freeform.names(conversation))

    def write_error(self, error: SwitchgearError, decision: str) -> bytes:
        """Return an error body."""
        return failure.write_error(error, decision)

    def write_stream_error(
        self, error: SwitchgearError, decision: str, after: bytes = b""
    ) -> bytes:
        """Return the frame that tells of an error in the middle of a stream."""
        del after
        return failure.write_stream_error(error, decision)

"""Amazon Bedrock's Converse API, version 2023-09-30."""

from collections.abc import Sequence

from switchgear.domain.body import Body
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Edit, UseModel
from switchgear.domain.errors import SwitchgearError, UpstreamError
from switchgear.domain.event import Event
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Seconds
from switchgear.wire.bedrock_converse import answer, draft, failure
from switchgear.wire.bedrock_converse.body import ConverseBody, parse, rewrite
from switchgear.wire.bedrock_converse.count import ConverseCounter
from switchgear.wire.bedrock_converse.stream import ConverseWriter
from switchgear.wire.bedrock_converse.tap import ConverseTap
from switchgear.wire.eventstream import CONTENT_TYPE

__all__ = ["TONGUE", "BedrockConverse", "ConverseBody"]


class BedrockConverse:
    """The dialect, as ``wire.tongue`` wants it; the model is in the path, never in a body."""

    dialect = Dialect.BEDROCK_CONVERSE
    stream_type = CONTENT_TYPE
    counter = ConverseCounter()

    def parse(self, raw: bytes) -> ConverseBody:
        """Read a caller's request.

        Raises:
            MalformedBody: it is not what this dialect allows; the message says where.
        """
        return parse(raw)

    def rewrite(self, body: Body, edits: Sequence[Edit]) -> bytes:
        """Return a request of this dialect with the edits made and all else byte for byte."""
        known = body if isinstance(body, ConverseBody) else parse(body.raw)
        return rewrite(known, edits)

    def write(
        self, conversation: Conversation, edits: Sequence[Edit]
    ) -> tuple[bytes, tuple[str, ...]]:
        """Return a request in this dialect, and the names of what it could not carry."""
        return draft.write(conversation, edits)

    def tap(self, edits: Sequence[Edit]) -> ConverseTap:
        """Return a reader for a stream, which says the model that the edits ask for."""
        models = [edit.model for edit in edits if isinstance(edit, UseModel)]
        return ConverseTap(models[-1] if models else "")

    def read_whole(self, raw: bytes) -> tuple[Event, ...]:
        """Return the events of a whole answer; the last is Finished.

        Raises:
            UpstreamGarbled: it is no answer of this dialect.
        """
        return answer.read_whole(raw)

    def read_error(self, status: int, raw: bytes, retry_after: Seconds | None) -> UpstreamError:
        """Return what an answer with an error status means."""
        return failure.read_error(status, raw, retry_after)

    def stream_writer(self, decision: str, conversation: Conversation) -> ConverseWriter:
        """Return a writer of a stream in this dialect, which names neither call nor model."""
        del decision, conversation
        return ConverseWriter()

    def write_whole(
        self, decision: str, events: Sequence[Event], conversation: Conversation | None = None
    ) -> bytes:
        """Return a whole answer in this dialect."""
        del decision, conversation
        return answer.write_whole(events)

    def write_error(self, error: SwitchgearError, decision: str) -> bytes:
        """Return an error body in this dialect's shape."""
        return failure.write_error(error, decision)

    def write_stream_error(
        self, error: SwitchgearError, decision: str, after: bytes = b""
    ) -> bytes:
        """Return the message that tells of an error in the middle of a stream."""
        del after
        return failure.write_stream_error(error, decision)


TONGUE = BedrockConverse()

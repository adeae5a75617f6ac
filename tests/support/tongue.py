"""A tongue small enough to see through: frames of words, and JSON for whole answers."""

from collections.abc import Sequence

import msgspec
from typing_extensions import override

from switchgear.domain.body import Body
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Edit, UseModel
from switchgear.domain.errors import (
    SwitchgearError,
    UpstreamBusy,
    UpstreamError,
    UpstreamFailed,
    UpstreamGarbled,
    UpstreamLost,
)
from switchgear.domain.event import Event, Finished, Opened, Stop, TextDelta
from switchgear.domain.piece import Piece
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Seconds
from switchgear.wire.tongue import StreamWriter, Tongue

END = b"data: [DONE]\n\n"


class PlainTap:
    """Takes a word from each frame."""

    broken = 0
    unread = False
    foreign = False
    place = None

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[Piece]:
        *frames, self._rest = (self._rest + chunk).split(b"\n\n")
        return [_piece(frame + b"\n\n") for frame in frames]

    def end(self) -> list[Piece]:
        raise UpstreamLost("no terminal frame")


def _piece(frame: bytes) -> Piece:
    if frame == END:
        return Piece(frame, (Finished(stop=Stop.END),))
    if not frame.startswith(b"data: "):
        raise UpstreamGarbled("no frame")
    return Piece(frame, (TextDelta(frame[6:-2].decode()),))


class PlainTongue(Tongue):
    """Reads and writes the least that a tongue must."""

    stream_type = b"text/event-stream"
    counter = None

    def __init__(self, dialect: Dialect = Dialect.OPENAI_CHAT) -> None:
        self.dialect = dialect

    @override
    def parse(self, raw: bytes) -> Body:
        raise NotImplementedError

    @override
    def rewrite(self, body: Body, edits: Sequence[Edit]) -> bytes:
        return body.raw

    @override
    def write(
        self, conversation: Conversation, edits: Sequence[Edit]
    ) -> tuple[bytes, tuple[str, ...]]:
        models = [edit.model for edit in edits if isinstance(edit, UseModel)]
        return msgspec.json.encode({"model": models[0]}), ("seed",)

    @override
    def tap(self, edits: Sequence[Edit]) -> PlainTap:
        return PlainTap()

    @override
    def read_whole(self, raw: bytes) -> tuple[Event, ...]:
        try:
            text = msgspec.json.decode(raw)["text"]
        except (msgspec.MsgspecError, KeyError, TypeError):
            raise UpstreamGarbled("not JSON") from None
        return (Opened(id="1", model="m"), TextDelta(text), Finished(stop=Stop.END))

    @override
    def read_error(self, status: int, raw: bytes, retry_after: Seconds | None) -> UpstreamError:
        error = UpstreamBusy(str(raw)) if status == 429 else UpstreamFailed(f"{status} {raw!r}")
        error.retry_after = retry_after
        return error

    @override
    def stream_writer(self, decision: str, conversation: Conversation) -> StreamWriter:
        raise NotImplementedError

    @override
    def write_whole(
        self, decision: str, events: Sequence[Event], conversation: Conversation | None = None
    ) -> bytes:
        raise NotImplementedError

    @override
    def write_error(self, error: SwitchgearError, decision: str) -> bytes:
        raise NotImplementedError

    @override
    def write_stream_error(
        self, error: SwitchgearError, decision: str, after: bytes = b""
    ) -> bytes:
        raise NotImplementedError

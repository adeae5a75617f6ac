"""The writing of a reply: the target's own bytes where it speaks the caller's dialect."""

from switchgear.domain.call import Call
from switchgear.domain.errors import UpstreamLost
from switchgear.domain.event import Event
from switchgear.ports.handler import Reply
from switchgear.surfaces.http.asgi import Headers
from switchgear.surfaces.http.heading import headers, of_reply
from switchgear.surfaces.http.request import Request

STREAM_HEADERS: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]
JSON_HEADERS: Headers = [(b"content-type", b"application/json")]


async def write_stream(request: Request, call: Call, reply: Reply, extra: Headers) -> None:
    """Write a reply piece by piece; its last piece and the end of the answer go out together.

    Raises:
        UpstreamError: the target broke off; nothing was written if it did so at once.
    """
    response, head = request.response, reply.head
    name = head.replayed or call.id
    same = head.stream and head.dialect is request.dialect
    writer = None if same else request.tongue.stream_writer(name, call.body.conversation)
    async for piece in reply.pieces:
        frames = piece.raw if writer is None else writer.write(piece.seen)
        if frames is None:
            writer = request.tongue.stream_writer(name, call.body.conversation)
            writer.go_on(piece.before, piece.place)
            frames = writer.write(piece.seen)
        last = piece.finish is not None
        if not (frames or last):
            continue
        if not response.begun:
            marks = of_reply(call.id, request.task, head, whole=False)
            await response.begin(200, [*STREAM_HEADERS, *headers(marks), *extra])
        await response.write(frames, last=last)
        if last:
            return
    raise UpstreamLost


async def write_whole(request: Request, call: Call, reply: Reply, extra: Headers) -> None:
    """Write a reply as one body.

    Raises:
        UpstreamError: the target broke off; nothing was written.
    """
    raw, events = await read_whole(reply)
    head = reply.head
    if raw is None or head.stream or head.dialect is not request.dialect:
        raw = request.tongue.write_whole(head.replayed or call.id, events, call.body.conversation)
    marks = of_reply(call.id, request.task, head, whole=True)
    await request.response.whole(200, [*JSON_HEADERS, *headers(marks), *extra], raw)


async def read_whole(reply: Reply) -> tuple[bytes | None, list[Event]]:
    """Return all of a reply: its events and, unless several targets gave it, its bytes.

    Raises:
        UpstreamError: the target broke off.
    """
    raws: list[bytes] = []
    events: list[Event] = []
    one = True
    async for piece in reply.pieces:
        if piece.raw is None:
            one = False
        else:
            raws.append(piece.raw)
        events += piece.seen
        if piece.finish is not None:
            return b"".join(raws) if one else None, events
    raise UpstreamLost

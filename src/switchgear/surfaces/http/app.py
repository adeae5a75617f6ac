"""The gateway as a plain ASGI app: any server or in-process client can run it."""

import logging
import traceback
from collections.abc import Callable

from switchgear.domain.errors import Broken, SwitchgearError, WrongMethod
from switchgear.surfaces.http.admission import admit
from switchgear.surfaces.http.asgi import Headers, Receive, Scope, Send
from switchgear.surfaces.http.gateway import Gateway
from switchgear.surfaces.http.heading import Marks
from switchgear.surfaces.http.intake import ClientLeft
from switchgear.surfaces.http.refusal import refusal
from switchgear.surfaces.http.request import Request, Tongues, spoken
from switchgear.surfaces.http.route import ROUTES, Routes

log = logging.getLogger("switchgear")


class App:
    """Answers every request, whatever happens, in the caller's dialect."""

    __slots__ = ("_current", "_routes", "_tongues")

    def __init__(self, current: Callable[[], Gateway], tongues: Tongues) -> None:
        """Take each request to what ``current`` returns at its beginning."""
        self._current = current
        self._tongues = tongues
        self._routes = Routes(ROUTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await _attend(scope, receive, send)
            return
        request = Request(scope, receive, send)
        request.enter(self._current(), self._tongues)
        try:
            request.join_doubled()
            route = self._routes.find(request)
            request.key = admit(request, route.needs)
            await route.endpoint(request)
        except ClientLeft:
            return
        except SwitchgearError as error:
            await _fail(request, error)
        except Exception as error:  # noqa: BLE001  (whatever happened, the caller gets an answer)
            _report(request, error)
            await _fail(request, Broken())

    def refuse(self, path: str, error: SwitchgearError) -> tuple[int, Headers, bytes]:
        """Return status, headers and body for a request that no endpoint saw."""
        marks = Marks(decision=self._current().new_id(), reason=error.code)
        status, headers, body = refusal(self._tongues[spoken(path, {})], error, marks)
        return status, [*headers, (b"content-length", b"%d" % len(body))], body


async def _fail(request: Request, error: SwitchgearError) -> None:
    """Tell of an error: by an answer of its own, or inside the stream that has begun."""
    response = request.response
    if response.ended:
        return
    if response.begun:
        frame = request.tongue.write_stream_error(error, request.id, response.sent)
        await response.write(b"\n\n" * response.torn + frame, last=True)
        return
    marks = Marks(decision=request.id, reason=error.code, task=request.task, own=request.age)
    status, headers, body = refusal(request.tongue, error, marks)
    if isinstance(error, WrongMethod):
        headers.append((b"allow", request.allowed))  # RFC 9110, 15.5.6
    await response.whole(status, headers, body)


def _report(request: Request, error: Exception) -> None:
    """Log where we broke; never what the error says, which may hold what the caller sent."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
    log.error("%s: %s at %s", request.id, type(error).__name__, places)


async def _attend(scope: Scope, receive: Receive, send: Send) -> None:
    """Agree to what servers ask beside requests; the app is opened and closed by its owner."""
    if scope["type"] != "lifespan":
        await receive()
        await send({"type": "websocket.close", "code": 1003})
        return
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return

"""The writing of an answer to one request."""

from switchgear.surfaces.http.asgi import Answer, Headers, Send

EVENT_ENDS = (b"\n\n", b"\n\r\n", b"\r\r")


class Response:
    """Sends an answer, whole or piece by piece, and knows how far it has come."""

    __slots__ = ("_answer", "_send", "begun", "ended", "sent", "torn")

    def __init__(self, send: Send, answer: Answer | None) -> None:
        """Begin with nothing sent; not every server has an ``answer`` to offer."""
        self._send = send
        self._answer = answer
        self.begun = False
        self.ended = False
        self.torn = False
        """What was sent last was not the end of an event."""
        self.sent = b""
        """What of the body was sent last."""

    async def whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Send all of an answer."""
        if self._answer is not None and self._answer(status, headers, body):
            self.begun = self.ended = True
            return
        headers.append((b"content-length", b"%d" % len(body)))
        await self.begin(status, headers)
        await self.write(body, last=True)

    async def begin(self, status: int, headers: Headers) -> None:
        """Send the head; a server holds it back until the first part of the body."""
        self.begun = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, body: bytes, *, last: bool) -> None:
        """Send a part of the body; the last part and the end of the answer go out together."""
        self.ended = last
        self.torn = not body.endswith(EVENT_ENDS)
        self.sent = body
        await self._send({"type": "http.response.body", "body": body, "more_body": not last})

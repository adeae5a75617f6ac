"""The shapes of ASGI, as far as they are used here."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

Headers = list[tuple[bytes, bytes]]
"""Names in lower case."""

GONE = "switchgear.gone"
"""Scope extension: takes a function to call at once when the client leaves before the answer's
end, and again at no other time."""

ARRIVED = "switchgear.arrived"
"""Scope extension: a function that hands over the body if it has arrived whole and nothing of it
was received, else nothing. It spares the common case the waiting."""

ANSWER = "switchgear.answer"
"""Scope extension: a function that sends a whole answer, given its status, headers without the
length, and body, and says whether it has. It does so in the common case only, and spares it the
messages."""

WIDEN = "switchgear.widen"
"""Scope extension: a function that lets a request's body have more bytes than most may, in all."""

OnGone = Callable[[], object]
"""What to do when the client has left."""

Answer = Callable[[int, Headers, bytes], bool]
"""Send a whole answer, or say that it must be sent by messages."""

"""Errors, worded in the caller's dialect."""

import math

from switchgear.domain.errors import BodyTooLarge, Draining, SwitchgearError, TooSlow, UnknownKey
from switchgear.surfaces.http.asgi import Headers
from switchgear.surfaces.http.heading import Marks, headers
from switchgear.wire.tongue import Tongue

MOST_WAIT = 300
"""Seconds that a caller may be told to wait."""
CLOSING = (BodyTooLarge, Draining, TooSlow)
"""After these the connection ends: the rest of the request is not read, or no next one is taken."""


def refusal(tongue: Tongue, error: SwitchgearError, marks: Marks) -> tuple[int, Headers, bytes]:
    """Return status, headers and body."""
    found = [(b"content-type", b"application/json"), *headers(marks)]
    found.append((b"x-should-retry", b"true" if error.worth_retrying else b"false"))
    if error.retry_after is not None:
        wait = min(MOST_WAIT, max(0, math.ceil(error.retry_after)))
        found.append((b"retry-after", b"%d" % wait))
    if isinstance(error, CLOSING):
        found.append((b"connection", b"close"))
    if isinstance(error, UnknownKey):
        found.append((b"www-authenticate", b"Bearer"))  # RFC 9110, 11.6.1
    return error.status, found, tongue.write_error(error, marks.decision)

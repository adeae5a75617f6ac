"""What an error status means in every dialect, before anybody's words are read.

| status | error | what follows |
|---|---|---|
| below 400 | UpstreamGarbled | no answer at all: the next target |
| 401, 402, 403, 404 | UpstreamDenied | the owner's to mend: no word of the target's is passed on |
| 408, 409, 425 | UpstreamFailed | it passes (a slow request, a lock, a replay): as a 5xx |
| 429 | UpstreamBusy | another target, or as long a wait as it asks for |
| 5xx | UpstreamFailed | once more, then the next target |
| any other 4xx | by its words | too long, filtered, or simply the caller's to mend |

The official SDKs send 408 and 409 again of their own accord, and RFC 8470 wants as much for 425.
"""

from switchgear.domain.errors import (
    UpstreamBusy,
    UpstreamDenied,
    UpstreamError,
    UpstreamFailed,
    UpstreamGarbled,
)
from switchgear.domain.units import Seconds

MAX_WAIT = Seconds(300.0)
"""The longest wait that a target can ask for."""
MAX_REASON = 300
"""Characters of a target's own words that are passed on."""

BAD_REQUEST, BUSY, SERVER_ERROR = 400, 429, 500
DENIED = frozenset((401, 402, 403, 404))
PASSING = frozenset((408, 409, 425))


def by_status(status: int) -> UpstreamError | None:
    """Return what a status means by itself; None where the words decide."""
    if status < BAD_REQUEST:
        return UpstreamGarbled(f"The target answered with status {status}, which is no answer.")
    if status >= SERVER_ERROR or status in PASSING:
        return UpstreamFailed(f"The target failed with status {status}.")
    if status in DENIED:
        return denied(status)
    return UpstreamBusy() if status == BUSY else None


def denied(status: int) -> UpstreamDenied:
    """Return the error for what is the owner's to mend, without a word of the target's."""
    return UpstreamDenied(f"The target refused our credential, quota or model ({status}).")


def noted(error: UpstreamError, status: int, wait: Seconds | None) -> UpstreamError:
    """Return the error with its status and, where waiting can help, with how long to wait."""
    error.provider_status = status
    if wait is not None and isinstance(error, UpstreamBusy | UpstreamFailed):
        error.retry_after = bounded(wait)
    return error


def bounded(wait: float) -> Seconds | None:
    """Return a wait between nothing and MAX_WAIT; None for what is no time."""
    return Seconds(min(max(wait, 0.0), MAX_WAIT)) if wait == wait else None  # noqa: PLR0124 - NaN


def reason(said: str) -> str:
    """Return a target's words as they may be passed on: short, on one line; empty if none."""
    words = "".join(letter for letter in " ".join(said.split()) if letter.isprintable()).strip()
    if len(words) > MAX_REASON:
        words = words[: MAX_REASON - 1] + "…"
    return words and f"The target says: {words}"

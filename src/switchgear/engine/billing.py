"""Whether an attempt may have cost something, and how much of it was seen."""

from switchgear.domain.attempt import Sent
from switchgear.domain.errors import (
    ContextTooLong,
    UpstreamBusy,
    UpstreamDenied,
    UpstreamFailed,
    UpstreamForgot,
    UpstreamRejected,
    UpstreamUnreachable,
)
from switchgear.domain.event import Usage
from switchgear.domain.units import Tokens
from switchgear.engine.features import CHARS_PER_TOKEN

REFUSED = (
    ContextTooLong,
    UpstreamBusy,
    UpstreamDenied,
    UpstreamFailed,
    UpstreamForgot,
    UpstreamRejected,
    UpstreamUnreachable,
)
"""What a target says when it has not done the work; nobody bills a call that ends so before its
first content."""
FREE = (Sent.NEVER, Sent.UNHEARD)
"""Nothing left, or it went to a connection that was dead."""
ERROR_STATUS = 400


def may_be_billed(sent: Sent, status: int, error: BaseException | None, *, content: bool) -> bool:
    """Whether the target may have billed an attempt that did not tell its usage.

    Where that is not known, it is taken as billed: a caller that leaves, a silence, a lost race.
    """
    if sent in FREE or status >= ERROR_STATUS:
        return False
    return content or not isinstance(error, REFUSED)


def usage_seen(opening: Usage, chars: int, most: int | None) -> Usage:
    """Return what was used as far as it was seen: ``chars`` of output, but not over ``most``.

    ``opening`` is what is known of the input: the target's own word, or our estimate.
    """
    output = int(chars / CHARS_PER_TOKEN) + 1 if chars else 0
    if most is not None:
        output = min(output, most)
    return Usage(
        input=opening.input,
        cached=opening.cached,
        cache_written=opening.cache_written,
        cache_written_1h=opening.cache_written_1h,
        output=Tokens(max(opening.output, output)),
        service=opening.service,
    )

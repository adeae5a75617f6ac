"""What is left of the caller's own limits, under the names that its SDK knows."""

from datetime import UTC, datetime, timedelta
from math import ceil

from switchgear.domain.dialect import Dialect
from switchgear.domain.fact import Admitted
from switchgear.domain.rate import Level
from switchgear.domain.units import Seconds, UnixMs
from switchgear.ports.handler import Trail
from switchgear.surfaces.http.asgi import Headers

LONGEST = Seconds(86_400.0 * 366)
"""Until a limit is new, as far as anybody is told."""


def rate_headers(trail: Trail, dialect: Dialect, at: UnixMs) -> Headers:
    """Return the limits that a call met, as they were when it came; nothing if it met none."""
    for fact in trail.facts:
        if type(fact) is Admitted:
            return _headers(fact, dialect, at)
    return []


def _headers(fact: Admitted, dialect: Dialect, at: UnixMs) -> Headers:
    found: Headers = []
    for kind, level in ((b"requests", fact.requests), (b"tokens", fact.tokens)):
        if level is None:
            continue
        if dialect is Dialect.ANTHROPIC_MESSAGES:
            found += _anthropic(kind, level, at)
        else:
            found += _openai(kind, level)
    return found


def _openai(kind: bytes, level: Level) -> Headers:
    return [
        (b"x-ratelimit-limit-" + kind, b"%d" % level.limit),
        (b"x-ratelimit-remaining-" + kind, b"%d" % level.left),
        (b"x-ratelimit-reset-" + kind, span_text(level.reset).encode()),
    ]


def _anthropic(kind: bytes, level: Level, at: UnixMs) -> Headers:
    name = b"anthropic-ratelimit-" + kind
    return [
        (name + b"-limit", b"%d" % level.limit),
        (name + b"-remaining", b"%d" % level.left),
        (name + b"-reset", date_text(level.reset, at).encode()),
    ]


def span_text(span: Seconds) -> str:
    """Return a span as OpenAI writes it: ``250ms``, ``1.5s``, ``6m0s``; part of one counts as one.

    Units: milliseconds are the finest.
    """
    whole = ceil(round(min(span, LONGEST) * 1000, 3))
    if whole < 1000:  # noqa: PLR2004  (milliseconds in a second)
        return f"{whole}ms"
    minutes, rest = divmod(whole, 60_000)
    seconds = f"{rest / 1000:.3f}".rstrip("0").rstrip(".")
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{seconds}s"
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"


def date_text(span: Seconds, at: UnixMs) -> str:
    """Return the moment so long after ``at`` as RFC 3339 writes it, to the second."""
    whole = ceil(at / 1000 + min(span, LONGEST))
    date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole)
    return date.strftime("%Y-%m-%dT%H:%M:%SZ")

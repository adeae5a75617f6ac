"""What a provider says, in the headers of each answer, of how much more it takes from us.

OpenAI, and Azure, Groq and many others with it, has names of its own, Anthropic others; Mistral,
Cerebras and Together each have a variation. What cannot be right is as good as not said.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from switchgear.domain.rate import Level, Quota
from switchgear.domain.units import Seconds, UnixMs

MOST = 1_000_000_000_000
"""Requests or tokens; nobody allows more."""
LONGEST = Seconds(300.0)
"""Until we look again, whatever was said."""
MINUTE = Seconds(60.0)
"""Until the next where a limit is said to be of a minute, or no more is said of it."""
MOST_LETTERS = 40
"""Of a value; a date and time with a fraction has 35."""
SINCE_1970 = 1_000_000_000
"""Seconds from which a number is a date: that was in 2001."""
MS_SINCE_1970 = SINCE_1970 * 1000

_WHOLE = re.compile(rb"[0-9]{1,18}")
_NUMBER = re.compile(r"[0-9]{1,14}(?:\.[0-9]{1,9})?")
_SPAN = re.compile(
    r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m(?!s))?(?:(\d{1,6}(?:\.\d{1,9})?)s)?"
    r"(?:(\d{1,9}(?:\.\d{1,9})?)ms)?",
    re.ASCII,
)
"""Such as 6m0s, 1h2m3s, 7.66s or 250ms: Go's way to write a span."""
_UNITS = (86_400.0, 3600.0, 60.0, 1.0, 0.001)


class _Names(msgspec.Struct, frozen=True):
    """The three headers of one limit; a name that is empty is not sent."""

    kind: str
    left: bytes
    limit: bytes
    reset: bytes = b""


def _openai(kind: str, word: str, window: str = "") -> _Names:
    left, limit, reset = (
        f"x-ratelimit-{part}-{word}{window}".encode() for part in ("remaining", "limit", "reset")
    )
    return _Names(kind, left, limit, reset)


def _anthropic(kind: str, word: str) -> _Names:
    left, limit, reset = (
        f"anthropic-ratelimit-{word}-{part}".encode() for part in ("remaining", "limit", "reset")
    )
    return _Names(kind, left, limit, reset)


KNOWN = (
    _openai("requests", "requests"),
    _openai("tokens", "tokens"),
    _anthropic("requests", "requests"),
    _anthropic("tokens", "tokens"),
    _anthropic("input", "input-tokens"),
    _anthropic("output", "output-tokens"),
    _openai("requests", "req", "-minute"),  # Mistral
    _openai("requests", "requests", "-minute"),  # Cerebras, as the next three
    _openai("requests", "requests", "-day"),
    _openai("tokens", "tokens", "-minute"),  # and Mistral's
    _openai("tokens", "tokens", "-day"),
    _Names("requests", b"x-ratelimit-remaining", b"x-ratelimit-limit", b"x-ratelimit-reset"),
    _Names("tokens", b"x-tokenlimit-remaining", b"x-tokenlimit-limit", b"x-ratelimit-reset"),
    _Names(
        "tokens", b"ratelimitbysize-remaining", b"ratelimitbysize-limit", b"ratelimitbysize-reset"
    ),
)
"""What is looked for; of two that say the same kind, the one with less left counts."""


def read_quota(headers: Mapping[bytes, bytes], now: UnixMs) -> Quota | None:
    """Return what is left; None where nothing is said of it that makes sense."""
    found: dict[str, Level] = {}
    for names in KNOWN:
        if names.left in headers:
            level = _level(names, headers, now)
            before = found.get(names.kind)
            if level is not None and (before is None or level.left < before.left):
                found[names.kind] = level
    return Quota(**found) if found else None


def read_span(text: str, now: UnixMs) -> Seconds | None:
    """Return how long until the moment that a header names: by a span, a number, or a date.

    A number is seconds, or where it is large enough for that, seconds or milliseconds since 1970.
    """
    if len(text) > MOST_LETTERS:
        return None
    if _NUMBER.fullmatch(text):
        number = float(text)
        if number >= MS_SINCE_1970:
            return _bounded((number - now) / 1000)
        return _bounded(number - now / 1000 if number >= SINCE_1970 else number)
    parts = _SPAN.fullmatch(text)
    if parts is not None and text:
        spans = zip(parts.groups(), _UNITS, strict=True)
        return _bounded(sum(float(part) * unit for part, unit in spans if part))
    return _until(text, now)


def _level(names: _Names, headers: Mapping[bytes, bytes], now: UnixMs) -> Level | None:
    left = _count(headers[names.left])
    if left is None:
        return None
    limit = _count(headers.get(names.limit, b""))
    said = headers.get(names.reset, b"").strip().decode("latin-1")
    reset = MINUTE if not said else read_span(said, now)
    if reset is None:
        return None
    return Level(limit=max(left, limit or 0), left=left, reset=reset)


def _count(text: bytes) -> int | None:
    """Return a whole number; Azure says -1 where it does not know."""
    text = text.strip()
    return min(MOST, int(text)) if _WHOLE.fullmatch(text) else None


def _until(text: str, now: UnixMs) -> Seconds | None:
    try:
        date = datetime.fromisoformat(text)
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        return _bounded(date.timestamp() - now / 1000)
    except (ValueError, OverflowError):
        return None


def _bounded(span: float) -> Seconds:
    return Seconds(min(LONGEST, max(0.0, span)))

"""How long a provider asks to be left alone, in the headers of its refusal."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime

from switchgear.domain.units import Seconds, UnixMs
from switchgear.wire.failure import bounded

NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def read_wait(headers: Mapping[bytes, bytes], now: UnixMs) -> Seconds | None:
    """Return what ``retry-after-ms`` says or, if that says nothing, ``retry-after``.

    Seconds may have a fraction, though RFC 9110 knows none. What is neither a number nor a date,
    or below nothing, is as good as no header.
    """
    precise = _text(headers, b"retry-after-ms")
    if NUMBER.fullmatch(precise):
        return bounded(float(precise) / 1000)
    plain = _text(headers, b"retry-after")
    if NUMBER.fullmatch(plain):
        return bounded(float(plain))
    with suppress(ValueError, OverflowError):
        return bounded(_until(plain, now))
    return None


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1").strip()


def _until(date: str, now: UnixMs) -> float:
    found = parsedate_to_datetime(date)
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)  # an HTTP date is never local time
    return found.timestamp() - now / 1000

"""When a budget's window began, and when the next begins: the calendar in UTC."""

from datetime import UTC, datetime

from switchgear.domain.account import Window
from switchgear.domain.units import UnixMs

SPANS = {Window.MINUTE: 60_000, Window.HOUR: 3_600_000, Window.DAY: 86_400_000}
"""Milliseconds. UTC days all have as many: Unix time knows no leap second."""
LATEST = UnixMs(253_370_764_800_000)
"""The year 9999 begins; a clock that tells more is wrong, and has no month."""


def began(window: Window, now: UnixMs) -> UnixMs:
    """Return when the window began that ``now`` is in; 0 for the one that never ends."""
    if window is Window.TOTAL:
        return UnixMs(0)
    span = SPANS.get(window)
    if span is not None:
        return UnixMs(now - now % span)
    return _month(now, 0)


def renewed(window: Window, now: UnixMs) -> UnixMs | None:
    """Return when the next window begins; None where there is none."""
    if window is Window.TOTAL:
        return None
    span = SPANS.get(window)
    if span is not None:
        return UnixMs(now - now % span + span)
    return _month(now, 1)


def _month(now: UnixMs, after: int) -> UnixMs:
    """Return the beginning of the month, or of the one so many after it."""
    day = datetime.fromtimestamp(min(max(now, 0), LATEST - 1) / 1000, UTC)
    year, month = divmod(day.year * 12 + day.month - 1 + after, 12)
    return UnixMs(int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()) * 1000)

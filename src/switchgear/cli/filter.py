"""Reads filters as people write them: ``end=failed since=2h``."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import get_close_matches

from switchgear.domain.entry import End
from switchgear.domain.units import UnixMs
from switchgear.ports.ledger import Query

TEXTS = ("key", "tenant", "task", "target", "model", "code")
MOMENTS = ("since", "until")
NAMES = (*TEXTS, "end", *MOMENTS)
AGES = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
"""Seconds."""


class BadFilter(ValueError):
    """A filter that cannot be understood; its message says what can."""


def query_of(filters: Sequence[str], now: UnixMs) -> Query:
    """Return the query that these filters make.

    Raises:
        BadFilter: one is not NAME=VALUE, or names nothing that there is.
    """
    texts: dict[str, str] = {}
    moments: dict[str, UnixMs] = {}
    end: End | None = None
    for each in filters:
        name, value = _split(each)
        if name in TEXTS:
            texts[name] = value
        elif name in MOMENTS:
            moments[name] = moment(value, now)
        else:
            end = _end(value)
    return Query(
        key=texts.get("key"),
        tenant=texts.get("tenant"),
        task=texts.get("task", ""),
        target=texts.get("target", ""),
        model=texts.get("model", ""),
        code=texts.get("code", ""),
        end=end,
        since=moments.get("since"),
        until=moments.get("until"),
    )


def moment(text: str, now: UnixMs) -> UnixMs:
    """Return a date, or an age before now, as wall time; dates without a zone are UTC.

    Raises:
        BadFilter: it is neither.
    """
    age = re.fullmatch(r"(\d{1,6})([mhdw])", text)
    if age is not None:
        return UnixMs(now - int(age[1]) * AGES[age[2]] * 1000)
    try:
        date = datetime.fromisoformat(text)
        return UnixMs(int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() * 1000))
    except (ValueError, OverflowError):
        expected = "a date (2026-01-31, 2026-01-31T12:00) nor an age (30m, 2h, 7d)"
        raise BadFilter(f"{text!r} is neither {expected}.") from None


def _split(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadFilter(f"{text!r} is no filter; write NAME=VALUE, such as end=failed.")
    if name not in NAMES:
        near = get_close_matches(name, NAMES, 1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise BadFilter(f"There is no filter {name!r}; {meant}There are {', '.join(NAMES)}.")
    return name, value


def _end(value: str) -> End:
    try:
        return End(value)
    except ValueError:
        allowed = ", ".join(each.value for each in End)
        raise BadFilter(f"end is one of {allowed}; not {value!r}.") from None

"""What is said of a task that is opened or changed, in the words of the config file."""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from switchgear.config.price import nano
from switchgear.config.spending import Few, Many, Usd
from switchgear.config.supervision import Generations, Week
from switchgear.domain.context import MOST_OPERATIONS, Operation
from switchgear.domain.errors import MalformedBody
from switchgear.domain.task import AtCap, Caps
from switchgear.domain.units import NANO_PER_USD, Seconds, Tokens, UnixMs

MOST_NAME, MOST_GOAL, MOST_PAIRS = 200, 4000, 32
YEAR_S = 31_536_000
DIGEST_BYTES = 16
Name = Annotated[str, msgspec.Meta(max_length=MOST_NAME)]
Goal = Annotated[str, msgspec.Meta(max_length=MOST_GOAL)]
Said = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_NAME)]
Pairs = Annotated[dict[Said, Name], msgspec.Meta(max_length=MOST_PAIRS)]
Ahead = Annotated[float, msgspec.Meta(gt=0, le=YEAR_S)]
Moment = (
    Annotated[int, msgspec.Meta(ge=0, le=32_503_680_000_000)]
    | Annotated[str, msgspec.Meta(max_length=40)]
)
"""Milliseconds since 1970, until the year 3000; or a date with a time as RFC 3339 has them."""


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a body may say: nothing beside its fields."""


class CapsForm(Form, frozen=True, kw_only=True):
    """Caps of one task; what is not said stays as it is, and None leaves it to the owner."""

    steps: Many | UnsetType | None = UNSET
    depth: Generations | UnsetType | None = UNSET
    fan_out: Few | UnsetType | None = UNSET
    tokens: Many | UnsetType | None = UNSET
    usd: Usd | UnsetType | None = UNSET
    wall_s: Week | UnsetType | None = UNSET
    at_cap: AtCap | UnsetType | None = UNSET


class Amendment(Form, frozen=True, kw_only=True):
    """What of a task is to be otherwise."""

    goal: Goal | UnsetType = UNSET
    agent: Name | UnsetType = UNSET
    caps: CapsForm = CapsForm()
    deadline: Moment | UnsetType | None = UNSET
    deadline_s: Ahead | UnsetType = UNSET
    """Seconds from now."""
    insert: bool | UnsetType = UNSET
    metadata: Pairs | UnsetType = UNSET


class Opening(Form, frozen=True, kw_only=True):
    """A task that is to be."""

    name: Name = ""
    """What its calls say in ``x-switchgear-task``; where none is said, they say its id."""
    goal: Goal = ""
    agent: Name = ""
    caps: CapsForm = CapsForm()
    parent: Name = ""
    """Id or name of the task that it is part of."""
    deadline: Moment | None = None
    deadline_s: Ahead | None = None
    """Seconds from now."""
    context: Annotated[tuple[Operation, ...], msgspec.Meta(max_length=MOST_OPERATIONS)] = ()
    """What is known at the start."""
    insert: bool = False
    """Its context is put into its calls."""
    metadata: Pairs = {}


def digest(opening: Opening) -> str:
    """Return what tells whether two openings say the same."""
    return blake2b(msgspec.json.encode(opening), digest_size=DIGEST_BYTES).hexdigest()


def capped(form: CapsForm, caps: Caps) -> Caps:
    """Return caps with what a form says of them."""
    news: dict[str, Any] = {}
    for said, name, unit in READ:
        value = getattr(form, said)
        if value is not UNSET:
            news[name] = value if value is None or unit is None else unit(value)
    return msgspec.structs.replace(caps, **news) if news else caps


def told_caps(caps: Caps) -> dict[str, object]:
    """Return caps as a form says them; those that are not there, are not said."""
    words: dict[str, object] = {}
    for said, name, _ in READ:
        value = getattr(caps, name)
        if value is not None:
            words[said] = value.value if isinstance(value, AtCap) else value
    if caps.money is not None:
        words["usd"] = caps.money / NANO_PER_USD
    return words


def moment(said: int | str | None, ahead: float | None, now: UnixMs) -> UnixMs | None:
    """Return when it has to be done; None for no such time.

    Raises:
        MalformedBody: it is no date, or one that is over.
    """
    if ahead is not None:
        if said is not None:
            raise MalformedBody("deadline: say it as a date, or in deadline_s as seconds from now.")
        return UnixMs(now + round(ahead * 1000))
    if said is None:
        return None
    at = said if isinstance(said, int) else _date(said)
    if at <= now:
        raise MalformedBody("deadline: that moment is over.")
    return UnixMs(at)


def _date(said: str) -> int:
    try:
        date = datetime.fromisoformat(said)
        zoned = date if date.tzinfo else date.replace(tzinfo=UTC)
        return int(zoned.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise MalformedBody(
            "deadline: expected a date such as 2026-12-31T12:00:00Z, or milliseconds since 1970."
        ) from None


READ: tuple[tuple[str, str, Any], ...] = (
    ("steps", "steps", None),
    ("depth", "depth", None),
    ("fan_out", "fan_out", None),
    ("tokens", "tokens", Tokens),
    ("usd", "money", nano),
    ("wall_s", "wall", Seconds),
    ("at_cap", "at_cap", None),
)
"""What a cap is called in a form and in ``Caps``, and how it is read."""

"""What is said of a key that is made or changed at run time, in the words of the config file."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from switchgear.config.budget import budgets_of, rates_of
from switchgear.config.rule import SensitivityName, TierName
from switchgear.config.spending import BudgetsEntry, LimitsEntry, PriorityName
from switchgear.domain.account import Budget, Payer
from switchgear.domain.caller import Key, Mode, Right
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import MalformedBody
from switchgear.domain.priority import Priority
from switchgear.domain.target import Sensitivity, Tier
from switchgear.domain.units import NANO_PER_USD, UnixMs

MOST = 200
"""Names in one scope, and letters of one name."""
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST)]
Names = Annotated[tuple[Name, ...], msgspec.Meta(max_length=MOST)]
Pairs = Annotated[dict[Name, Name], msgspec.Meta(max_length=32)]
Moment = Annotated[int, msgspec.Meta(ge=0, le=32_503_680_000_000)]
"""Milliseconds since 1970, until the year 3000."""


class Grant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a key may do; what is not said stays as it is, or as its maker has it."""

    models: Names | UnsetType = UNSET
    targets: Names | UnsetType = UNSET
    tiers: tuple[TierName, ...] | UnsetType = UNSET
    endpoints: tuple[Endpoint, ...] | UnsetType = UNSET
    rights: tuple[Right, ...] | UnsetType = UNSET
    regions: Names | UnsetType = UNSET
    sensitivity: SensitivityName | UnsetType = UNSET
    metadata: Pairs | UnsetType = UNSET
    mode: Mode | UnsetType = UNSET
    debug: bool | UnsetType = UNSET
    priority: PriorityName | UnsetType = UNSET
    budgets: BudgetsEntry | UnsetType = UNSET
    limits: LimitsEntry | UnsetType = UNSET
    until: Moment | str | UnsetType | None = UNSET
    """Milliseconds since 1970, or a date with a time as RFC 3339 has them; None for never."""


class NewGrant(Grant, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same of a key that is to be."""

    id: str = ""
    """Empty for one that is drawn."""
    tenant: Annotated[str, msgspec.Meta(max_length=MOST)] | UnsetType = UNSET


def granted(grant: Grant, base: Key) -> Key:
    """Return a key with what is said, and the rest as it was.

    Raises:
        MalformedBody: what is said is no date.
    """
    said: dict[str, Any] = {
        name: value
        for name in Grant.__struct_fields__
        if (value := getattr(grant, name)) is not UNSET
    }
    changes: dict[str, Any] = dict(_field(name, value, base) for name, value in said.items())
    if isinstance(grant, NewGrant) and grant.tenant is not UNSET:
        changes["tenant"] = grant.tenant
    return msgspec.structs.replace(base, **changes)


def told(key: Key) -> dict[str, object]:
    """Return what a key may do, as it could be said again; only its own budgets are told."""
    own = [each for each in key.budgets if each.name == key.id and each.payer is Payer.KEY]
    return {
        "models": sorted(key.models),
        "targets": sorted(key.targets),
        "tiers": [each.name.lower() for each in sorted(key.tiers)],
        "endpoints": sorted(each.value for each in key.endpoints),
        "rights": sorted(each.value for each in key.rights),
        "regions": sorted(key.regions),
        "sensitivity": key.sensitivity.name.lower(),
        "metadata": dict(key.metadata),
        "mode": key.mode.value,
        "debug": key.debug,
        "priority": key.priority.name.lower(),
        "budgets": {each.window.value: _bound(each) for each in own},
        "limits": _without_none(
            requests_per_minute=key.rates.requests,
            tokens_per_minute=key.rates.tokens,
            concurrent=key.rates.concurrent,
        ),
        "until": key.until,
    }


def _field(name: str, value: Any, base: Key) -> tuple[str, object]:  # noqa: ANN401  (as msgspec has checked it)
    if name == "budgets":
        return name, budgets_of(Payer.KEY, base.id, value)
    if name == "limits":
        return "rates", rates_of(value)
    read = READ.get(name)
    if read is not None:
        return name, read(value)
    return name, frozenset(value) if isinstance(value, tuple) else value


def _until(value: int | str | None) -> UnixMs | None:
    if value is None or isinstance(value, int):
        return None if value is None else UnixMs(value)
    try:
        date = datetime.fromisoformat(value)
        zoned = date if date.tzinfo else date.replace(tzinfo=UTC)
        return UnixMs(int(zoned.timestamp() * 1000))
    except (ValueError, OverflowError):
        raise MalformedBody("until: expected a date such as 2026-12-31T12:00:00Z") from None


def _bound(budget: Budget) -> dict[str, object]:
    most = budget.most
    usd = None if most.money is None else most.money / NANO_PER_USD
    return _without_none(usd=usd, tokens=most.tokens, calls=most.calls)


def _without_none(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


READ: dict[str, Callable[[Any], object]] = {
    "until": _until,
    "tiers": lambda value: frozenset(Tier[each.upper()] for each in value),
    "sensitivity": lambda value: Sensitivity[value.upper()],
    "priority": lambda value: Priority[value.upper()],
    "metadata": lambda value: tuple(sorted(value.items())),
}
"""How a field is read whose words are not the key's own."""

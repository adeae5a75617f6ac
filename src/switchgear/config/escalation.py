"""The part of the config file that says when an answer goes up a tier, and at what price."""

from typing import Annotated, Literal

import msgspec

from switchgear.config.part import Amount, Entry, Share
from switchgear.config.price import nano
from switchgear.domain.escalation import MOST, Escalation

Margin = Annotated[float, msgspec.Meta(ge=0, le=10)]
OFF, ON = Escalation(on=False), Escalation(on=True)


class EscalateEntry(Entry, frozen=True, kw_only=True):
    """When an answer that is not good enough goes up a tier; what is not said stays as it is."""

    when: tuple[str, ...] | None = None
    """What makes it so: ``empty``, ``broken_json``, ``off_schema``, ``no_tool``, ``bad_arguments``,
    ``unknown_tool``, ``truncated``, ``repeated``, ``refused``, ``unsure``, or functions of yours as
    ``module:name``. Default: the first six."""
    most: Annotated[int, msgspec.Meta(ge=1, le=MOST)] | None = None
    """Times that one call goes up at most, 1 to 3. Default: 1."""
    usd: Amount | None = None
    """US dollars that going up may cost for one call, beside its first answer. Default: 0.10."""
    daily_usd: Amount | None = None
    """US dollars that it may cost in a day (UTC), for all calls of the part that says so. Default:
    10, for the whole file."""
    hold: bool | None = None
    """Hold streams back until they are whole, so that all of them is checked. Default: false."""
    margin: Margin | None = None
    """For ``unsure``: by how many nats each token must be likelier than the next best, in the mean.
    Default: 1."""
    least: Share | None = None
    """The least that functions of yours may say, 0 to 1. Default: 0.5."""


Escalate = Literal["on", "off"] | EscalateEntry


def escalation_of(entry: Escalate | None) -> Escalation | None:
    """Return what a part of the file says of it; None where it says nothing."""
    if entry is None or isinstance(entry, str):
        return None if entry is None else ON if entry == "on" else OFF
    return Escalation(
        on=True,
        when=entry.when,
        most=entry.most,
        money=None if entry.usd is None else nano(entry.usd),
        daily=None if entry.daily_usd is None else nano(entry.daily_usd),
        hold=entry.hold,
        margin=entry.margin,
        least=entry.least,
    )

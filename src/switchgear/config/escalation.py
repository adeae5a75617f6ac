"""The part of the config file that says when an answer goes up a tier, and at what price."""

from typing import Annotated, Literal

import msgspec

from switchgear.config.part import Amount, Entry, Share
from switchgear.domain.escalation import MOST

Margin = Annotated[float, msgspec.Meta(ge=0, le=10)]


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

"""Compile what the config file says of answers that go up a tier."""

from switchgear.config.escalation import Escalate
from switchgear.config.price import nano
from switchgear.domain.escalation import Escalation

OFF, ON = Escalation(on=False), Escalation(on=True)


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

"""One past call beside what another policy makes of it."""

from collections.abc import Mapping
from hashlib import blake2b

import msgspec

from switchgear.domain.caller import Mode
from switchgear.domain.entry import End, Entry
from switchgear.domain.outcome import IMPLICIT
from switchgear.domain.target import Target, Tier
from switchgear.domain.units import NANO_PER_USD
from switchgear.engine.outcome import Label
from switchgear.engine.whatif.again import Again, Replayer, chosen
from switchgear.engine.whatif.offpolicy import Drawn
from switchgear.engine.whatif.outlook import Forecast, Outlook, row_of

NAMES = ("cost", "seconds", "quality")
"""What is compared: US dollars, seconds to the end, and the share of answers that do."""
DRAW_BYTES = 6
CERTAIN = 1.0

Targets = dict[str, Target]
"""By id."""


class Figure(msgspec.Struct, frozen=True, gc=False):
    """One measure of one call."""

    before: float
    """As it was measured; where nobody said how good the answer was, as it is expected."""
    after: float
    """As it would be: the same where the target is the same, else as it is expected."""
    doubt: float = 0.0
    """By how much what is expected may be off for all calls alike, as one deviation."""
    drawn: Drawn | None = None
    """Where the target had been left to a draw, and the measure is known."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One call, decided then and now."""

    route: str
    """The name that was asked for."""
    agent: str
    step: str
    before: str
    """Target id; empty for nobody."""
    after: str
    tiers: tuple[Tier | None, Tier | None]
    """Of both; None where it is not known any more."""
    observed: bool
    """Routing was only watched then, so ``before`` is whom it would have gone to without."""
    labelled: bool
    """Somebody or something said how good the answer was."""
    learnt: bool
    """What is expected of the answer comes from outcomes."""
    figures: tuple[Figure, ...] = ()
    """In the order of NAMES; none where the call had no whole answer, or nobody would serve it."""

    @property
    def changed(self) -> bool:
        """Whether it goes to another than before."""
        return self.before != self.after


def case_of(entry: Entry, again: Again, label: Label | None, by: "Comparing") -> Case:
    """Return a call beside its new decision."""
    before, after = chosen(entry), again.decision.winner
    old, new = by.target(before), by.target(after)
    figures: tuple[Figure, ...] = ()
    learnt = True
    if entry.end is End.ANSWERED and old is not None and new is not None:
        row = row_of(entry, again.ask, again.odds, label)
        was = by.forecast.of(row, old)
        would = was if old.id == new.id else by.forecast.of(row, new)
        learnt = would.learnt
        figures = _figures(entry, label, (was, would), by.weight(entry, again, before))
    return Case(
        route=entry.model,
        agent=entry.agent,
        step="" if entry.ask is None else entry.ask.step.value,
        before=before,
        after=after,
        tiers=(None if old is None else old.tier, None if new is None else new.tier),
        observed=entry.mode is Mode.OBSERVE,
        labelled=label is not None,
        learnt=learnt,
        figures=figures,
    )


class Comparing:
    """What calls are compared by: the new policy, and what older ones knew of their targets."""

    def __init__(self, replayer: Replayer, forecast: Forecast, older: Mapping[str, Target]) -> None:
        """Take all three; the older targets may grow."""
        self.forecast = forecast
        self._replayer = replayer
        self._older = older

    def target(self, name: str) -> Target | None:
        """Return a target of the new policy, else of an older one."""
        return self.forecast.target(name, self._older) if name else None

    def weight(self, entry: Entry, again: Again, before: str) -> float | None:
        """Return how much more probable the target is now than then; None where nothing was drawn.

        What served an observed call was no draw, whatever the decision beside it says.
        """
        decision = entry.decision
        if decision is None or entry.mode is Mode.OBSERVE:
            return None
        if not 0.0 < decision.propensity < CERTAIN:
            return None
        probable = self._replayer.probable(again, entry, before, fresh_draw(entry.id))
        return probable / decision.propensity


def fresh_draw(name: str) -> float:
    """Return a number in [0, 1) that has nothing to do with the call's own draw."""
    digest = blake2b(name.encode(errors="replace"), digest_size=DRAW_BYTES).digest()
    return int.from_bytes(digest) / float(1 << (8 * DRAW_BYTES))


def _figures(
    entry: Entry, label: Label | None, both: tuple[Outlook, Outlook], weight: float | None
) -> tuple[Figure, ...]:
    was, would = both
    cost = entry.cost / NANO_PER_USD
    same = was is would
    return (
        _measured(cost, was.cost / NANO_PER_USD, would.cost / NANO_PER_USD, weight, same=same),
        _measured(entry.took, was.seconds, would.seconds, weight, same=same),
        _judged(label, was, would, weight),
    )


def _measured(seen: float, was: float, would: float, weight: float | None, *, same: bool) -> Figure:
    drawn = None if weight is None else Drawn(weight, seen, was, would)
    return Figure(seen, seen if same else would, drawn=drawn)


def _judged(label: Label | None, was: Outlook, would: Outlook, weight: float | None) -> Figure:
    """Return how good the answer was and would be.

    What only we ourselves have seen is mostly bad, so it is no sample of all: it tells of its own
    call alone.
    """
    before = was.good if label is None else label.good
    drawn = None
    if weight is not None and label is not None and label.source not in IMPLICIT:
        drawn = Drawn(weight, before, was.good, would.good)
    if was is would:
        return Figure(before, before, drawn=drawn)
    doubt = would.spread if label is not None else would.spread + was.spread
    return Figure(before, would.good, doubt, drawn)

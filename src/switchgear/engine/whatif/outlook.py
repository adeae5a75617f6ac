"""What one past call is expected to cost, take and come to at a target that did not serve it."""

from collections.abc import Mapping

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.attempt import Attempt
from switchgear.domain.entry import Entry
from switchgear.domain.event import Usage
from switchgear.domain.odds import Odds
from switchgear.domain.situation import Percentile, Situation
from switchgear.domain.target import Kind, Target
from switchgear.domain.units import Tokens
from switchgear.engine.cost import cost_of, expected_cost, expected_output
from switchgear.engine.latency import UNMEASURED, Pace, pace_of, paces_of
from switchgear.engine.outcome import Label
from switchgear.engine.policy import Policy

GUESSED = 0.15
"""By how much the owner's figure for a target's quality is taken to be off, as one deviation."""
NOWHERE = Situation()
NO_TOKENS = Tokens(0)


class Outlook(msgspec.Struct, frozen=True, gc=False):
    """What is to be expected of one target on one call."""

    cost: float
    """Nano-dollars."""
    seconds: float
    """For the whole answer, from arrival."""
    good: float
    """How well its answer does, 0 to 1."""
    spread: float
    """By how much that may be off, as one deviation."""
    learnt: bool
    """It comes from outcomes, and not from the owner's figure."""


class Row(msgspec.Struct, frozen=True):
    """One past call, as far as figures are worked out from it."""

    entry: Entry
    ask: Ask
    """As it is decided again: in a tool loop, held by whoever would have begun it."""
    odds: Odds
    label: Label | None
    served: Attempt | None
    """The attempt that gave the answer."""


def row_of(entry: Entry, ask: Ask, odds: Odds, label: Label | None) -> Row:
    """Return a call with the attempt that gave its answer found."""
    answered = [each for each in entry.attempts if each.target == entry.target and not each.code]
    return Row(entry, ask, odds, label, answered[-1] if answered else None)


class Forecast:
    """Knows the targets of one policy, and those that only older ones had."""

    def __init__(self, policy: Policy) -> None:
        """Take the policy whose targets are asked for."""
        self._policy = policy
        self._places = {each.id: place for place, each in enumerate(policy.targets)}

    def target(self, name: str, older: Mapping[str, Target]) -> Target | None:
        """Return a target as the policy has it, else as an older one had it."""
        place = self._places.get(name)
        return older.get(name) if place is None else self._policy.targets[place]

    def of(self, row: Row, target: Target) -> Outlook:
        """Return what is to be expected, with the tokens that the answer had where it was counted.

        Another model may write more or less; nothing here knows by how much, so it is taken to
        write as much. Times are the medians that were measured in the call's own situation.
        """
        good, spread, learnt = _quality(row, target)
        return Outlook(repriced(row, target), self._seconds(row, target), good, spread, learnt)

    def _seconds(self, row: Row, target: Target) -> float:
        served = row.served
        usage = None if served is None else served.usage
        output = expected_output(row.ask) if usage is None else usage.output
        before = 0.0 if served is None else max(0.0, row.entry.took - served.took)
        pace = self._pace(target, row.entry.situation or NOWHERE)
        return before + pace.first_content + output * pace.token

    def _pace(self, target: Target, situation: Situation) -> Pace:
        place = self._places.get(target.id)
        if place is not None:
            return paces_of(self._policy, situation, Percentile.P50)[place]
        reading = situation.readings.get(target.id, UNMEASURED)
        return pace_of(target, reading, Percentile.P50)


def repriced(row: Row, target: Target) -> float:
    """Return what the tokens of a call would have cost at a target.

    What was read from a prompt cache is read from the target's own, unless another has served the
    conversation so far: then it is all read anew.
    """
    if target.kind is Kind.TOOL:
        return 0.0
    served = row.served
    if served is None or served.usage is None:
        return float(expected_cost(target, row.ask, expected_output(row.ask)))
    holders = {row.ask.held, row.ask.warm} - {""}
    warm = not holders or target.id in holders or served.target == target.id
    return float(cost_of(served.usage if warm else _cold(served.usage), target.price))


def _cold(usage: Usage) -> Usage:
    return msgspec.structs.replace(
        usage, cached=NO_TOKENS, cache_written=NO_TOKENS, cache_written_1h=NO_TOKENS
    )


def _quality(row: Row, target: Target) -> tuple[float, float, bool]:
    """Return how well an answer would do, how sure that is, and whether outcomes say so."""
    label = row.label
    if label is not None and label.needed is not None:
        return float(target.tier >= label.needed), 0.0, True
    for chance in row.odds.chances:
        if chance.target == target.id:
            return chance.p, chance.spread, True
    return target.quality, GUESSED, False

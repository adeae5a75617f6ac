"""Decide past calls again, one after another, as if the other policy had been there all along."""

from collections.abc import Callable

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.caller import Mode
from switchgear.domain.decision import Decision, Verdict
from switchgear.domain.entry import Entry
from switchgear.domain.odds import Odds
from switchgear.domain.situation import Situation
from switchgear.engine.decide import decide
from switchgear.engine.policy import Conditions, Policy

MOST_TASKS = 50_000
"""Tasks whose moves are kept in mind at once; the one that was first seen longest ago goes."""
NOWHERE = Situation()

OddsOf = Callable[[Entry], Odds]
"""What is known of a call's chances: by default what was known then."""


class Again(msgspec.Struct, frozen=True):
    """One call, decided again."""

    ask: Ask
    odds: Odds
    decision: Decision


class Replayer:
    """Decides calls in their order, and remembers whom their tasks would have been with.

    A tool loop stays where it began. So where the other policy begins it elsewhere, its later calls
    are held there, and not by whom the ledger names. Likewise who served a conversation so far.
    """

    def __init__(self, policy: Policy, conditions: Conditions, odds: OddsOf) -> None:
        """Take the policy to decide by."""
        self._policy = policy
        self._conditions = conditions
        self._odds = odds
        self._moved: dict[str, tuple[str, str]] = {}

    def again(self, entry: Entry) -> Again | None:
        """Return the decision on one call; None where the ledger has nothing to decide on."""
        if entry.ask is None:
            return None
        ask, odds = self._as_held(entry.ask), self._odds(entry)
        situation = entry.situation or NOWHERE
        decision = decide(ask, situation, self._policy, self._conditions, odds)
        if ask.task and decision.plan:
            self._remember(ask.task, entry.target or chosen(entry), decision.winner)
        return Again(ask, odds, decision)

    def probable(self, again: Again, entry: Entry, target: str, draw: float) -> float:
        """Return how probable a target is for a call, by one more ``draw`` where that is needed.

        Averaged over draws that have nothing to do with the call, it is right.
        """
        decision = again.decision
        if decision.winner == target:
            return decision.propensity
        if decision.propensity >= 1.0:
            return 0.0
        ask = msgspec.structs.replace(again.ask, draw=draw)
        situation = entry.situation or NOWHERE
        other = decide(ask, situation, self._policy, self._conditions, again.odds)
        return float(other.winner == target)

    def _as_held(self, ask: Ask) -> Ask:
        """Return the ask as it would be, had its task gone the other policy's way so far."""
        moved = self._moved.get(ask.task) if ask.task and (ask.held or ask.warm) else None
        if moved is None or moved[0] == moved[1] or moved[0] not in (ask.held, ask.warm):
            return ask
        was, would = moved
        return msgspec.structs.replace(
            ask,
            held=would if ask.held == was else ask.held,
            warm=would if ask.warm == was else ask.warm,
        )

    def _remember(self, task: str, was: str, would: str) -> None:
        if task not in self._moved and len(self._moved) >= MOST_TASKS:
            del self._moved[next(iter(self._moved))]
        self._moved[task] = (was, would)


def chosen(entry: Entry) -> str:
    """Return whom a call went to first: by its decision, or in observe mode whatever that said."""
    if entry.mode is Mode.OBSERVE:
        return entry.attempts[0].target if entry.attempts else entry.target
    return "" if entry.decision is None else entry.decision.winner


def as_kept(decision: Decision) -> Decision:
    """Return a decision as the ledger keeps it: its verdicts without figures and details."""
    verdicts = tuple([Verdict(each.target, each.reason) for each in decision.verdicts])
    return msgspec.structs.replace(decision, verdicts=verdicts)


def differences(entry: Entry, policy: Policy, conditions: Conditions) -> tuple[str, ...] | None:
    """Return the fields in which a decision is not what its own policy makes of it again.

    None where the ledger has nothing to decide on.
    """
    if entry.ask is None or entry.decision is None:
        return None
    situation = entry.situation or NOWHERE
    again = as_kept(decide(entry.ask, situation, policy, conditions, entry.odds))
    kept = as_kept(entry.decision)
    names = Decision.__struct_fields__
    return tuple([name for name in names if getattr(again, name) != getattr(kept, name)])

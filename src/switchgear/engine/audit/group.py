"""Calls of one agent, route and step: how many, what they need, and what they cost."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from switchgear.domain.ask import Step
from switchgear.domain.decision import Reason
from switchgear.domain.entry import End, Entry
from switchgear.domain.target import Kind, Target, Tier
from switchgear.domain.units import NANO_PER_USD
from switchgear.engine.audit.evidence import Evidence
from switchgear.engine.audit.histogram import Histogram
from switchgear.engine.outcome import Label
from switchgear.engine.policy import Policy
from switchgear.engine.terms import tier_for
from switchgear.engine.whatif.outlook import Row, repriced, row_of

NEVER = frozenset(
    {
        Reason.NOT_ASKED,
        Reason.NOT_ALLOWED,
        Reason.INCAPABLE,
        Reason.TOO_SMALL,
        Reason.WRONG_REGION,
        Reason.TOO_OPEN,
        Reason.OTHER_MODEL,
        Reason.BAD_INPUT,
    }
)
"""Why a target could not have served a call, whatever it costs and however good it is."""
RARELY = 0.001
"""Share of the calls that a target may not be able to serve, and is still one of those who can."""


class Kindred(msgspec.Struct, frozen=True, gc=False):
    """What calls of one group have in common."""

    agent: str
    route: str
    """The name that was asked for."""
    step: str
    rule: str
    """The owner's rule that decided; empty for none."""


class Group:
    """A workbench that takes one call after another."""

    __slots__ = (
        "able",
        "answered",
        "calls",
        "complexity",
        "cost",
        "evidence",
        "first",
        "input",
        "needs",
        "output",
        "prices",
        "served",
        "streams",
        "tiers",
        "took",
        "tools",
    )

    def __init__(self) -> None:
        """Start with none."""
        self.calls = self.answered = self.streams = self.tools = 0
        self.cost = 0.0
        """US dollars, of the calls that were answered."""
        self.first, self.took = Histogram(), Histogram()
        self.input, self.output, self.complexity = Histogram(), Histogram(), Histogram()
        self.needs: Counter[str] = Counter()
        self.served: Counter[str] = Counter()
        """By target."""
        self.tiers: Counter[Tier] = Counter()
        """By the estimate of how hard they are."""
        self.able: Counter[str] = Counter()
        """By target, the calls that it could have served."""
        self.prices: dict[str, float] = {}
        """By target, what the calls that were answered would have cost there, US dollars."""
        self.evidence = Evidence()

    def add(self, entry: Entry, labels: Sequence[Label], policy: Policy) -> None:
        """Take one more call; it was read, and decided."""
        ask, decision = entry.ask, entry.decision
        if ask is None or decision is None:
            return
        self.calls += 1
        self.streams += ask.stream
        self.tools += ask.shape.tools > 0
        self.needs.update([each.value for each in ask.needs])
        self.input.add(float(ask.input_tokens))
        self.complexity.add(decision.complexity)
        self.tiers[tier_for(decision.complexity, policy)] += 1
        self.able.update([it.target for it in decision.verdicts if it.reason not in NEVER])
        self.evidence.add(labels, entry.odds)
        if entry.end is End.ANSWERED:
            # Whoever is chosen serves it from its beginning, and has read it before.
            held = ask.held or ask.warm
            free = msgspec.structs.replace(ask, held="", warm="") if held else ask
            self._measure(entry, row_of(entry, free, entry.odds, None), policy)

    def able_to(self, policy: Policy) -> tuple[Target, ...]:
        """Return those that could have served nearly all of the calls, the cheapest first."""
        enough = self.calls * (1.0 - RARELY)
        found = [
            each
            for each in policy.targets
            if each.kind is not Kind.TOOL and self.able[each.id] >= enough
        ]
        return tuple(sorted(found, key=lambda each: (self.prices.get(each.id, 0.0), each.id)))

    def _measure(self, entry: Entry, row: Row, policy: Policy) -> None:
        self.answered += 1
        self.cost += entry.cost / NANO_PER_USD
        self.served[entry.target] += 1
        self.took.add(entry.took)
        if entry.first_content is not None:
            self.first.add(entry.first_content)
        if row.served is not None and row.served.usage is not None:
            self.output.add(float(row.served.usage.output))
        for target in policy.targets:
            price = repriced(row, target) / NANO_PER_USD
            self.prices[target.id] = self.prices.get(target.id, 0.0) + price


def kindred_of(entry: Entry) -> Kindred:
    """Return what a call has in common with others."""
    step = Step.USER_TURN if entry.ask is None else entry.ask.step
    rule = "" if entry.decision is None else entry.decision.rule
    return Kindred(entry.agent, entry.model, step.value, rule)

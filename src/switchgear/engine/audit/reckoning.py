"""The workbench of an audit: sorts calls into groups, and says what is found of each."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from switchgear.domain.entry import Entry
from switchgear.engine.audit.evidence import Goal
from switchgear.engine.audit.finding import Finding, finding_of
from switchgear.engine.audit.group import Group, Kindred, kindred_of
from switchgear.engine.outcome import Label
from switchgear.engine.policy import Policy

MOST_GROUPS = 2000
"""That are told apart; calls of further ones are only counted."""


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """What was found."""

    calls: int
    """Read and decided."""
    unread: int
    """Rows that could not be read."""
    undecided: int
    """Calls without a decision."""
    beyond: int
    """Calls of more groups than are told apart."""
    cost: float
    """US dollars."""
    saving: float
    """Of all rules that follow and that more than a guess speaks for."""
    findings: tuple[Finding, ...]
    """The dearest groups first."""


class Auditor:
    """Takes one call after another."""

    def __init__(self, policy: Policy, goal: Goal) -> None:
        """Take the policy whose targets there are, and when one is good enough."""
        self._by = policy, goal
        self._groups: dict[Kindred, Group] = {}
        self._counts: Counter[str] = Counter()

    def add(self, entry: Entry, labels: Sequence[Label]) -> None:
        """Take one more call."""
        if entry.ask is None or entry.decision is None:
            self._counts["undecided"] += 1
            return
        self._counts["calls"] += 1
        kind = kindred_of(entry)
        group = self._groups.get(kind)
        if group is None:
            if len(self._groups) >= MOST_GROUPS:
                self._counts["beyond"] += 1
                return
            group = self._groups.setdefault(kind, Group())
        group.add(entry, labels, self._by[0])

    def unread(self, rows: int) -> None:
        """Count rows that could not be read."""
        self._counts["unread"] += rows

    def audit(self) -> Audit:
        """Return what was found."""
        calls = self._counts["calls"]
        findings = [
            finding_of(kind, group, calls, self._by) for kind, group in self._groups.items()
        ]
        findings.sort(key=lambda it: (-it.cost, it.kind.agent, it.kind.route, it.kind.step))
        return Audit(
            calls=calls,
            unread=self._counts["unread"],
            undecided=self._counts["undecided"],
            beyond=self._counts["beyond"],
            cost=sum(each.cost for each in findings),
            saving=sum(
                each.advice.saving
                for each in findings
                if each.follows and each.advice is not None and each.advice.known
            ),
            findings=tuple(findings),
        )

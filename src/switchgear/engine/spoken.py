"""Outcomes and labels as JSON-able values: what every surface says of them."""

from collections.abc import Sequence

from switchgear.domain.entry import Entry
from switchgear.domain.outcome import IMPLICIT, Outcome
from switchgear.domain.target import Tier
from switchgear.engine.outcome import NO_TIERS, Label, Tiers, answerer, implicit_of, label_of

DIGITS = 4


def judged(outcomes: Sequence[Outcome], entry: Entry, tiers: Tiers = NO_TIERS) -> dict[str, object]:
    """Return what is said of a decision, what was seen of it, and what that comes to."""
    label = label_of(outcomes, entry, tiers)
    every = sorted([*outcomes, *implicit_of(entry)], key=lambda it: (it.at, it.id))
    return {
        "outcomes": [told_outcome(each, entry) for each in every],
        "label": None if label is None else told_label(label),
    }


def told_outcome(outcome: Outcome, entry: Entry) -> dict[str, object]:
    """Return one outcome."""
    return {
        "id": outcome.id,
        "at": outcome.at,
        "source": outcome.source.value,
        "implicit": outcome.source in IMPLICIT,
        "target": outcome.target or answerer(entry),
        "score": outcome.score,
        "verdict": None if outcome.verdict is None else outcome.verdict.value,
        "override": outcome.override or None,
        "tool": outcome.tool,
        "by": outcome.by or None,
    }


def told_label(label: Label) -> dict[str, object]:
    """Return what a decision's outcomes come to."""
    return {
        "target": label.target,
        "good": round(label.good, DIGITS),
        "weight": round(label.weight, DIGITS),
        "needed": _tier(label.needed),
        "source": label.source.value,
        "disputed": label.disputed,
    }


def _tier(tier: Tier | None) -> str | None:
    return None if tier is None else tier.name.lower()

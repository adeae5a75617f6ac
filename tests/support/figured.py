"""Calls that were decided, and what was said of them, as few words as can be."""

import msgspec

from support.entries import attempt, decision, entry
from switchgear.domain.decision import Decision, Reason, Verdict
from switchgear.domain.entry import Entry
from switchgear.domain.outcome import Fitness, Outcome, Source
from switchgear.domain.target import Tier
from switchgear.domain.units import NanoUsd, Seconds, UnixMs
from switchgear.engine.figure.case import Case, case_of
from switchgear.engine.figure.frame import DAY_MS, Frame
from switchgear.engine.figure.need import Need

TIERS = {"calc": Tier.TOOL, "small": Tier.SMALL, "mid": Tier.MID, "large": Tier.FRONTIER}
MODELS = (Tier.SMALL, Tier.MID, Tier.FRONTIER)
FROM = UnixMs(20_000 * DAY_MS)
FRAME = Frame(FROM, UnixMs(FROM + 8 * DAY_MS))
CENT = NanoUsd(10_000_000)


def chosen(target: str, *others: str, **changes: object) -> Decision:
    """Return a decision for one, with the others behind it in the plan."""
    plan = (target, *others)
    verdicts = tuple(
        Verdict(name, Reason.CHOSEN if name == target else Reason.NOT_NEEDED)
        for name in ("small", "mid", "large")
    )
    return decision(**{"plan": plan, "verdicts": verdicts, **changes})


def call(name: str = "sg_1", target: str = "small", **changes: object) -> Entry:
    """Return a call that a target was chosen for, and answered."""
    fields: dict[str, object] = {
        "at": FROM,
        "target": target,
        "cost": CENT,
        "own": Seconds(0.0),
        "decision": chosen(target),
        "attempts": (attempt(target, cost=CENT),),
    }
    return entry(name, **{**fields, **changes})


def said(
    verdict: Fitness | None = None, source: Source = Source.EVAL, **changes: object
) -> Outcome:
    """Return one thing that was said of a call."""
    plain = Outcome(id="o", decision="sg_1", at=FROM, source=source, verdict=verdict)
    return msgspec.structs.replace(plain, **changes)


def case(name: str = "sg_1", target: str = "small", *words: Outcome, **changes: object) -> Case:
    """Return the case of a call with what was said of it."""
    return case_of(call(name, target, **changes), words, TIERS)


def need(picked: Tier, needed: Tier | None, **changes: object) -> Need:
    """Return what is known of one decision's need."""
    passed = None if needed is None and "passed" not in changes else True
    if needed is not None:
        passed = picked >= needed
    plain = Need(chosen=picked, seemed=picked, tiers=MODELS, passed=passed, needed=needed)
    return msgspec.structs.replace(plain, **changes)

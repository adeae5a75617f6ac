"""The headers that every answer of every endpoint carries."""

import re
from functools import lru_cache

import msgspec

from switchgear.domain.fact import Decided, Fact, Tried
from switchgear.domain.units import NANO_PER_USD, NanoUsd, Seconds
from switchgear.engine.fold import waited_of
from switchgear.ports.handler import Head, Trail
from switchgear.surfaces.http.asgi import Headers

UNFIT = re.compile(r"[^\t\x20-\x7e\xa0-\xff]")
"""What a header's value cannot hold."""
MOST_LETTERS = 1024
"""Of one header's value."""
MOST_KEPT = 1024
"""Values that need not be made safe again: names of targets, tiers, reasons, tasks."""


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer tells of how it came about. What does not apply is empty, or nought."""

    decision: str
    target: str = ""
    tier: str = ""
    reason: str = ""
    attempts: int = 0
    task: str = ""
    own: Seconds = Seconds(0.0)
    cost: NanoUsd | None = NanoUsd(0)
    """None where it is not known when the headers go out: for streams."""
    dropped: tuple[str, ...] = ()
    replayed: bool = False


def headers(marks: Marks) -> Headers:
    """Return the marks as headers."""
    found = [
        (b"x-switchgear-decision", marks.decision.encode("ascii", "replace")),
        (b"x-switchgear-target", safe(marks.target)),
        (b"x-switchgear-tier", safe(marks.tier)),
        (b"x-switchgear-reason", safe(marks.reason)),
        (b"x-switchgear-attempts", b"%d" % marks.attempts),
        (b"x-switchgear-task", safe(marks.task)),
        (b"x-switchgear-overhead-ms", b"%.3f" % (marks.own * 1000)),
        (b"x-switchgear-dropped", safe(", ".join(marks.dropped)) if marks.dropped else b""),
    ]
    if marks.cost is not None:
        found.append((b"x-switchgear-cost-usd", dollars(marks.cost)))
    if marks.replayed:
        found.append((b"x-switchgear-replayed", b"true"))
    return found


def of_reply(decision: str, task: str, head: Head, *, whole: bool) -> Marks:
    """Return what is told of an answer."""
    return Marks(
        decision=decision,
        target=head.target,
        tier=head.tier,
        reason=head.reason,
        attempts=head.attempts,
        task=task,
        own=head.own,
        cost=(head.cost or NanoUsd(0)) if whole else None,
        dropped=head.dropped,
        replayed=head.replayed != "",
    )


def of_failure(decision: str, task: str, code: str, trail: Trail, took: Seconds) -> Marks:
    """Return what is told of a call that got an error after ``took``."""
    tried = [fact.attempt for fact in trail.facts if isinstance(fact, Tried)]
    apart = sum(attempt.took for attempt in tried) + waited_of(trail.facts)
    return Marks(
        decision=decision,
        tier=_tier(trail.facts),
        reason=code,
        attempts=len(tried),
        task=task,
        own=Seconds(max(0.0, took - apart)),
        cost=NanoUsd(sum(attempt.cost for attempt in tried)),
    )


def verdicts(trail: Trail) -> Headers:
    """Return the verdict on each target, as ``target=letter``; nothing if none was given."""
    for fact in trail.facts:
        if isinstance(fact, Decided):
            text = ", ".join(f"{it.target}={it.reason.value}" for it in fact.decision.verdicts)
            return [(b"x-switchgear-verdicts", safe(text))]
    return []


@lru_cache(maxsize=MOST_KEPT)
def safe(text: str) -> bytes:
    """Return a header's value: with no line break, of bounded length, in Latin-1."""
    if text.isascii() and text.isprintable() and len(text) <= MOST_LETTERS:
        return text.encode("ascii")
    return UNFIT.sub("?", text[:MOST_LETTERS]).encode("latin-1")


def dollars(cost: NanoUsd) -> bytes:
    """Return an amount as exact decimal dollars."""
    return b"%d.%09d" % divmod(cost, NANO_PER_USD)


def _tier(facts: list[Fact]) -> str:
    return next((it.decision.tier.name.lower() for it in facts if isinstance(it, Decided)), "")

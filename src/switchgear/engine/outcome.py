"""What the outcomes of one decision come to: whose word counts, and what it says."""

from collections.abc import Iterable, Mapping

import msgspec

from switchgear.domain.attempt import Attempt, Role
from switchgear.domain.entry import End, Entry
from switchgear.domain.event import Stop
from switchgear.domain.outcome import Fitness, Outcome, Source
from switchgear.domain.target import Tier
from switchgear.domain.units import UnixMs

HUMAN = "human"
"""What is said in place of a target where a person had to do it."""

RANKS = {
    Source.LABEL: 4,
    Source.HUMAN: 4,
    Source.EVAL: 3,
    Source.IMPORT: 3,
    Source.USER: 2,
    Source.VALIDATOR: 1,
    Source.ESCALATION: 1,
    Source.LOOP: 1,
    Source.RETRY: 0,
}
"""The higher is believed; of one rank, who spoke last."""
WEIGHTS = {
    Source.LABEL: 1.0,
    Source.HUMAN: 1.0,
    Source.EVAL: 1.0,
    Source.IMPORT: 1.0,
    Source.USER: 0.6,
    Source.VALIDATOR: 0.5,
    Source.ESCALATION: 0.5,
    Source.LOOP: 0.3,
    Source.RETRY: 0.2,
}
"""How much is learnt from one word, against one of somebody who looked and knows."""
DISPUTED = 0.5
"""Share of the weight that is left where another of the same rank says the opposite."""
PARTIAL = 0.5
"""And where only the tool is judged, not the answer."""
UNOPPOSED = 0.05
"""Of an answer of which nothing is said, and in which nothing was found."""
HALF = 0.5
"""From here on an answer is rather good than bad."""

GOOD = {
    Fitness.GOOD_FIT: 1.0,
    Fitness.OVERPROVISIONED: 1.0,
    Fitness.UNDERPOWERED: 0.0,
    Fitness.FAILED: 0.0,
}
MODELS = (Tier.SMALL, Tier.MID, Tier.FRONTIER)
"""The tiers there are, where no policy says which."""
OF_ITSELF = frozenset({Stop.END, Stop.TOOL_USE})
"""How an answer ends that was not cut short, filtered or refused."""
MS = 1000

_decode = msgspec.json.Decoder(tuple[Outcome, ...]).decode

Tiers = Mapping[str, Tier]
"""By target id, as a policy has them."""
NO_TIERS: Tiers = {}


class Label(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What is believed of one target's answer in one decision."""

    target: str
    """Whose answer it is."""
    good: float
    """How good it was, 0 to 1."""
    weight: float
    """How much may be learnt from it, above 0 and at most 1."""
    needed: Tier | None = None
    """The lowest tier that is said to do; None where nobody says."""
    source: Source
    """Whose word it is."""
    by: str = ""
    """Id of the key that said it; empty for ourselves, and on an open server."""
    at: UnixMs
    """When it was said."""
    disputed: bool = False
    """Another, whose word is worth as much, says the opposite."""


def label_of(outcomes: Iterable[Outcome], entry: Entry, tiers: Tiers = NO_TIERS) -> Label | None:
    """Return what a decision's outcomes come to; None where nothing was said of it, or seen.

    ``outcomes`` are those that were kept; what shows on the entry itself is added here. Their order
    means nothing, and one that comes twice counts once. ``tiers`` helps out where an outcome does
    not know the tier of a target.
    """
    return _chosen([*_each_once(outcomes), *implicit_of(entry)], entry, tiers)


def labels_of(
    outcomes: Iterable[Outcome], entry: Entry, tiers: Tiers = NO_TIERS
) -> tuple[Label, ...]:
    """Return what is believed of each target that had a part in a decision, each by itself.

    Of a call that went up a tier, the weak target's answer and the strong one's are two lessons.
    """
    about: dict[str, list[Outcome]] = {}
    for each in [*_each_once(outcomes), *implicit_of(entry)]:
        about.setdefault(each.target or answerer(entry), []).append(each)
    found = [_chosen(each, entry, tiers) for each in about.values()]
    return tuple([each for each in found if each is not None])


def implicit_of(entry: Entry) -> tuple[Outcome, ...]:
    """Return what shows on a call's own row: flaws in answers, and that it went up a tier."""
    if not any(each.flaw or each.role is Role.ESCALATION for each in entry.attempts):
        return ()
    found: list[Outcome] = []
    before: Attempt | None = None
    for number, attempt in enumerate(entry.attempts, 1):
        if attempt.role is Role.ESCALATION and before is not None:
            found.append(_escalated(entry, number, before, attempt))
        if attempt.flaw:
            found.append(_flawed(entry, number, attempt))
        if not attempt.code or attempt.flaw:
            before = attempt
    return tuple(found)


def unopposed(entry: Entry) -> Label | None:
    """Return the weak word that is in nobody's complaint; None where there was one, or no answer.

    It is no label: it only keeps those who learn from flaws alone from seeing nothing else.
    """
    last = entry.attempts[-1] if entry.attempts else None
    ended = last is not None and last.target == entry.target and last.stop in OF_ITSELF
    if entry.end is not End.ANSWERED or not ended or entry.replayed or implicit_of(entry):
        return None
    return Label(
        target=entry.target, good=1.0, weight=UNOPPOSED, source=Source.VALIDATOR, at=_end(entry)
    )


def outcomes_in(body: bytes) -> tuple[Outcome, ...]:
    """Return the outcomes that a paper's body holds, in the order in which they were kept.

    Raises:
        msgspec.MsgspecError: a newer release wrote it.
    """
    return _decode(body)


def answerer(entry: Entry) -> str:
    """Return whose answer an outcome is about that names none."""
    if entry.target or entry.decision is None:
        return entry.target
    return entry.decision.winner


def goodness(outcome: Outcome, served: Tier | None, wanted: Tier | None, chosen: str) -> float:
    """Return how good an outcome says that the answer of ``chosen`` was, 0 to 1."""
    if outcome.score is not None:
        return outcome.score
    if outcome.verdict is not None:
        return GOOD[outcome.verdict]
    if not outcome.override:
        return 1.0 if outcome.tool else 0.0
    if outcome.override == chosen:
        return 1.0
    return 1.0 if served is not None and wanted is not None and wanted < served else 0.0


def _chosen(outcomes: list[Outcome], entry: Entry, tiers: Tiers) -> Label | None:
    """Return the label by the one whose word counts: of the highest rank, the last."""
    if not outcomes:
        return None
    count = max(outcomes, key=_standing)
    label = _said(count, entry, tiers)
    if not _disputed(count, label, outcomes, entry, tiers):
        return label
    return msgspec.structs.replace(label, weight=label.weight * DISPUTED, disputed=True)


def _standing(outcome: Outcome) -> tuple[int, bool, UnixMs, bool, str]:
    """Return by what words are compared: one on the answer goes before one on the tool alone.

    Of two of one moment, the one that names who would have done says more.
    """
    told = not _only_tool(outcome)
    return RANKS[outcome.source], told, outcome.at, bool(outcome.override), outcome.id


def _said(outcome: Outcome, entry: Entry, tiers: Tiers) -> Label:
    target = outcome.target or answerer(entry)
    served = tiers.get(target) if outcome.served is None else outcome.served
    wanted = tiers.get(outcome.override) if outcome.wanted is None else outcome.wanted
    good = goodness(outcome, served, wanted, target)
    needed = _needed(outcome, served, wanted, tiers)
    part = PARTIAL if _only_tool(outcome) else 1.0
    return Label(
        target=target,
        good=good,
        weight=WEIGHTS[outcome.source] * part,
        needed=_by_trial(entry, target, good, served) if needed is None else needed,
        source=outcome.source,
        by=outcome.by,
        at=outcome.at,
    )


def _needed(
    outcome: Outcome, served: Tier | None, wanted: Tier | None, tiers: Tiers
) -> Tier | None:
    if wanted is not None:
        return wanted
    if served is None or outcome.verdict is None or outcome.verdict is Fitness.FAILED:
        return None
    if outcome.verdict is Fitness.GOOD_FIT:
        return served
    there = set(tiers.values()) or set(MODELS)
    if outcome.verdict is Fitness.UNDERPOWERED:
        return min((each for each in there if each > served), default=None)
    return max((each for each in there if each < served), default=None)


def _by_trial(entry: Entry, target: str, good: float, served: Tier | None) -> Tier | None:
    """Return the tier of who did well after a weaker one was tried and did not."""
    last = next((each for each in reversed(entry.attempts) if each.target == target), None)
    tried = last is not None and last.role is Role.ESCALATION and good >= HALF
    return served if tried else None


def _disputed(
    count: Outcome, label: Label, outcomes: list[Outcome], entry: Entry, tiers: Tiers
) -> bool:
    """Whether another of the same rank says the opposite; who corrects himself disputes nothing."""
    others: dict[tuple[Source, str], Outcome] = {}
    for each in sorted(outcomes, key=_standing):
        if RANKS[each.source] == RANKS[count.source] and each.target == count.target:
            others[each.source, each.by] = each
    goods = [_said(each, entry, tiers).good for each in others.values()]
    return any((good < HALF) is not (label.good < HALF) for good in goods)


def _only_tool(outcome: Outcome) -> bool:
    return outcome.score is None and outcome.verdict is None and not outcome.override


def _each_once(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return the outcomes without those whose id was said before."""
    first: dict[str, Outcome] = {}
    for each in sorted(outcomes, key=lambda it: it.at):
        first.setdefault(each.id, each)
    return list(first.values())


def _escalated(entry: Entry, number: int, weak: Attempt, strong: Attempt) -> Outcome:
    """Return that an answer was not good enough; that it was too weak, only if a stronger was."""
    better = not strong.code and not strong.flaw
    return Outcome(
        id=f"escalation-{number}",
        decision=entry.id,
        at=UnixMs(entry.at + round(strong.began * MS)),
        source=Source.ESCALATION,
        score=0.0,
        verdict=Fitness.UNDERPOWERED if better else Fitness.FAILED,
        override=strong.target if better else "",
        target=weak.target,
    )


def _flawed(entry: Entry, number: int, attempt: Attempt) -> Outcome:
    return Outcome(
        id=f"validator-{number}",
        decision=entry.id,
        at=UnixMs(entry.at + round((attempt.began + attempt.took) * MS)),
        source=Source.VALIDATOR,
        score=0.0,
        verdict=Fitness.FAILED,
        target=attempt.target,
    )


def _end(entry: Entry) -> UnixMs:
    return UnixMs(entry.at + round(entry.took * MS))

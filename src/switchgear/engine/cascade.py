"""Whether an answer that is not good enough goes up a tier, where to, and what that may cost.

Pure: the pipeline obeys. Only those go up that the decision itself found able to serve the call, so
that region, sensitivity and allow-list are never left.
"""

from collections.abc import Container, Mapping
from functools import lru_cache

import msgspec

from switchgear.domain.account import Bound, Budget, Payer, Window
from switchgear.domain.decision import Decision, Reason, Verdict
from switchgear.domain.escalation import CERTAIN, CHECKS, REFUSED, TRUNCATED, UNSURE, Escalation
from switchgear.domain.target import Kind, Target
from switchgear.domain.units import NANO_PER_USD, NanoUsd, Seconds, Tokens
from switchgear.engine.charge import Demand, afforded
from switchgear.engine.policy import Policy, Then

NOTHING = Then()
MOST_KEPT = 1024
SPEAKING = frozenset({Kind.MODEL, Kind.AGENT})
"""Whose answers are looked at, and who may be asked instead: a tool does what its owner wrote."""
ABLE = frozenset({Reason.CHOSEN, Reason.FALLBACK, Reason.NOT_NEEDED})
"""Reasons of targets that may serve the call."""
LONGER = 2
"""Times what the answer before took, that the next may have to write."""
FILE = "file"
"""Whose budget of a day it is that the whole file sets."""

DEFAULT = Escalation(
    on=True,
    when=CERTAIN,
    most=1,
    money=NanoUsd(NANO_PER_USD // 10),
    daily=NanoUsd(10 * NANO_PER_USD),
    hold=False,
    margin=1.0,
    least=0.5,
)
"""What holds where nobody says otherwise."""

BADNESS: Mapping[str, float] = {
    **dict.fromkeys(CERTAIN, 3.0),
    CERTAIN[0]: 5.0,  # nothing at all
    REFUSED: 4.0,
    TRUNCATED: 2.0,
    UNSURE: 0.5,
}
"""How little is left of an answer with each of these; a good one is 0."""
OTHERWISE = 2.5
"""Of one that only goes round in circles."""


class Ascent(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What holds for the calls of one route; nothing is left open."""

    on: bool
    when: tuple[str, ...]
    functions: tuple[str, ...]
    """Of ``when``: the owner's own."""
    deep: bool
    """More is to be looked at than is known of every answer when it ends."""
    most: int
    money: NanoUsd
    hold: bool
    margin: float
    least: float
    budget: Budget
    """Of the day."""


@lru_cache(maxsize=MOST_KEPT)
def ascent_of(policy: Policy, model: str, rule: str) -> Ascent:
    """Return what holds for calls that ask for ``model`` and that this rule was applied to.

    Each thing is said by the rule, else by the alias, else by the file.
    """
    then = next((each.then for each in policy.rules if each.name == rule), NOTHING)
    alias = policy.aliases.get(model)
    parts = (
        (f"rule {rule}", then.escalate),
        (f"alias {model}", alias.escalate if alias else None),
        (FILE, policy.escalate),
        (FILE, DEFAULT),
    )
    said: dict[str, object] = {}
    payer = FILE
    for name, part in reversed(parts):
        if part is not None:
            said |= {key: value for key, value in _fields(part) if value is not None}
            payer = payer if part.daily is None else name
    whole = Escalation(**said)  # type: ignore[arg-type]  # the fields of one, by their names
    return _ascent(whole, payer)


def _fields(part: Escalation) -> list[tuple[str, object]]:
    return [(name, getattr(part, name)) for name in Escalation.__struct_fields__]


def _ascent(whole: Escalation, payer: str) -> Ascent:
    when = whole.when or ()
    functions = tuple([each for each in when if each not in CHECKS])
    return Ascent(
        on=bool(whole.on and when and whole.most),
        when=when,
        functions=functions,
        deep=not set(when) <= set(CERTAIN),
        most=whole.most or 0,
        money=whole.money or NanoUsd(0),
        hold=bool(whole.hold),
        margin=whole.margin or 0.0,
        least=whole.least or 0.0,
        budget=_daily(payer, whole.daily),
    )


def functions_of(policy: Policy) -> frozenset[str]:
    """Return the names of all functions of the owner's that answers are checked by."""
    parts = [policy.escalate, *[each.escalate for each in policy.aliases.values()]]
    parts += [each.then.escalate for each in policy.rules]
    named = [name for each in parts if each is not None for name in each.when or ()]
    return frozenset(named) - set(CHECKS)


def budgets_of(policy: Policy) -> tuple[Budget, ...]:
    """Return the budgets of a day that the owner has set for going up."""
    parts = [(FILE, policy.escalate)]
    parts += [(f"alias {name}", each.escalate) for name, each in policy.aliases.items()]
    parts += [(f"rule {each.name}", each.then.escalate) for each in policy.rules]
    return tuple([_daily(name, it.daily) for name, it in parts if it and it.daily is not None])


def _daily(name: str, money: NanoUsd | None) -> Budget:
    return Budget(payer=Payer.ESCALATION, name=name, window=Window.DAY, most=Bound(money=money))


class Above(msgspec.Struct, frozen=True, gc=False):
    """A target that may do better, and what the decision expects of it."""

    target: Target
    latency: Seconds
    """For the whole answer."""


def above(
    policy: Policy, decision: Decision, below: Target, tried: Container[str]
) -> tuple[Above, ...]:
    """Return who may do what ``below`` did not: the next tier first, in it the plan's own order.

    Where no higher tier may serve, those of the same tier that are better.
    """
    targets = {each.id: each for each in policy.targets}
    found = []
    for verdict in decision.verdicts:
        target = targets.get(verdict.target)
        if target is None or verdict.reason not in ABLE or target.id in tried:
            continue
        if target.kind in SPEAKING and _stronger(target, below):
            found.append((_place(target, verdict, decision, below), target, verdict.latency))
    return tuple([Above(target, latency or Seconds(0.0)) for _, target, latency in sorted(found)])


def _stronger(target: Target, below: Target) -> bool:
    return (target.tier, target.quality) > (below.tier, below.quality)


def _place(
    target: Target, verdict: Verdict, decision: Decision, below: Target
) -> tuple[int, int, float, str]:
    plan = decision.plan
    place = plan.index(target.id) if target.id in plan else len(plan)
    same = target.tier is below.tier
    return (99 if same else int(target.tier), place, verdict.score or 0.0, target.id)


def most_written(demand: Demand, money: NanoUsd, wrote: Tokens, least: Tokens) -> Tokens | None:
    """Return how much output so much money buys; None where that is of no use.

    It is of use if it has room for twice what the answer before took, and for ``least``.
    """
    enough = Tokens(max(least, LONGER * wrote))
    bought = afforded(demand, Bound(money=money), enough)
    return None if bought is None else bought.output


def badness(flaw: str, opinion: float = 0.0) -> float:
    """Return how little an answer is worth that has this flaw; 0 for a good one.

    ``opinion`` is what the owner's function said of it, where the flaw is that.
    """
    if not flaw:
        return 0.0
    if flaw in CHECKS:
        return BADNESS.get(flaw, OTHERWISE)
    return 2.0 - min(1.0, max(0.0, opinion))

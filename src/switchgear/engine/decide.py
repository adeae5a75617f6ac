"""Choose where a call goes, and say why each other target was not chosen.

Pure: the same ask, situation and policy give the same decision, so the ledger can replay it. What
depends on less than all three is worked out once and kept: the standing of a profile of calls, the
paces of a snapshot.
"""

from collections.abc import Sequence

import msgspec

from switchgear.domain.ask import Ask, Step
from switchgear.domain.decision import Decision, Limit, Reason, Strategy, Verdict
from switchgear.domain.odds import NO_ODDS, Odds
from switchgear.domain.situation import Situation
from switchgear.domain.target import Capability, Target
from switchgear.domain.units import Seconds
from switchgear.engine.complexity import estimate
from switchgear.engine.cost import expected_cost, expected_output
from switchgear.engine.features import CHARS_PER_TOKEN
from switchgear.engine.fit import (
    EXCEEDS,
    Field,
    Strike,
    exceeded,
    field_of,
    field_without_poor,
    strike_now,
)
from switchgear.engine.order import Candidate, Luck, Ranking, drawn, ordered
from switchgear.engine.policy import NO_RULE, Conditions, Policy
from switchgear.engine.terms import Terms, profile_of, tier_for

NOT_YET = Verdict("", Reason.NOT_NEEDED)
"""Stands where a candidate's verdict is put."""


def decide(
    ask: Ask, situation: Situation, policy: Policy, conditions: Conditions, odds: Odds = NO_ODDS
) -> Decision:
    """Rank the targets that can serve this call, and judge every other.

    The first rule whose condition holds is applied; then what may not serve is struck out, cost and
    latency of the rest are computed, and the strategy orders it. Soft limits that nobody keeps are
    given up in the policy's order.
    """
    del odds
    complexity = estimate(ask)
    rule = conditions.first(ask, complexity) if policy.rules else NO_RULE
    profile = profile_of(ask, rule, tier_for(complexity, policy))
    field = field_of(policy, profile, situation)
    pick = _pick(ask, field, policy.plan_length)
    if field.poor and pick.plan:
        other = field_without_poor(policy, profile, situation, pick.plan[0])
        pick = _spared(pick, _pick(ask, other, policy.plan_length))
    terms, ranking, plan = pick.field.terms, pick.ranking, pick.plan
    return Decision(
        plan=plan,
        verdicts=_verdicts(policy, pick.struck, ranking, plan),
        policy=policy.version,
        rule=policy.rules[rule].name if rule >= 0 else "",
        strategy=terms.strategy,
        tier=terms.tier,
        complexity=complexity,
        relaxed=_relaxed(ranking, plan),
        sticky=pick.sticky,
        why=_why(pick, ask) if pick.field.replaced is None else _why_instead(pick.field.replaced),
    )


class _Pick(msgspec.Struct, frozen=True):
    """What came of one field: who is out, who is how good, and who is to be tried."""

    field: Field
    struck: list[Strike | None]
    ranking: Ranking
    luck: Luck
    plan: tuple[str, ...]
    sticky: bool


def _pick(ask: Ask, field: Field, length: int) -> _Pick:
    terms = field.terms
    candidates, struck = _weigh(ask, field)
    ranking = ordered(candidates, terms.strategy, ask.draw)
    ranking, luck = drawn(ranking, terms.strategy, ask.draw)
    if field.replaced is not None:
        ranking = _stronger_first(ranking, field.replaced)
    plan, sticky = _plan(ranking, ask, terms, length)
    return _Pick(field, struck, ranking, luck, plan, sticky)


def _spared(pick: _Pick, other: _Pick) -> _Pick:
    """Return the pick without those who rest, unless only the last resort is left then."""
    terms = other.field.terms
    others = [name for name in other.plan if name in terms.first or name not in terms.last]
    return other if others else pick


def _stronger_first(ranking: Ranking, than: Target) -> Ranking:
    """Put those before the others that may do what ``than`` failed to."""
    return sorted(
        ranking,
        key=lambda each: (
            each[0].target.tier <= than.tier and each[0].target.quality <= than.quality
        ),
    )


def _weigh(ask: Ask, field: Field) -> tuple[list[Candidate], list[Strike | None]]:
    """Return those that can serve this call, with their figures, and why each other cannot."""
    terms, output = field.terms, expected_output(ask)
    needed = _needed(ask, output)
    bounded = terms.cost_ceiling is not None or terms.latency_ceiling is not None
    struck = list(field.strikes)
    candidates = []
    for each in field.contenders:
        out = strike_now(each, ask, needed) if needed > each.window or ask.unfit else None
        if out is not None:
            struck[each.number] = out
            continue
        cost, latency = expected_cost(each.target, ask, output), each.first + output * each.token
        over = exceeded(each, terms, cost, latency) if each.weak or bounded else ()
        if over and not set(over).issubset(terms.relax):
            struck[each.number] = EXCEEDS[over[0]], ""
        else:
            rank = 1 + max(map(terms.relax.index, over)) if over else 0
            candidates.append(
                Candidate(
                    each.number, each.target, cost, latency, over, rank, each.load, each.known
                )
            )
    return candidates, struck


def _needed(ask: Ask, output: int) -> int:
    """Return the tokens that must fit a target's window.

    Each text that vectors are wanted of must fit it for itself; the last one is the longest.
    """
    if Capability.EMBEDDINGS in ask.needs:
        return int(ask.shape.last_chars / CHARS_PER_TOKEN)
    return ask.input_tokens + (output if ask.max_output is None else ask.max_output)


def _plan(ranking: Ranking, ask: Ask, terms: Terms, length: int) -> tuple[tuple[str, ...], bool]:
    """Return the targets to try: the rule's first, the loop's holder, the best, then the last."""
    middle = [each.target.id for each, _ in ranking]
    first = [name for name in dict.fromkeys((*ask.first, *terms.first)) if name in middle]
    last = [name for name in terms.last if name in middle and name not in first]
    if first or last:
        middle = [name for name in middle if name not in first and name not in last]
    if terms.asked.named:
        chain = (terms.asked.named, *terms.asked.fallback)
        middle = [name for name in chain if name in middle]
    sticky = ask.held in middle
    if sticky:
        middle.remove(ask.held)
        middle.insert(0, ask.held)
    return (*first, *middle[:length], *last), sticky and not first


def _verdicts(
    policy: Policy, struck: Sequence[Strike | None], ranking: Ranking, plan: tuple[str, ...]
) -> tuple[Verdict, ...]:
    verdicts = [
        NOT_YET if out is None else Verdict(policy.targets[number].id, *out)
        for number, out in enumerate(struck)
    ]
    places = dict.fromkeys(plan, Reason.FALLBACK)
    if plan:
        places[plan[0]] = Reason.CHOSEN
    for each, score in ranking:
        name = each.target.id
        reason = places.get(name, Reason.NOT_NEEDED)
        detail = _over(each) if each.over else ""
        verdicts[each.number] = Verdict(
            name, reason, detail, each.cost, Seconds(each.latency), score
        )
    return tuple(verdicts)


def _over(candidate: Candidate) -> str:
    return ", ".join([f"over its {limit.value} limit" for limit in candidate.over])


def _relaxed(ranking: Ranking, plan: tuple[str, ...]) -> tuple[Limit, ...]:
    if not plan:
        return ()
    return next(each.over for each, _ in ranking if each.target.id == plan[0])


WON_BY = {
    Strategy.COST: "cheapest",
    Strategy.LATENCY: "fastest",
    Strategy.QUALITY: "best",
    Strategy.BALANCED: "best balance",
    Strategy.WEIGHTED: "drawn by weight",
}


LUCKY = {
    Luck.LOAD: "the less loaded of two drawn from equals",
    Luck.EXPLORED: "explored, because too little is known of it",
}


def _won(ranking: Ranking, plan: tuple[str, ...], terms: Terms, luck: Luck) -> str:
    """Return by what the first of the ranking won; it may stand last in the plan by a rule."""
    if luck in LUCKY and plan and ranking[0][0].target.id == plan[0]:
        return LUCKY[luck]
    return WON_BY[terms.strategy]


def _why_instead(replaced: Target) -> str:
    return f"in place of {replaced.id}, whose last answers here were of no use"


HOLDS = {True: "it holds the tool loop", False: "it holds the conversation"}
"""By whether the call answers a tool call."""


PUT_FIRST_BY = {True: "its task needs another now", False: "the rule puts it first"}
"""By whether its task wants it so."""


def _why(pick: _Pick, ask: Ask) -> str:
    plan, terms = pick.plan, pick.field.terms
    if not plan:
        return "no target can serve this call"
    if pick.sticky:
        return HOLDS[ask.step is Step.TOOL_RESULT]
    if plan[0] in (*ask.first, *terms.first):
        return PUT_FIRST_BY[plan[0] in ask.first]
    if terms.asked.named:
        return "asked for by name" if plan[0] == terms.asked.named else "the named one cannot serve"
    if len(plan) == 1:
        return "the only one that can serve"
    won = _won(pick.ranking, plan, terms, pick.luck)
    return f"{won} for tier {terms.tier.name.lower()}, before {plan[1]}"

"""Choose where a call goes, and say why each other target was not chosen.

Pure: the same ask, situation and policy give the same decision, so the ledger can replay it. What
depends on less than all three is worked out once and kept: the standing of a profile of calls, the
paces of a snapshot.
"""

from collections.abc import Sequence

from switchgear.domain.ask import Ask, Step
from switchgear.domain.decision import Decision, Limit, Reason, Strategy, Verdict
from switchgear.domain.situation import Situation
from switchgear.domain.units import Seconds
from switchgear.engine.complexity import estimate
from switchgear.engine.cost import expected_cost, expected_output
from switchgear.engine.fit import EXCEEDS, Field, Strike, exceeded, field_of, strike_now
from switchgear.engine.order import Candidate, Luck, Ranking, drawn, ordered
from switchgear.engine.policy import NO_RULE, Conditions, Policy
from switchgear.engine.terms import Terms, profile_of, tier_for

NOT_YET = Verdict("", Reason.NOT_NEEDED)
"""Stands where a candidate's verdict is put."""


def decide(ask: Ask, situation: Situation, policy: Policy, conditions: Conditions) -> Decision:
    """Rank the targets that can serve this call, and judge every other.

    The first rule whose condition holds is applied; then what may not serve is struck out, cost and
    latency of the rest are computed, and the strategy orders it. Soft limits that nobody keeps are
    given up in the policy's order.
    """
    complexity = estimate(ask)
    rule = conditions.first(ask, complexity) if policy.rules else NO_RULE
    profile = profile_of(ask, rule, tier_for(complexity, policy))
    field = field_of(policy, profile, situation)
    terms = field.terms
    candidates, struck = _weigh(ask, field)
    ranking = ordered(candidates, terms.strategy, ask.draw)
    ranking, luck = drawn(ranking, terms.strategy, ask.draw)
    plan, sticky = _plan(ranking, ask, terms, policy.plan_length)
    return Decision(
        plan=plan,
        verdicts=_verdicts(policy, struck, ranking, plan),
        policy=policy.version,
        rule=policy.rules[rule].name if rule >= 0 else "",
        strategy=terms.strategy,
        tier=terms.tier,
        complexity=complexity,
        relaxed=_relaxed(ranking, plan),
        sticky=sticky,
        why=_why(plan, terms, _won(ranking, plan, terms, luck), sticky=sticky),
    )


def _weigh(ask: Ask, field: Field) -> tuple[list[Candidate], list[Strike | None]]:
    """Return those that can serve this call, with their figures, and why each other cannot."""
    terms, output = field.terms, expected_output(ask)
    needed = ask.input_tokens + (output if ask.max_output is None else ask.max_output)
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


def _plan(ranking: Ranking, ask: Ask, terms: Terms, length: int) -> tuple[tuple[str, ...], bool]:
    """Return the targets to try: the rule's first, the loop's holder, the best, then the last."""
    middle = [each.target.id for each, _ in ranking]
    first = [name for name in terms.first if name in middle]
    last = [name for name in terms.last if name in middle and name not in first]
    if first or last:
        middle = [name for name in middle if name not in first and name not in last]
    if terms.asked.named:
        chain = (terms.asked.named, *terms.asked.fallback)
        middle = [name for name in chain if name in middle]
    sticky = ask.step is Step.TOOL_RESULT and ask.held in middle
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


def _why(plan: tuple[str, ...], terms: Terms, won: str, *, sticky: bool) -> str:
    if not plan:
        return "no target can serve this call"
    if sticky:
        return "it holds the tool loop"
    if plan[0] in terms.first:
        return "the rule puts it first"
    if terms.asked.named:
        return "asked for by name" if plan[0] == terms.asked.named else "the named one cannot serve"
    if len(plan) == 1:
        return "the only one that can serve"
    return f"{won} for tier {terms.tier.name.lower()}, before {plan[1]}"

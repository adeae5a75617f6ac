"""Choose where a call goes, and say why each other target was not chosen.

Pure: the same ask, situation and policy give the same decision, so the ledger can replay it. What
depends on less than all three is worked out once and kept: the standing of a profile of calls, the
paces of a snapshot.
"""

from collections.abc import Sequence

from switchgear.domain.ask import Ask, Step
from switchgear.domain.decision import Decision, Limit, Reason, Strategy, Verdict
from switchgear.domain.situation import Situation
from switchgear.domain.units import Tokens
from switchgear.engine.complexity import estimate
from switchgear.engine.cost import expected_cost, expected_output
from switchgear.engine.fit import EXCEEDS, Standing, Strike, exceeded, standing_of, strike_now
from switchgear.engine.latency import Pace, paces_of
from switchgear.engine.order import Candidate, ordered
from switchgear.engine.policy import Conditions, Policy
from switchgear.engine.terms import Terms, profile_of, tier_for

NO_RULE = -1
Ranking = list[tuple[Candidate, float]]


def decide(ask: Ask, situation: Situation, policy: Policy, conditions: Conditions) -> Decision:
    """Rank the targets that can serve this call, and judge every other.

    The first rule whose condition holds is applied; then what may not serve is struck out, cost and
    latency of the rest are computed, and the strategy orders it. Soft limits that nobody keeps are
    given up in the policy's order.
    """
    complexity = estimate(ask)
    rule = _first_rule(ask, policy, conditions, complexity)
    standing = standing_of(policy, profile_of(ask, rule, tier_for(complexity, policy)))
    terms = standing.terms
    paces = paces_of(policy, situation, terms.percentile)
    candidates, struck = _weigh(ask, standing, paces)
    ranking = ordered(candidates, terms.strategy, ask.draw)
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
        why=_why(plan, terms, sticky=sticky),
    )


def _first_rule(ask: Ask, policy: Policy, conditions: Conditions, complexity: float) -> int:
    if not policy.rules:
        return NO_RULE
    match = conditions.match(ask, complexity)
    return next((number for number in range(len(policy.rules)) if match.holds(number)), NO_RULE)


def _weigh(
    ask: Ask, standing: Standing, paces: Sequence[Pace]
) -> tuple[list[Candidate], list[Strike | None]]:
    """Return those that can serve now, with their figures, and why each other cannot."""
    terms, output = standing.terms, expected_output(ask)
    room = output if ask.max_output is None else Tokens(ask.max_output)
    struck = list(standing.strikes)
    candidates = []
    for number, target in standing.able:
        pace = paces[number]
        out = strike_now(target, ask, pace, room)
        if out is not None:
            struck[number] = out
            continue
        cost, latency = expected_cost(target, ask, output), pace.latency(output)
        over = exceeded(target, terms, cost, latency)
        rank = _rank(over, terms) if over else 0
        if rank is None:
            struck[number] = EXCEEDS[over[0]], ""
        else:
            candidates.append(Candidate(number, target, cost, latency, over, rank))
    return candidates, struck


def _rank(over: tuple[Limit, ...], terms: Terms) -> int | None:
    """Return how much has to be given up for this; None when the policy gives that up never."""
    if not set(over).issubset(terms.relax):
        return None
    return 1 + max(map(terms.relax.index, over))


def _plan(ranking: Ranking, ask: Ask, terms: Terms, length: int) -> tuple[tuple[str, ...], bool]:
    """Return the targets to try: the rule's first, the loop's holder, the best, then the last."""
    able = [each.target.id for each, _ in ranking]
    first = [name for name in terms.first if name in able]
    last = [name for name in terms.last if name in able and name not in first]
    middle = [name for name in able if name not in first and name not in last]
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
    verdicts: list[Verdict | None] = [None] * len(struck)
    for candidate, score in ranking:
        verdicts[candidate.number] = _verdict(candidate, score, plan)
    for number, out in enumerate(struck):
        if out is not None:
            name = policy.targets[number].id
            verdicts[number] = Verdict(target=name, reason=out[0], detail=out[1])
    return tuple(verdict for verdict in verdicts if verdict is not None)


def _verdict(candidate: Candidate, score: float, plan: tuple[str, ...]) -> Verdict:
    name = candidate.target.id
    reason = Reason.NOT_NEEDED
    if name in plan:
        reason = Reason.CHOSEN if name == plan[0] else Reason.FALLBACK
    detail = ""
    if candidate.over:
        detail = ", ".join([f"over its {limit.value} limit" for limit in candidate.over])
    return Verdict(
        target=name,
        reason=reason,
        cost=candidate.cost,
        latency=candidate.latency,
        score=score,
        detail=detail,
    )


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


def _why(plan: tuple[str, ...], terms: Terms, *, sticky: bool) -> str:
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
    return f"{WON_BY[terms.strategy]} for tier {terms.tier.name.lower()}, before {plan[1]}"

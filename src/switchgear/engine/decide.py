"""Choose where a call goes, and say why each other target was not chosen.

Pure: the same ask, situation, policy and odds give the same decision, so the ledger can replay it.
What depends on less than all of them is worked out once and kept: the standing of a profile of
calls, the paces of a snapshot.
"""

from collections.abc import Sequence

from switchgear.domain.ask import Ask
from switchgear.domain.decision import Decision, Limit, Reason, Verdict
from switchgear.domain.odds import NO_ODDS, Odds
from switchgear.domain.situation import Situation
from switchgear.domain.units import Seconds
from switchgear.engine.complexity import estimate
from switchgear.engine.draw import Luck
from switchgear.engine.fit import Strike, field_of
from switchgear.engine.order import Candidate, Ranking
from switchgear.engine.pick import Case, pick, propensity, weigh
from switchgear.engine.policy import NO_RULE, Conditions, Policy
from switchgear.engine.terms import profile_of, tier_for
from switchgear.engine.why import why

NOT_YET = Verdict("", Reason.NOT_NEEDED)
"""Stands where a candidate's verdict is put."""
TO_LEARN = frozenset({Luck.EXPLORED, Luck.TRIED})


def decide(
    ask: Ask, situation: Situation, policy: Policy, conditions: Conditions, odds: Odds = NO_ODDS
) -> Decision:
    """Rank the targets that can serve this call, and judge every other.

    The first rule whose condition holds is applied; then what may not serve is struck out, cost and
    latency of the rest are computed, and the strategy orders it. Where a chance that was learnt is
    sure, it stands in for tier and quality. Soft limits that nobody keeps are given up in the
    policy's order.
    """
    complexity = estimate(ask)
    rule = conditions.first(ask, complexity) if policy.rules else NO_RULE
    profile = profile_of(ask, rule, tier_for(complexity, policy))
    case = Case(ask, policy, profile, situation, odds)
    board = weigh(case, field_of(policy, profile, situation))
    chosen = pick(case, board, ask.draw)
    terms, ranking, plan = chosen.board.field.terms, chosen.ranking, chosen.plan
    return Decision(
        plan=plan,
        verdicts=_verdicts(policy, chosen.board.struck, ranking, plan),
        policy=policy.version,
        rule=policy.rules[rule].name if rule >= 0 else "",
        strategy=terms.strategy,
        tier=terms.tier,
        complexity=complexity,
        relaxed=_relaxed(ranking, plan),
        sticky=chosen.sticky,
        why=why(chosen, ask),
        propensity=propensity(case, board, chosen),
        explored=chosen.luck in TO_LEARN and _first(ranking, plan) and not chosen.settled,
    )


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
        name, chance = each.target.id, each.chance
        verdicts[each.number] = Verdict(
            name,
            places.get(name, Reason.NOT_NEEDED),
            _over(each) if each.over else "",
            each.cost,
            Seconds(each.latency),
            score,
            chance.p if chance is not None and chance.sure else None,
        )
    return tuple(verdicts)


def _over(candidate: Candidate) -> str:
    return ", ".join([f"over its {limit.value} limit" for limit in candidate.over])


def _first(ranking: Ranking, plan: tuple[str, ...]) -> bool:
    return bool(plan) and ranking[0][0].target.id == plan[0]


def _relaxed(ranking: Ranking, plan: tuple[str, ...]) -> tuple[Limit, ...]:
    if not plan:
        return ()
    return next(each.over for each, _ in ranking if each.target.id == plan[0])

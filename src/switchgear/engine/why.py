"""Say in one sentence why the first of a plan comes first."""

from switchgear.domain.ask import Ask, Step
from switchgear.domain.decision import Strategy
from switchgear.engine.choice import good_enough
from switchgear.engine.draw import Luck
from switchgear.engine.order import Candidate
from switchgear.engine.pick import Pick

WON_BY = {
    Strategy.COST: "cheapest",
    Strategy.LATENCY: "fastest",
    Strategy.QUALITY: "best",
    Strategy.BALANCED: "best balance",
    Strategy.WEIGHTED: "drawn by weight",
    Strategy.VALUE: "best value",
}

LUCKY = {
    Luck.LOAD: "the less loaded of two drawn from equals",
    Luck.EXPLORED: "explored, because too little is known of it",
    Luck.STAYS: "it served the conversation so far, and leaving it would not pay",
    Luck.TRIED: "tried, to learn whether it would do here",
}

HOLDS = {True: "it holds the tool loop", False: "it holds the conversation"}
"""By whether the call answers a tool call."""

PUT_FIRST_BY = {True: "its task needs another now", False: "the rule puts it first"}
"""By whether its task wants it so."""


def why(pick: Pick, ask: Ask) -> str:
    """Return why the first of the plan is that; for headers, so in ASCII."""
    said = _before_scores(pick, ask)
    if said:
        return said
    if len(pick.plan) == 1:
        return "the only one that can serve"
    return f"{_won(pick)}, before {pick.plan[1]}"


def _before_scores(pick: Pick, ask: Ask) -> str:
    """Return what goes before all scores and holds here; empty where nothing does."""
    plan, terms, replaced = pick.plan, pick.board.field.terms, pick.board.field.replaced
    if replaced is not None:
        return f"in place of {replaced.id}, whose last answers here were of no use"
    if not plan:
        return "no target can serve this call"
    if pick.sticky:
        return HOLDS[ask.step is Step.TOOL_RESULT]
    if plan[0] in (*ask.first, *terms.first):
        return PUT_FIRST_BY[plan[0] in ask.first]
    if terms.asked.named:
        return "asked for by name" if plan[0] == terms.asked.named else "the named one cannot serve"
    return ""


def _won(pick: Pick) -> str:
    """Return by what the first of the ranking won; it may stand last in the plan by a rule."""
    terms, best = pick.board.field.terms, pick.ranking[0][0]
    if pick.luck in LUCKY and best.target.id == pick.plan[0]:
        said = LUCKY[pick.luck]
        return said if pick.luck is Luck.STAYS else f"{said} for tier {terms.tier.name.lower()}"
    if pick.board.learnt:
        if best.target.id != pick.plan[0]:
            best = next(each for each, _ in pick.ranking if each.target.id == pick.plan[0])
        if best.chance is not None and best.chance.sure:
            return _by_chance(pick, best, best.chance.p)
    return f"{WON_BY[terms.strategy]} for tier {terms.tier.name.lower()}"


def _by_chance(pick: Pick, best: Candidate, chance: float) -> str:
    terms = pick.board.field.terms
    floor, won = terms.success_floor, WON_BY[terms.strategy]
    if floor is None:
        tier = terms.tier.name.lower()
        return f"{won} for tier {tier}, with a chance of {chance:.2f}"
    if not good_enough(best):
        return (
            f"likeliest with a chance of {chance:.2f}, where nobody reaches the floor of {floor:g}"
        )
    return f"{won} with a chance of {chance:.2f}, floor {floor:g}"

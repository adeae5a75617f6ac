"""Weigh the targets that may serve a call, order them, and pick whom to try."""

from itertools import pairwise

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.decision import Strategy
from switchgear.domain.odds import Odds
from switchgear.domain.situation import Situation
from switchgear.domain.target import Capability, Target
from switchgear.engine.choice import learnt_of, placed
from switchgear.engine.cost import expected_cost, expected_output, return_cost
from switchgear.engine.draw import (
    MANY,
    Drawn,
    Luck,
    cuts,
    drawn,
    put_first,
    share_by_parts,
    share_of,
)
from switchgear.engine.explore import Lot, lot_cuts, lot_drawn, lots_of
from switchgear.engine.features import CHARS_PER_TOKEN
from switchgear.engine.fit import Field, Strike, field_without_poor, strike_now
from switchgear.engine.order import Candidate, Ranking, ordered
from switchgear.engine.policy import Policy
from switchgear.engine.terms import Profile, Terms

NO_LOTS: tuple[Lot, ...] = ()
CERTAIN = 1.0
MONEYED = frozenset({Strategy.COST, Strategy.VALUE})
"""Strategies whose scores are money, so that what a prompt cache saves can be set against them."""


class Board(msgspec.Struct, frozen=True):
    """Those of one field who can serve a call, with their figures, and why each other cannot."""

    field: Field
    candidates: list[Candidate]
    struck: list[Strike | None]
    learnt: bool
    """What was learnt chooses."""


class Pick(msgspec.Struct, frozen=True):
    """What came of a board by one draw: who is how good, and who is to be tried."""

    board: Board
    ranking: Ranking
    luck: Luck
    share: float
    """How probable the first of the ranking was, over all draws."""
    plan: tuple[str, ...]
    sticky: bool
    settled: bool
    """Something that goes before all scores, and before the draw, put the first there."""


class Case(msgspec.Struct, frozen=True):
    """One call, with all that it is judged by."""

    ask: Ask
    policy: Policy
    profile: Profile
    situation: Situation
    odds: Odds
    spared: dict[str, Board] = {}
    """By whom it would be without that, the board without those who rest."""


def weigh(case: Case, field: Field) -> Board:
    """Return those of a field that can serve this call."""
    ask, terms, output = case.ask, field.terms, expected_output(case.ask)
    needed = _needed(ask, output)
    learnt = learnt_of(case.odds, terms, ask)
    plain = learnt is None and terms.cost_ceiling is None and terms.latency_ceiling is None
    plain = plain and terms.strategy is not Strategy.VALUE
    struck = list(field.strikes)
    candidates = []
    for each in field.contenders:
        out = strike_now(each, ask, needed) if needed > each.window or ask.unfit else None
        if out is not None:
            struck[each.number] = out
            continue
        cost, latency = expected_cost(each.target, ask, output), each.first + output * each.token
        if plain and not each.weak:
            candidates.append(
                Candidate(each.number, each.target, cost, latency, (), 0, each.load, each.known)
            )
            continue
        found = placed(each, terms, cost, latency, learnt)
        if isinstance(found, Candidate):
            candidates.append(found)
        else:
            struck[each.number] = found
    return Board(field, candidates, struck, learnt is not None)


def pick(case: Case, board: Board, draw: float) -> Pick:
    """Return whom to try by this draw.

    Those who rest on this route are spared, unless only the last resort is left then.
    """
    found = _pick(case, board, draw)
    if not board.field.poor or not found.plan:
        return found
    other = _pick(case, _without_poor(case, found), draw)
    terms = other.board.field.terms
    others = [name for name in other.plan if name in terms.first or name not in terms.last]
    return other if others else found


def propensity(case: Case, board: Board, chosen: Pick) -> float:
    """Return how probable it was that the first of the plan would be that, over all draws."""
    rests = bool(board.field.poor)
    if not chosen.plan or (chosen.settled and not rests):
        return CERTAIN
    if not rests and not (board.field.terms.last and chosen.share < CERTAIN):
        return chosen.share
    return _by_parts(case, board, chosen)


def _without_poor(case: Case, found: Pick) -> Board:
    winner = found.plan[0]
    board = case.spared.get(winner)
    if board is None:
        field = field_without_poor(case.policy, case.profile, case.situation, winner)
        board = case.spared[winner] = weigh(case, field)
    return board


def _pick(case: Case, board: Board, draw: float) -> Pick:
    ask, field, terms = case.ask, board.field, board.field.terms
    ranking = ordered(board.candidates, terms.strategy, draw)
    ranking, luck, share = _turned(case, board, ranking, draw)
    if field.replaced is not None:
        ranking = _stronger_first(ranking, field.replaced)
    plan, sticky, settled = _plan(ranking, ask, terms, case.policy.plan_length)
    return Pick(board, ranking, luck, share, plan, sticky, settled)


def _turned(case: Case, board: Board, ranking: Ranking, draw: float) -> Drawn:
    """Return the ranking with who goes on with the conversation first, or whom the draw picks."""
    terms = board.field.terms
    if case.ask.warm and not case.ask.held and board.field.replaced is None:
        place = _staying(ranking, case.ask, terms)
        if place is not None:
            return put_first(ranking, place), Luck.STAYS if place else Luck.NONE, CERTAIN
    lots = _lots(case, board, ranking) if board.learnt else NO_LOTS
    return _drawn(ranking, lots, terms, draw) if lots else drawn(ranking, terms.strategy, draw)


def _staying(ranking: Ranking, ask: Ask, terms: Terms) -> int | None:
    """Return the place of the target that goes on with its conversation; None where it need not.

    It does where nobody keeps more of the limits, unless a move gains more than reading the prompt
    anew once more would cost, at the dearer of the two: moves tend to be taken back. So it goes up
    as soon as it needs to, and down only where that pays.
    """
    if terms.strategy not in MONEYED:
        return None
    for place, (each, its) in enumerate(ranking):
        if each.target.id != ask.warm:
            continue
        best, score = ranking[0]
        if (each.rank, each.lead) != (best.rank, best.lead):
            return None
        anew = max(return_cost(each.target, ask), return_cost(best.target, ask))
        return place if its - score <= anew else None
    return None


def _lots(case: Case, board: Board, ranking: Ranking) -> tuple[Lot, ...]:
    """Return who may be tried in order to learn; nobody where another rests, or stands alone."""
    if not case.odds.rate or board.field.poor or case.policy.plan_length < MANY:
        return NO_LOTS
    if board.field.replaced is not None:
        return NO_LOTS
    return lots_of(case.ask, ranking, board.field.terms, case.odds)


def _drawn(ranking: Ranking, lots: tuple[Lot, ...], terms: Terms, draw: float) -> Drawn:
    """Return the ranking by what a draw leaves, after the lots, to the load of equals."""
    lot, left = lot_drawn(lots, draw)
    if lot is None:
        won, luck, share = drawn(ranking, terms.strategy, left)
    else:
        won, luck = put_first(ranking, lot.place), Luck.TRIED
        share = share_of(ranking, won[0][0])
    best = won[0][0]
    tried = sum([each.share for each in lots if ranking[each.place][0] is best])
    return won, luck, tried + (1.0 - sum([each.share for each in lots])) * share


def _by_parts(case: Case, board: Board, chosen: Pick) -> float:
    edges = _cuts(case, board)
    if board.field.poor:
        found = sorted({0.0, 1.0, *edges})
        for low, high in pairwise(found):
            first = _pick(case, board, (low + high) / 2)
            edges = [*edges, *_cuts(case, _without_poor(case, first))]
    return share_by_parts(lambda draw: pick(case, board, draw).plan[0], edges, chosen.plan[0])


def _cuts(case: Case, board: Board) -> list[float]:
    strategy = board.field.terms.strategy
    ranking = ordered(board.candidates, strategy, 0.0)
    lots = _lots(case, board, ranking) if board.learnt else NO_LOTS
    return lot_cuts(lots, cuts(ranking, strategy))


def _stronger_first(ranking: Ranking, than: Target) -> Ranking:
    """Put those before the others that may do what ``than`` failed to."""
    return sorted(
        ranking,
        key=lambda each: (
            each[0].target.tier <= than.tier and each[0].target.quality <= than.quality
        ),
    )


def _needed(ask: Ask, output: int) -> int:
    """Return the tokens that must fit a target's window.

    Each text that vectors are wanted of must fit it for itself; the last one is the longest.
    """
    if Capability.EMBEDDINGS in ask.needs:
        return int(ask.shape.last_chars / CHARS_PER_TOKEN)
    return ask.input_tokens + (output if ask.max_output is None else ask.max_output)


def _plan(
    ranking: Ranking, ask: Ask, terms: Terms, length: int
) -> tuple[tuple[str, ...], bool, bool]:
    """Return the targets to try: the rule's first, the loop's holder, the best, then the last.

    And whether the holder comes first, and whether no score had a say in who does.
    """
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
    settled = sticky or bool(first or terms.asked.named or not middle)
    return (*first, *middle[:length], *last), sticky and not first, settled

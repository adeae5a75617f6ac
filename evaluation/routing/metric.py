"""What is measured of a router: small pure functions, each of a definition that others use, too."""

from collections.abc import Sequence
from itertools import accumulate, groupby, pairwise

DECILES = 10
TINY = 1e-9
BINS = 15
"""Of equal width, for calibration, as Guo et al. have them."""

Point = tuple[float, float]
"""What it costs, and how often it is right."""


def path(scores: Sequence[float], weak: Sequence[float], strong: Sequence[float]) -> list[float]:
    """Return the accuracy when none, one, two … all prompts go to the strong one, best score first.

    Of prompts with equal scores nobody can say which go first: their mean gain stands for each.
    """
    count = len(scores)
    order = sorted(range(count), key=scores.__getitem__, reverse=True)
    gains: list[float] = []
    for _, group in groupby(order, key=scores.__getitem__):
        members = list(group)
        gain = sum(strong[each] - weak[each] for each in members) / len(members)
        gains += [gain] * len(members)
    return [each / count for each in accumulate(gains, initial=sum(weak))]


def apgr(scores: Sequence[float], weak: Sequence[float], strong: Sequence[float]) -> float:
    """Return the share of the gap between weak and strong that is closed, over all shares sent up.

    Eleven operating points at the deciles of the score; 0.5 is what chance gives.
    Source: RouteLLM, arXiv 2406.18665.
    """
    line = path(scores, weak, strong)
    least, most = line[0], line[-1]
    points = [at(line, place / DECILES) for place in range(DECILES + 1)]
    area = sum(one + other for one, other in pairwise(points)) / 2 / DECILES
    return (area - least) / (most - least) if abs(most - least) > TINY else 0.5


def at(line: Sequence[float], share: float) -> float:
    """Return the accuracy with this share sent to the strong one."""
    place = share * (len(line) - 1)
    below = min(int(place), len(line) - 2)
    return line[below] + (place - below) * (line[below + 1] - line[below])


def cpt(
    scores: Sequence[float], weak: Sequence[float], strong: Sequence[float], part: float
) -> float:
    """Return the share of strong calls at which so much of the gap is closed."""
    line = path(scores, weak, strong)
    wanted = line[0] + part * (line[-1] - line[0])
    for place, (one, other) in enumerate(pairwise(line)):
        if other >= wanted:
            inside = (wanted - one) / (other - one) if other > one else 0.0
            return (place + max(0.0, inside)) / (len(line) - 1)
    return 1.0


def hull(points: Sequence[Point]) -> list[Point]:
    """Return the cheapest ways to be so good, by mixing: concave, and rising with the cost."""
    best: list[Point] = []
    for cost, right in sorted(points, key=lambda each: (each[0], -each[1])):
        if best and right <= best[-1][1]:
            continue
        while len(best) > 1 and _flatter(best[-2], best[-1], (cost, right)):
            best.pop()
        best.append((cost, right))
    return best


def _flatter(one: Point, middle: Point, last: Point) -> bool:
    """Whether the middle one is on or below the line between its neighbours."""
    rise = (middle[1] - one[1]) * (last[0] - one[0])
    return rise <= (last[1] - one[1]) * (middle[0] - one[0])


def cost_at(points: Sequence[Point], right: float) -> float | None:
    """Return what it costs at least to be right so often, mixing allowed; None if it cannot be."""
    best = hull(points)
    if not best or right > best[-1][1]:
        return None
    if right <= best[0][1]:
        return best[0][0]
    for one, other in pairwise(best):
        if right <= other[1]:
            return one[0] + (right - one[1]) / (other[1] - one[1]) * (other[0] - one[0])
    return None


def right_at(points: Sequence[Point], cost: float) -> float:
    """Return how often it can be right for so much, mixing allowed; 0 below the cheapest."""
    best = hull(points)
    if not best or cost < best[0][0]:
        return 0.0
    for one, other in pairwise(best):
        if cost <= other[0]:
            return one[1] + (cost - one[0]) / (other[0] - one[0]) * (other[1] - one[1])
    return best[-1][1]


def aiq(points: Sequence[Point], dearest: float) -> float:
    """Return the mean quality over all budgets up to the dearest that is compared.

    Source: RouterBench, arXiv 2403.12031: the area under the hull, flat beyond its end, over that
    cost.
    """
    best = [each for each in hull(points) if each[0] <= dearest]
    if not best or dearest <= 0:
        return 0.0
    area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(best))
    return (area + (dearest - best[-1][0]) * best[-1][1]) / dearest


def bins(chances: Sequence[float], rights: Sequence[float]) -> list[tuple[int, float, float]]:
    """Return of each bin of chances how many there are, what was said, and what came."""
    found = [[0, 0.0, 0.0] for _ in range(BINS)]
    for chance, right in zip(chances, rights, strict=True):
        each = found[min(BINS - 1, int(chance * BINS))]
        each[0] += 1
        each[1] += chance
        each[2] += right
    return [(int(n), said / n, came / n) for n, said, came in found if n]


def ece(chances: Sequence[float], rights: Sequence[float]) -> float:
    """Return by how much what was said is off what came, on average over the bins."""
    found = bins(chances, rights)
    return sum(n * abs(said - came) for n, said, came in found) / len(chances)


def brier(chances: Sequence[float], rights: Sequence[float]) -> float:
    """Return the mean squared distance between what was said and what came."""
    return sum((p - y) ** 2 for p, y in zip(chances, rights, strict=True)) / len(chances)


def skill(chances: Sequence[float], rights: Sequence[float], base: Sequence[float]) -> float:
    """Return how much of the base rate's Brier score is gone; 0 for no better than that."""
    before = brier(base, rights)
    return 1 - brier(chances, rights) / before if before else 0.0

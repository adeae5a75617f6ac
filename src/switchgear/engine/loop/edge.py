"""Looks for agents that hand a task back and forth, and for requests that were refused."""

from collections import Counter

from switchgear.engine.loop.move import Kind
from switchgear.engine.loop.repetition import Finding
from switchgear.engine.loop.scene import Scene, times
from switchgear.engine.loop.tolerance import Tolerance

Edge = tuple[str, str]
FRUITFUL = 2
"""So many times more hand-offs are borne where something new was found between them; where they
are only noticed, as another agent goes on, any number: that is how teams work."""


def ping_pong(scene: Scene, tolerance: Tolerance) -> Finding | None:
    """Find hand-offs that lead nowhere; what was given as their reason does not count."""
    edges: list[Edge] = []
    idle = 0
    fruitful = noticed = False
    newest = 0
    for move in reversed(scene.ring.moves):
        if move.kind is Kind.HUMAN and move.new:
            break
        if move.kind is Kind.HANDOFF:
            newest = newest or move.turn
            edges.append((move.giver, move.to))
            idle += not fruitful
            noticed = noticed or not move.mark
        fruitful = fruitful or move.new or move.telling
    if not edges or newest < scene.now - 1:
        return None
    evidence = _told(edges[:idle], tolerance, 1)
    if not evidence and not noticed:
        evidence = _told(edges, tolerance, FRUITFUL)
    return (evidence, f"{scene.now}:{len(edges)}") if evidence else None


def _told(edges: list[Edge], tolerance: Tolerance, factor: int) -> str:
    """Return what is wrong with hand-offs, newest first; empty if nothing is."""
    if not edges:
        return ""
    there, back = edges[0], edges[0][::-1]
    turned = 0
    while turned < len(edges) and edges[turned] == (back if turned % 2 else there):
        turned += 1
    if there != back and turned >= 2 * tolerance.periods * factor:
        return f"{_name(back[0])} and {_name(back[1])} handed over to each other {times(turned)}"
    (giver, taker), count = Counter(edges).most_common(1)[0]
    if count >= tolerance.edges * factor and edges[0] == (giver, taker):
        return f"{_name(giver)} handed over to {_name(taker)} {times(count)}"
    depth = _depth(edges)
    return f"hand-offs {depth} deep" if depth > tolerance.depth * factor else ""


def _depth(edges: list[Edge]) -> int:
    """Return how many agents wait for others, whoever was handed back to waiting no more."""
    chain: list[str] = []
    for giver, taker in reversed(edges):
        if not chain or chain[-1] != giver:
            chain.append(giver)
        if taker in chain:
            del chain[chain.index(taker) + 1 :]
        else:
            chain.append(taker)
    return len(chain) - 1


def _name(agent: str) -> str:
    return agent or "the first agent"


def futile_retry(scene: Scene, _tolerance: Tolerance) -> Finding | None:
    """Find a request that we had refused for good, and that comes again as it was."""
    last = scene.ring.moves[-1]
    if last.kind is not Kind.RETRY:
        return None
    moves = scene.ring.moves
    count = sum([move.kind is Kind.RETRY and move.result == last.result for move in moves])
    return (
        f"the same request came again {times(count)} after it was refused",
        f"{last.result.hex()}:{scene.ring.total}",
    )

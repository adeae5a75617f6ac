"""Looks for work that comes to nothing: errors, results without news, input that only grows."""

from math import log

from switchgear.engine.loop.move import Kind, Move
from switchgear.engine.loop.repetition import Finding
from switchgear.engine.loop.scene import Scene, is_writing, times
from switchgear.engine.loop.tolerance import Tolerance

LEAST_GROWN = 4_000
"""Characters below which an input grows fourfold by a few words."""


def same_error(scene: Scene, tolerance: Tolerance) -> Finding | None:
    """Find one error of one tool again and again, or nothing but errors; one in each turn."""
    failed = [call for call in scene.newest() if call.error]
    for call in failed:
        outcomes = _outcomes(scene, call.tool)[-tolerance.error_span :]
        count = sum([error == call.error for _, error in outcomes])
        if count >= tolerance.errors:
            within = f"in its last {len(outcomes)} calls"
            evidence = f"{call.tool or 'a tool'} failed with the same error {times(count)} {within}"
            return evidence, f"{call.error.hex()}:{scene.now}"
    if not failed or len(scene.calls) < tolerance.error_streak:
        return None
    streak = 0
    for turn in reversed(scene.turns()):
        if not all(call.error for call in turn):
            break
        streak += 1
    if streak < tolerance.error_streak:
        return None
    return f"every tool call failed in {streak} turns in a row", f"streak:{scene.now}"


def _outcomes(scene: Scene, tool: str) -> list[tuple[int, bytes]]:
    """Return turn and error of a tool's calls; an error once in each turn."""
    outcomes = [(call.turn, call.error or call.id) for call in scene.calls if call.tool == tool]
    return list(dict.fromkeys(outcomes))


def no_new_information(scene: Scene, tolerance: Tolerance) -> Finding | None:
    """Find results in a row that are empty or known, while nothing is written."""
    if len(scene.calls) < tolerance.stale or scene.calls[-1].turn != scene.now:
        return None
    stale: dict[tuple[int, bytes], Move] = {}
    for call in reversed(scene.calls):
        if call.new or is_writing(call):
            break
        stale[call.turn, call.ask] = call
    if len(stale) < tolerance.stale:
        return None
    return (
        f"{len(stale)} results in a row were empty or known already, and nothing was written",
        str(scene.now),
    )


def growth(scene: Scene, tolerance: Tolerance) -> Finding | None:
    """Find an input that grows without anything new, or is cut and read again."""
    return _grown(scene, tolerance) or _reread(scene, tolerance)


def _grown(scene: Scene, tolerance: Tolerance) -> Finding | None:
    since = next((move for move in reversed(scene.ring.moves) if move.new), None)
    last = scene.mine[-1] if scene.mine else None
    if since is None or last is None or since.agent != last.agent:
        return None
    before = max(since.chars, LEAST_GROWN)
    if last.chars <= tolerance.growth * before:
        return None
    rate = last.chars / before
    return (
        f"the input grew {rate:.1f} times longer since the last new result",
        f"{since.turn}:{int(log(rate, max(tolerance.growth, 1.1)))}",
    )


def _reread(scene: Scene, tolerance: Tolerance) -> Finding | None:
    asked: set[bytes] = set()
    before: set[bytes] = set()
    cuts, turn, counted = 0, 0, True
    for move in scene.ring.moves:
        if move.kind is Kind.CUT:
            before, counted = set(asked), False
        elif move.kind is Kind.CALL:
            if not counted and move.ask in before:
                cuts, turn, counted = cuts + 1, move.turn, True
            asked.add(move.ask)
    if cuts < tolerance.cuts:
        return None
    return f"the client cut its history {times(cuts)} and read again what it had", f"cut:{turn}"

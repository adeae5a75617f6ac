"""Looks for the same calls again: one of them, or a few in turn."""

from switchgear.engine.loop.move import Move
from switchgear.engine.loop.scene import Scene, is_polling, times
from switchgear.engine.loop.tolerance import Tolerance

Finding = tuple[str, str]
"""Evidence in words, and what makes the occurrence another one than the last."""

SAME = "the same arguments and the same result"
MOST_NAMED = 6
"""Tools that evidence names."""


def exact_repeat(scene: Scene, tolerance: Tolerance) -> Finding | None:
    """Find a call with the same tool, arguments and result as several before; one in each turn."""
    for call in scene.newest():
        turns = _same(call, scene, tolerance.span)
        limit = tolerance.repeats
        if len(turns) >= limit and is_polling(call, tolerance.poll_tools):
            limit = tolerance.poll_repeats
        if len(turns) >= limit:
            within = scene.now - min(turns) + 1
            how_often = f"{times(len(turns))} in {within} turns"
            evidence = f"{call.tool or 'a tool'} with {SAME} {how_often}"
            return evidence, f"{call.ask.hex()}:{scene.now}"
    return None


def _same(call: Move, scene: Scene, span: int) -> set[int]:
    """Return the turns with the same call, back to where its result was another one."""
    turns: set[int] = set()
    for each in reversed(scene.calls):
        if each.turn <= scene.now - span:
            break
        if each.ask == call.ask:
            if each.result != call.result:
                break
            turns.add(each.turn)
    return turns


def cycle(scene: Scene, tolerance: Tolerance) -> Finding | None:
    """Find turns that come again in the same order, with the same calls and results."""
    if not _comes_again(scene, tolerance.periods):
        return None
    turns = scene.turns()
    items = [frozenset([(call.ask, call.result) for call in turn]) for turn in turns]
    for period in range(tolerance.shortest, tolerance.longest + 1):
        found = _periods(items, period)
        if found < tolerance.periods or len(set(items[-period:])) == 1:
            continue
        calls = [call for turn in turns[-period:] for call in turn]
        if found < tolerance.poll_repeats and any(
            is_polling(call, tolerance.poll_tools) for call in calls
        ):
            continue
        evidence = f"{_names(calls)} in the same order {times(found)}, with {SAME}"
        return evidence, f"{period}:{calls[0].ask.hex()}:{scene.now}"
    return None


def _comes_again(scene: Scene, periods: int) -> bool:
    """Whether the newest call was made often enough for a cycle; it takes little time to tell."""
    if len(scene.calls) <= periods or scene.calls[-1].turn != scene.now:
        return False
    ask = scene.calls[-1].ask
    return sum([call.ask == ask for call in scene.calls]) >= periods


def _periods(items: list[frozenset[tuple[bytes, bytes]]], period: int) -> int:
    """Return how many times the last few items stand at the end, one after the other."""
    same = 0
    last = len(items) - 1
    while same + period <= last and items[last - same] == items[last - same - period]:
        same += 1
    return same // period + 1


def _names(calls: list[Move]) -> str:
    names = list(dict.fromkeys([call.tool or "a tool" for call in calls]))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more

"""Looks for an assistant that says the same, or nearly the same, again."""

from switchgear.engine.loop.gist import likeness
from switchgear.engine.loop.move import Kind, Move
from switchgear.engine.loop.repetition import Finding
from switchgear.engine.loop.scene import Scene, times
from switchgear.engine.loop.tolerance import Tolerance


def repeated_text(scene: Scene, tolerance: Tolerance) -> Finding | None:
    """Find the same text again, and no new result between."""
    texts = _texts(scene)
    same = {text.turn for text in texts if text.result == texts[0].result}
    if len(same) < tolerance.echoes:
        return None
    return (
        f"the assistant said the same {times(len(same))} without a new result between",
        f"{texts[0].result.hex()}:{scene.now}",
    )


def near_text(scene: Scene, tolerance: Tolerance) -> Finding | None:
    """Find nearly the same text several turns in a row, and no new result between."""
    texts = _texts(scene)[: tolerance.echoes]
    if len(texts) < tolerance.echoes or len({text.result for text in texts}) == 1:
        return None
    for text in texts[1:]:
        same = text.result == texts[0].result
        if not same and likeness(text.gist, texts[0].gist) < tolerance.likeness:
            return None
    return (
        f"the assistant said nearly the same {times(len(texts))} without a new result between",
        str(scene.now),
    )


def _texts(scene: Scene) -> list[Move]:
    """Return what was said since the last new result, newest first; none unless just now."""
    texts: list[Move] = []
    for move in reversed(scene.ring.moves):
        if move.agent != scene.agent:
            if _is_news(move, scene):
                break
        elif move.new:
            break
        elif move.kind is Kind.TEXT:
            texts.append(move)
    return texts if texts and texts[0].turn == scene.now else []


def _is_news(move: Move, scene: Scene) -> bool:
    """Whether another agent said something that it did not say before or after."""
    if move.kind is not Kind.TEXT:
        return False
    return sum([each.result == move.result for each in scene.ring.moves]) == 1

"""Looks for loops in what a task did of late."""

from collections.abc import Callable

from switchgear.engine.loop import signal
from switchgear.engine.loop.edge import futile_retry, ping_pong
from switchgear.engine.loop.repetition import Finding, cycle, exact_repeat
from switchgear.engine.loop.ring import Ring
from switchgear.engine.loop.scene import Scene, scene_of
from switchgear.engine.loop.signal import Signal
from switchgear.engine.loop.speech import near_text, repeated_text
from switchgear.engine.loop.stall import growth, no_new_information, same_error
from switchgear.engine.loop.tolerance import Tolerance

LONGEST_EVIDENCE = 240

DETECTORS: tuple[tuple[str, Callable[[Scene, Tolerance], Finding | None]], ...] = (
    (signal.EXACT_REPEAT, exact_repeat),
    (signal.CYCLE, cycle),
    (signal.SAME_ERROR, same_error),
    (signal.PING_PONG, ping_pong),
    (signal.FUTILE_RETRY, futile_retry),
    (signal.REPEATED_TEXT, repeated_text),
    (signal.NO_NEW_INFORMATION, no_new_information),
    (signal.NEAR_TEXT, near_text),
    (signal.GROWTH, growth),
)
"""In the order in which they are told."""


def detect(ring: Ring, tolerance: Tolerance) -> tuple[Signal, ...]:
    """Return the signals that the newest moves give; what is long past gives none.

    As long as the ring stays the same, so do they.
    """
    if len(ring.moves) < 2:  # noqa: PLR2004  (one alone repeats nothing)
        return ()
    scene = scene_of(ring)
    found = []
    for code, detector in DETECTORS:
        if code in tolerance.watched:
            finding = detector(scene, tolerance)
            if finding:
                found.append(_signal(code, finding, tolerance))
    return tuple(found)


def _signal(code: str, finding: Finding, tolerance: Tolerance) -> Signal:
    evidence, mark = finding
    return Signal(
        code=code,
        act=code in tolerance.acting,
        evidence=evidence[:LONGEST_EVIDENCE],
        occurrence=f"{code}:{mark}",
    )

"""See that a target no longer does as it did, by how far its answers are from what was foreseen."""

import msgspec

ALARM = 10.0
SLACK = 0.15


class Watch(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What one cell's residuals came to: a two-sided Page-Hinkley test."""

    up: float = 0.0
    down: float = 0.0
    seen: float = 0.0


def watched(state: Watch, residual: float) -> tuple[Watch, bool]:
    """Return the state after one more residual (good minus foreseen), and whether it changed."""
    up = max(0.0, state.up + residual - SLACK)
    down = max(0.0, state.down - residual - SLACK)
    if max(up, down) > ALARM:
        return Watch(), True
    return Watch(up, down, state.seen + 1.0), False

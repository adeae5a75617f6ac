"""How a task stands with its caps, as values for JSON."""

from collections.abc import Mapping
from typing import Any

from switchgear.domain.task import Caps, Task
from switchgear.domain.units import NANO_PER_USD
from switchgear.engine.cap import is_open
from switchgear.pipeline.task.bursar import Usage

COUNTED = (("steps", "steps", "calls", 1), ("tokens", "tokens", "tokens", 1))
MONEY = ("usd", "money", "money", NANO_PER_USD)


def told_usage(usage: Usage, children: tuple[Task, ...]) -> tuple[Mapping[str, object], ...]:
    """Return one value for each cap that there is."""
    caps = usage.caps
    found: list[Mapping[str, object]] = []
    for said, name, counted, unit in (*COUNTED, MONEY):
        most = getattr(caps, name)
        if most is not None:
            amounts = {
                what: _per(getattr(getattr(usage, what), counted), unit)
                for what in ("spent", "held", "promised", "left")
            }
            found.append({"cap": said, "most": _per(most, unit), **amounts})
    found += _bounds(caps, sum(is_open(each) for each in children))
    if usage.due is not None:
        found.append({"cap": "wall_s", "most": caps.wall, "ends": usage.due})
    return tuple(found)


def _bounds(caps: Caps, opened: int) -> list[Mapping[str, object]]:
    found: list[Mapping[str, object]] = []
    if caps.depth is not None:
        found.append({"cap": "depth", "most": caps.depth})
    if caps.fan_out is not None:
        left = max(0, caps.fan_out - opened)
        found.append({"cap": "fan_out", "most": caps.fan_out, "open": opened, "left": left})
    return found


def _per(value: Any, unit: int) -> object:  # noqa: ANN401  (a count of any kind, or none)
    return value / unit if unit > 1 and value is not None else value

"""Which target handed out which tool call, so that a tool loop stays where it began."""

from collections import OrderedDict
from collections.abc import Iterable

MOST_HELD = 50_000
"""Tool calls remembered; the oldest is forgotten first. About 10 MB."""


class Holds:
    """The targets of recent tool calls. Each key has its own: ids of strangers never meet."""

    def __init__(self, most: int = MOST_HELD) -> None:
        """Start with nothing held."""
        self._most = most
        self._targets: OrderedDict[tuple[str, str], str] = OrderedDict()

    def keep(self, key: str, tool_call: str, target: str) -> None:
        """Remember who handed out ``tool_call``."""
        if len(self._targets) >= self._most:
            self._targets.popitem(last=False)
        self._targets[key, tool_call] = target

    def find(self, key: str, tool_calls: Iterable[str]) -> str:
        """Return the target of the first of these calls that is remembered; empty when none is."""
        for tool_call in tool_calls:
            target = self._targets.get((key, tool_call))
            if target is not None:
                return target
        return ""

"""What the scripted model does in one answer: say something, or use tools."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec


class Say(msgspec.Struct, frozen=True):
    """Words."""

    text: str
    last: bool = False
    """It is the answer to the task."""


class Use(msgspec.Struct, frozen=True):
    """A tool, and what it is given."""

    tool: str
    arguments: dict[str, Any]


Wish = Say | Use
Tools = dict[str, str]
"""The names that an agent has for the tools of a task."""


def named(offered: Sequence[str], wanted: Sequence[str]) -> Tools | None:
    """Return what the wanted tools are called among those offered; None if one is missing."""
    found = {word: _one(offered, word) for word in wanted}
    return {word: name for word, name in found.items() if name} if all(found.values()) else None


def _one(offered: Sequence[str], word: str) -> str:
    form = re.compile(rf"(^|[._-]){word}$", re.IGNORECASE)
    return next((name for name in offered if form.search(name)), "")

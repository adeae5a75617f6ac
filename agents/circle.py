"""The task without an end: whatever it is told, the model looks there once more."""

from collections.abc import Sequence

from agents.transcript import Ran
from agents.wish import Tools, Use, Wish, named

NAME = "circle"
WANTED = ("look",)


def find(offered: Sequence[str]) -> Tools | None:
    """Return the tool's name, if it is offered."""
    return named(offered, WANTED)


def act(tools: Tools, done: Sequence[Ran]) -> tuple[int, list[Wish]]:
    """Return the number of the step, and what is done in it: the same as ever."""
    return len(done) + 1, [Use(tools["look"], {"at": "shelf 7"})]

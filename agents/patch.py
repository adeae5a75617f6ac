"""The task of Codex, done with its own tools: join two files into a third."""

from collections.abc import Sequence

from agents.transcript import Lost, Ran
from agents.wish import Say, Tools, Use, Wish, named

NAME = "patch"
WANTED = ("exec_command",)
PROMPT = "Join left.txt and right.txt into joined.txt, and tell me what it says."
TURNS = 4
FILE = "joined.txt"
BEFORE = "Output:\n"
"""Stands before what a command printed."""


def find(offered: Sequence[str]) -> Tools | None:
    """Return the tools' names, if all are offered."""
    return named(offered, WANTED)


def act(tools: Tools, done: Sequence[Ran]) -> tuple[int, list[Wish]]:
    """Return the number of the step, and what is done in it.

    Raises:
        Lost: results are missing, or not what the tools gave.
    """
    shell = tools["exec_command"]
    match len(done):
        case 0:
            files = [Use(shell, {"cmd": f"cat {name}.txt"}) for name in ("left", "right")]
            return 1, [Say("I shall look. "), *files]
        case 2:
            left, right = (_printed(run) for run in done)
            words = f"*** Begin Patch\n*** Add File: {FILE}\n+{left}\n+{right}\n*** End Patch\n"
            return 2, [Use(shell, {"cmd": f"apply_patch <<'EOF'\n{words}EOF"})]
        case 3:
            return 3, [Use(shell, {"cmd": f"cat {FILE}"})]
        case 4:
            told = " + ".join(_printed(done[3]).split("\n"))
            return 4, [Say(f"It says: {told}", last=True)]
    raise Lost(f"there are {len(done)} results")


def _printed(run: Ran) -> str:
    _, found, text = run.text.partition(BEFORE)
    if not found:
        raise Lost(f"a command came back with {run.text[:300]!r}")
    return text.strip()

"""The task of Claude Code, done with its own tools: join two files into a third."""

import re
from collections.abc import Sequence

from agents.transcript import Lost, Ran
from agents.wish import Say, Tools, Use, Wish, named

NAME = "desk"
WANTED = ("Bash", "Read", "Write")
PROMPT = "Join left.txt and right.txt into joined.txt, and tell me what it says."
TURNS = 4
FILE = "joined.txt"
LINE = re.compile(r"^\s*\d+[→\t](.*)$", re.MULTILINE)
"""A line as Read numbers it."""


def find(offered: Sequence[str]) -> Tools | None:
    """Return the tools' names, if all are offered."""
    return named(offered, WANTED)


def act(tools: Tools, done: Sequence[Ran]) -> tuple[int, list[Wish]]:
    """Return the number of the step, and what is done in it.

    Raises:
        Lost: results are missing, or not what the tools gave.
    """
    failed = [run for run in done if run.failed]
    if failed:
        raise Lost(f"{failed[0].name} failed: {failed[0].text[:300]}")
    match [run.name for run in done]:
        case []:
            return 1, [Say("I shall look. "), *(_look(tools, name) for name in ("left", "right"))]
        case [_, _]:
            left, right = (run.text.strip() for run in done)
            folder, _, first = left.partition("\n")
            words = {"file_path": f"{folder}/{FILE}", "content": f"{first}\n{_last(right)}\n"}
            return 2, [Use(tools["Write"], words)]
        case [_, _, _]:
            return 3, [Use(tools["Read"], {"file_path": done[2].arguments["file_path"]})]
        case _:
            return 4, [Say("It says: " + " + ".join(LINE.findall(done[3].text)), last=True)]


def _look(tools: Tools, name: str) -> Use:
    words = {"command": f"pwd; cat {name}.txt", "description": f"Show {name}.txt"}
    return Use(tools["Bash"], words)


def _last(text: str) -> str:
    return text.partition("\n")[2]

"""The lines that a page of the guide gives its readers, as they are run."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[1] / "docs" / "guide" / "agents"
ADDRESS = "127.0.0.1:8790"
"""The gateway's address on the pages."""
BLOCK = re.compile(r"<!-- runs: (?P<name>[\w.-]+) -->\n+```\w+\n(?P<lines>.*?)```", re.DOTALL)


def recipes(page: str) -> dict[str, str]:
    """Return the marked blocks of a page, by name.

    Raises:
        KeyError: there is no such page.
    """
    file = GUIDE / f"{page}.md"
    if not file.exists():
        raise KeyError(page)
    found = [(hit["name"], hit["lines"]) for hit in BLOCK.finditer(file.read_text("utf-8"))]
    return dict(found)


def at(lines: str, port: int) -> str:
    """Return the lines for a gateway that listens elsewhere."""
    return lines.replace(ADDRESS, f"127.0.0.1:{port}")

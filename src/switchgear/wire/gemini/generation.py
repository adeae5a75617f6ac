"""What a Gemini model takes, told from its name.

Models before 2.5 do not think; those of 2.5 think by a token budget; later ones by a level, and
only they check signatures, take media in the result of a tool, and answer in JSON beside tools.
A name without a number, such as ``gemini-flash-latest``, is taken for the newest.

Source: the API's pages "Thinking", "Thought signatures" and "Function calling"; checked in 2026.
"""

import re

import msgspec

NUMBER = re.compile(r"gemini-(\d+)(?:[.](\d+))?")
BUDGETS = {"minimal": 1024, "low": 1024, "medium": 8192, "high": 24_576}
"""Effort as tokens to think with, as Google's OpenAI-compatible endpoint has it."""
LEVELS = {"minimal": "minimal", "low": "low", "medium": "medium", "high": "high"}
FLASH, LITE, PRO = (0, 24_576), (512, 24_576), (128, 32_768)
"""The least and the most tokens that a model of 2.5 thinks with, when it thinks."""


class Generation(msgspec.Struct, frozen=True):
    """The abilities that differ."""

    newest: bool = False
    """It checks signatures, takes media in tools' results, and gives JSON beside tools."""
    levels: dict[str, str] | None = None
    """Effort as the level that it knows; None where it thinks by a budget, or not at all."""
    budget: tuple[int, int] | None = None
    """The least and the most tokens to think with."""
    stops: bool = False
    """Its thinking can be switched off."""


NO_THINKER = Generation(stops=True)


def generation(model: str) -> Generation:
    """Return what the model of this name takes."""
    name = model.rpartition("/")[2].lower()
    if "gemma" in name:
        return NO_THINKER
    if "gemini" not in name:
        return Generation(budget=FLASH, stops=True)
    found = NUMBER.search(name)
    number = (int(found[1]), int(found[2] or 0)) if found else (3, 0)
    if number >= (3, 0):
        return _newest(name)
    return _second(name) if number >= (2, 5) else NO_THINKER


def _newest(name: str) -> Generation:
    if "pro" not in name:
        return Generation(newest=True, levels=LEVELS, budget=FLASH)
    levels = LEVELS | {"minimal": "low"}
    if "gemini-3-pro" in name:
        levels |= {"medium": "high"}
    return Generation(newest=True, levels=levels, budget=PRO)


def _second(name: str) -> Generation:
    if "pro" in name:
        return Generation(budget=PRO)
    return Generation(budget=LITE if "lite" in name else FLASH, stops=True)

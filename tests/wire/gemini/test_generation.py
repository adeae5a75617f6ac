"""What a model takes is told from its name."""

import pytest

from switchgear.wire.gemini.generation import generation


@pytest.mark.parametrize(
    ("model", "newest", "level", "budget", "stops"),
    [
        ("gemini-3-pro-preview", True, "high", (128, 32_768), False),
        ("gemini-3.1-pro", True, "medium", (128, 32_768), False),
        ("gemini-3-flash", True, "medium", (0, 24_576), False),
        ("gemini-flash-latest", True, "medium", (0, 24_576), False),
        ("models/gemini-4-flash", True, "medium", (0, 24_576), False),
        ("gemini-2.5-pro", False, None, (128, 32_768), False),
        ("gemini-2.5-flash", False, None, (0, 24_576), True),
        ("gemini-2.5-flash-lite", False, None, (512, 24_576), True),
        ("gemini-2.0-flash", False, None, None, True),
        ("gemini-1.5-pro", False, None, None, True),
        ("gemma-3-27b-it", False, None, None, True),
        ("tuned-by-us", False, None, (0, 24_576), True),
    ],
)
def test_each_generation_thinks_in_its_own_way(
    model: str,
    newest: bool,  # noqa: FBT001 - a table
    level: str | None,
    budget: object,
    stops: bool,  # noqa: FBT001 - a table
) -> None:
    found = generation(model)
    assert (found.newest, found.budget, found.stops) == (newest, budget, stops)
    assert (found.levels and found.levels["medium"]) == level

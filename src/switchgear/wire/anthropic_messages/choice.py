"""``tool_choice`` as the Messages API has it."""

from typing import Any

from switchgear.domain.turn import Choice, ToolChoice

CHOICES = {Choice.AUTO: "auto", Choice.REQUIRED: "any", Choice.NAMED: "tool", Choice.NONE: "none"}


def write_choice(wanted: ToolChoice) -> dict[str, Any]:
    """Return the field's value."""
    written: dict[str, Any] = {"type": CHOICES[wanted.choice]}
    if wanted.choice is Choice.NAMED:
        written["name"] = wanted.name
    if wanted.parallel is not None and wanted.choice is not Choice.NONE:
        written["disable_parallel_tool_use"] = not wanted.parallel
    return written

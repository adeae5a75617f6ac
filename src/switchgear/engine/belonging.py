"""Say in words which task a call belongs to, and how that is known."""

import msgspec

from switchgear.domain.entry import Entry
from switchgear.domain.task import SURE

SOURCES = {
    "tool_call": "it has the result of a tool call that was handed out in it",
    "prefix": "it goes on from an answer that was given in it",
    "again": "the same call had been refused shortly before",
    "new": "nothing told, so it began with this call",
}
"""What it was inferred from; every other source is a header or a field that the caller sent."""


class Belonging(msgspec.Struct, frozen=True, kw_only=True):
    """The task of one call."""

    task: str
    """Its id."""
    name: str = ""
    """What the caller calls it."""
    source: str = ""
    """What told."""
    confidence: float = 0.0
    step: int = 0
    """Which of its calls this was, from 1; 0 for one that counts as none."""
    parent: str = ""
    """Id of the task that it is part of."""
    sentence: str


def belonging(entry: Entry) -> Belonging | None:
    """Say which task a call belongs to; None where that is not known."""
    if not entry.task:
        return None
    return Belonging(
        task=entry.task,
        name=entry.task_name,
        source=entry.task_source,
        confidence=entry.task_confidence,
        step=entry.step,
        parent=entry.parent_task,
        sentence=_sentence(entry),
    )


def _sentence(entry: Entry) -> str:
    if not entry.task_source:
        return "It is not kept how that was known."
    told = SOURCES.get(entry.task_source, f"its caller said so by {entry.task_source}")
    doubt = "" if entry.task_confidence >= SURE else ", too unsure to stop a call by"
    return f"{told[0].upper()}{told[1:]} ({entry.task_confidence:.2f}{doubt})."

"""Say in words what was done about a call whose task goes in circles."""

import msgspec

from switchgear.domain.entry import Entry

SENTENCES = {
    "observe": "It was only written down",
    "nudge": "The target was told at the call's end what was seen, and to do otherwise",
    "escalate": "The target was told so, and a stronger one was tried first",
    "restrict": "Tools were switched off, and the target was asked for its best final answer",
    "pause": "The task was paused: its calls are refused until somebody resumes it",
    "stop": "The task was stopped: its calls are refused",
}
"""What each rung does."""


class Looped(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen, and what was done."""

    rung: str
    signals: tuple[str, ...]
    """Codes of what was seen."""
    evidence: str
    """The same in words; never content."""
    sentence: str


def looped(entry: Entry) -> Looped | None:
    """Return what was done with a call; None where nothing was."""
    if not entry.rung:
        return None
    return Looped(
        rung=entry.rung,
        signals=entry.signals,
        evidence=entry.evidence,
        sentence=f"{SENTENCES.get(entry.rung, entry.rung)}.",
    )

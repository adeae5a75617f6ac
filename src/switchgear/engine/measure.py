"""What a rung of the ladder asks of the call with which it is climbed."""

from collections.abc import Iterable

from switchgear.domain.edit import Append, ChooseTool, Edit
from switchgear.domain.target import Kind, Target, Tier
from switchgear.domain.turn import Choice, Conversation, Role, Text, ToolChoice, Turn

MOST_FIRST = 8
"""Stronger targets that are named to the decision; it strikes out what may not serve."""
SPEAKING = frozenset({Kind.MODEL, Kind.AGENT})

NUDGE = (
    "[Notice from the gateway, not from the user] This task repeats itself: {seen}. Doing the same"
    " again will give the same. Do something else now: go on with what you know already, take"
    " another tool or other arguments, or say plainly what keeps you from the goal. Do not answer"
    " this notice."
)
AGAIN = (
    "[Notice from the gateway, not from the user] This task still repeats itself, though that was"
    " said before: {seen}. Change your approach now, or give your answer with what you know. If it"
    " goes on like this the task will be stopped. Do not answer this notice."
)
LAST = (
    "[Notice from the gateway, not from the user] This task repeats itself: {seen}. Call no tool"
    " any more. Give your best final answer now, with what you know, and say what is missing."
)
SILENT = "the last steps brought nothing new"


def nudge(seen: str, *, again: bool) -> tuple[Edit, ...]:
    """Return the edits that tell a model what was seen, and to do otherwise.

    It stands at the tail: whatever comes before it is in prompt caches as it was.
    """
    return (_said((AGAIN if again else NUDGE), seen),)


def restriction(talk: Conversation, seen: str) -> tuple[Edit, ...]:
    """Return the edits after which a model can only answer in words."""
    words = _said(LAST, seen)
    return (ChooseTool(ToolChoice(choice=Choice.NONE)), words) if talk.tools else (words,)


def stronger(targets: Iterable[Target], than: Tier | None) -> tuple[str, ...]:
    """Return the ids of targets above a tier, the next tier's first; nothing above the highest.

    They are wishes, not a limit: where none of them may serve, the call goes where it went.
    """
    if than is None:
        return ()
    above = [each for each in targets if each.kind in SPEAKING and each.tier > than]
    above.sort(key=lambda each: (each.tier, -each.quality))
    return tuple([each.id for each in above[:MOST_FIRST]])


def last_words(status: str, why: str) -> str:
    """Return the final answer of a task that was paused or stopped, for clients that want one."""
    return (
        f"This task was {status} by the gateway because it went in circles: {why or SILENT}."
        " Nothing more is done for it until somebody resumes it."
    )


def _said(words: str, seen: str) -> Append:
    return Append((Turn(Role.USER, (Text(words.format(seen=seen or SILENT)),)),))

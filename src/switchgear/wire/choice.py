"""What a layer says of the tools, in place of what the caller said."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.edit import ChooseTool, Edit
from switchgear.domain.turn import Choice, Conversation, ToolChoice

FORCED = frozenset((Choice.REQUIRED, Choice.NAMED))
"""A tool must be called then, which goes with no thinking at Anthropic's models."""


def chosen(own: ToolChoice | None, edits: Sequence[Edit]) -> ToolChoice | None:
    """Return what the last such edit says of the tools; None where it is what is said anyway.

    How many tools may be asked for at once stays as the caller has it, unless the edit says that.
    """
    wanted: ToolChoice | None = None
    for edit in edits:
        if isinstance(edit, ChooseTool):
            wanted = edit.choice
    if wanted and own and wanted.parallel is None:
        wanted = msgspec.structs.replace(wanted, parallel=own.parallel)
    return None if wanted == own else wanted


def with_choice(conversation: Conversation, edits: Sequence[Edit]) -> Conversation:
    """Return the conversation with what the edits say of its tools; itself where they say nothing.

    Of no tools there is nothing to say: OpenAI's API refuses a choice among none.
    """
    wanted = chosen(conversation.tool_choice, edits) if conversation.tools else None
    if wanted is None:
        return conversation
    return msgspec.structs.replace(conversation, tool_choice=wanted)

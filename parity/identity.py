"""Which task a call belongs to, whether its caller says so or not."""

import msgspec
from parity.cell import require
from parity.client import Seen
from parity.service import complete, words
from parity.stage import Stage

from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.engine.task import looks_minted
from switchgear.wire.specimen import PLAINLY

TASK, SOURCE = "x-switchgear-task", "x-switchgear-task-source"


async def named(stage: Stage) -> None:
    """A caller's word for its task, ours or of its own session, is one task's."""
    async with stage.gateway():
        complete(first := await stage.good(PLAINLY, {TASK: "t-9"}))
        complete(second := await stage.good(PLAINLY, {"x-session-id": "t-9"}))
        require(first.headers[SOURCE] == f"{TASK}; confidence=1.00", "it is not said what told")
        require(second.headers[SOURCE] == "x-session-id; confidence=0.95", "nor of the session")
        require(looks_minted(first.headers[TASK]), "the task has no id of ours")
        require(first.headers[TASK] == second.headers[TASK], "one name is two tasks")


async def inferred(stage: Stage) -> None:
    """A conversation whose caller says nothing is one task; a stranger's is another."""
    async with stage.gateway():
        complete(first := await stage.good(PLAINLY))
        complete(second := await stage.good(gone_on(PLAINLY, first)))
        complete(other := await stage.good(PLAINLY))
        require(first.headers[SOURCE].startswith("new;"), "the first call did not begin a task")
        require(second.headers[SOURCE].startswith("prefix;"), "the answer was not known again")
        require(first.headers[TASK] == second.headers[TASK], "it is two tasks")
        require(other.headers[TASK] != first.headers[TASK], "a stranger's is the same")


def gone_on(talk: Conversation, seen: Seen) -> Conversation:
    """Return a conversation that goes on from an answer."""
    answer = Turn(Role.ASSISTANT, (Text(words(seen.events)),))
    more = Turn(Role.USER, (Text("And then?"),))
    return msgspec.structs.replace(talk, turns=(*talk.turns, answer, more))

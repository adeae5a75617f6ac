"""The final answer of a task that goes in circles, for clients that cannot deal with an error."""

from switchgear.domain.call import Call
from switchgear.domain.event import Finished, Opened, Stop, TextDelta, Usage
from switchgear.domain.ids import answer_id
from switchgear.domain.piece import Piece
from switchgear.domain.task import Task
from switchgear.engine.measure import last_words
from switchgear.ports.handler import Head, Reply


def final_reply(call: Call, task: Task) -> Reply:
    """Return an answer of ours in events: the surface writes it in the caller's dialect."""
    model = call.body.model
    opened = Opened(id=answer_id(call.id), model=model)
    words = TextDelta(last_words(task.status.value, task.why))
    end = Finished(stop=Stop.END, usage=Usage())
    pieces = [Piece(None, (opened, words, end))]

    async def read() -> Piece | None:
        return pieces.pop() if pieces else None

    head = Head(
        target="",
        model=model,
        dialect=None,
        stream=call.body.stream,
        tier="",
        reason=f"the task was {task.status.value}",
        attempts=0,
    )
    return Reply(head, read)

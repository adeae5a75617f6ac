"""The final answer of a task that was stopped, for clients that cannot deal with an error."""

from switchgear.domain.call import Call
from switchgear.domain.event import Finished, Opened, Stop, TextDelta, Usage
from switchgear.domain.ids import answer_id
from switchgear.domain.piece import Piece
from switchgear.engine.measure import stopped_words
from switchgear.ports.handler import Head, Reply

REASON = "the task was stopped"


def final_reply(call: Call, why: str) -> Reply:
    """Return an answer of ours in events: the surface writes it in the caller's dialect."""
    model = call.body.model
    opened = Opened(id=answer_id(call.id), model=model)
    words = TextDelta(stopped_words(why, call.id))
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
        reason=REASON,
        attempts=0,
    )
    return Reply(head, read)

"""An answer that is not good enough, and the stronger target that is asked for a better."""

import msgspec
from parity.cell import require
from parity.provider import says
from parity.service import complete, words
from parity.stage import SECOND, Stage

from switchgear.domain.event import Event, Finished, Stop, TextDelta
from switchgear.domain.turn import AnswerFormat
from switchgear.wire.specimen import PLAINLY
from switchgear.wire.utterance import CALL, OPENED, SOME

END = Finished(stop=Stop.END, usage=SOME)
NOTHING: tuple[Event, ...] = (OPENED, END)
HALF = '{"town": "Oslo"}'
WHOLE = '{"city": "Oslo"}'
WANTED = AnswerFormat(schema=msgspec.Raw(b'{"type":"object","required":["city"]}'))


async def climbed(stage: Stage, flaw: str) -> None:
    """Check what the ledger and the headers say of a call that went up."""
    attempts = await stage.attempts()
    told = [(it.target, it.role.value, it.flaw) for it in attempts]
    require(told == [("t0", "first", flaw), (SECOND, "escalation", "")], f"the row says {told}")


async def empty(stage: Stage) -> None:
    """Where an answer says nothing, the caller gets the stronger target's, unseen."""
    async with stage.gateway(2):
        stage.scene.play(says(NOTHING))
        complete(seen := await stage.good(PLAINLY))
        require(seen.headers["x-switchgear-target"] == SECOND, "not the stronger target's answer")
        why = seen.headers["x-switchgear-reason"]
        require(why == "escalated from t0: empty", f"the reason is {why!r}")
        require(seen.headers["x-switchgear-attempts"] == "2", "not two attempts")
        await climbed(stage, "empty")


async def shaped(stage: Stage) -> None:
    """JSON of another shape than was asked for goes up, and streams of it are held for that."""
    asked = msgspec.structs.replace(PLAINLY, format=WANTED)
    async with stage.gateway(2):
        stage.scene.play(says((OPENED, TextDelta(HALF[:5]), TextDelta(HALF[5:]), END)))
        stage.scenes[1].play(says((OPENED, TextDelta(WHOLE[:5]), TextDelta(WHOLE[5:]), END)))
        seen = await stage.good(asked)
        require(words(seen.events) == WHOLE, f"the words are {words(seen.events)!r}")
        await climbed(stage, "off_schema")


async def kept(stage: Stage) -> None:
    """Where the stronger target does no better, the first answer is delivered, whole."""
    async with stage.gateway(2, escalate={"when": ["unknown_tool"]}):
        end = Finished(stop=Stop.TOOL_USE, usage=SOME)
        for scene in stage.scenes:
            scene.play(says((OPENED, *CALL, end)))
        seen = await stage.good(PLAINLY)
        require(seen.headers["x-switchgear-target"] == "t0", "not the first target's answer")
        require(type(seen.events[-1]).__name__ == "Finished", "it has no end")
        roles = [it.role.value for it in await stage.attempts()]
        require(roles == ["first", "escalation"], f"the attempts were {roles}")

"""A task that one agent leaves, and another goes on with."""

import msgspec
from parity.cell import require
from parity.identity import TASK
from parity.service import complete
from parity.stage import Stage

from switchgear.domain.turn import Role, Text, ToolResult, ToolUse, Turn
from switchgear.wire.mend import NOT_RUN
from switchgear.wire.registry import TONGUES
from switchgear.wire.specimen import PLAINLY

AGENT = "x-switchgear-agent"
CALL = ToolUse(id="call_left01", name="weather", arguments='{"city":"Oslo"}')
NOTE = "Mind the rain."
MADE = 201


async def handed(stage: Stage) -> None:
    """The next agent has the package at the tail, and what was left open is mended."""
    left = msgspec.structs.replace(
        PLAINLY, turns=(*PLAINLY.turns, Turn(Role.ASSISTANT, (Text("I look."), CALL)))
    )
    async with stage.gateway(target={"capabilities": ["tools", "streaming"]}):
        complete(await stage.good(PLAINLY, {TASK: "t-7", AGENT: "clerk"}))
        said = msgspec.json.encode({"to": "buyer", "note": NOTE})
        status, found = await stage.raw("POST", "/v1/tasks/t-7/handoffs", said)
        require(status == MADE, f"status {status}: {found}")
        complete(await stage.good(left, {TASK: "t-7", AGENT: "buyer"}))
        talk = TONGUES[stage.column.target].parse(stage.scene.heard[-1].body).conversation
        parts = [part for turn in talk.turns for part in turn.parts]
        results = [it for it in parts if isinstance(it, ToolResult)]
        require([it.parts for it in results] == [(Text(NOT_RUN),)], "the open call was left open")
        last = parts[-1]
        require(isinstance(last, Text) and NOTE in last.text, "the package is not at the tail")

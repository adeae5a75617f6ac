"""What is said of a call's decision, and what is seen of it unasked."""

import asyncio
from typing import Any

import msgspec
from parity.cell import require
from parity.identity import TASK
from parity.service import complete
from parity.stage import Stage

from switchgear.wire.specimen import PLAINLY

DECISION = "x-switchgear-decision"
OK, ABSENT = 200, 404
PAUSE_S, LOOKS = 0.005, 400


async def said(stage: Stage) -> None:
    """Its decision is named in a header; what is said of that is kept once, and stands with it."""
    async with stage.gateway():
        complete(seen := await stage.good(PLAINLY))
        decision = seen.headers[DECISION]
        body = msgspec.json.encode({"decision": decision, "thumbs": "down"})
        for repeated in (False, True):
            status, told = await stage.raw("POST", "/v1/outcomes", body)
            require(status == OK, f"status {status}: {told}")
            require(told["repeated"] is repeated, f"repeated is {told['repeated']}")
        found = await _judged(stage, decision)
        require(len(found["outcomes"]) == 1, f"the outcomes are {found['outcomes']}")
        require(found["label"]["target"] == "t0", f"the label is {found['label']}")
        status, told = await stage.raw("POST", "/v1/outcomes", body.replace(b'"sg_', b'"sg_0'))
        require(status == ABSENT, f"of an unknown decision: status {status}: {told}")


async def asked_again(stage: Stage) -> None:
    """The same asked again in its task speaks against the first answer."""
    async with stage.gateway():
        complete(first := await stage.good(PLAINLY, {TASK: "t-8"}))
        await asyncio.sleep(PAUSE_S)
        complete(await stage.good(PLAINLY, {TASK: "t-8"}))
        for _ in range(LOOKS):
            found = (await _judged(stage, first.headers[DECISION]))["outcomes"]
            if found:
                break
            await asyncio.sleep(PAUSE_S)
        sources = [each["source"] for each in found]
        require(sources == ["retry"], f"what was seen is {sources}")


async def _judged(stage: Stage, decision: str) -> dict[str, Any]:
    status, told = await stage.raw("GET", f"/v1/decisions/{decision}", b"")
    require(status == OK, f"status {status}: {told}")
    found: dict[str, Any] = told
    return found

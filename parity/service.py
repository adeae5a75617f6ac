"""What the gateway does for every call, whatever is said: routing, protection, record."""

import asyncio

import msgspec
from parity.cell import ImpossibleError, require
from parity.client import KEY, Seen
from parity.provider import breaks, fails, hangs, says
from parity.stage import ENOUGH_S, SECOND, Stage

from switchgear.domain.dialect import Dialect
from switchgear.domain.entry import End
from switchgear.domain.errors import UpstreamBusy
from switchgear.domain.event import Event, TextDelta
from switchgear.engine.task import looks_minted
from switchgear.surfaces.http.header import SENT
from switchgear.wire.registry import TONGUES
from switchgear.wire.specimen import PLAINLY, talk
from switchgear.wire.utterance import OPENED, SOME, WORDS, ended

TEXT = "".join(it.text for it in WORDS)
SOMETIMES = {
    "x-switchgear-budget",
    "x-switchgear-replayed",
    "x-switchgear-verdicts",
    "x-switchgear-estimated",
    "x-switchgear-task-rung",
    "x-should-retry",
    "retry-after",
}
"""Headers that say something which does not hold for a plain answer."""
OF_WHOLE = {"x-switchgear-cost-usd"}
OPENAI_LIMIT = "x-ratelimit-limit-requests"
CLAUDE_LIMIT = "anthropic-ratelimit-requests-limit"
CALLER = {"id": "parity", "secret": KEY}
DOWN = 503


def words(events: list[Event]) -> str:
    """Return all that was said."""
    return "".join(it.text for it in events if isinstance(it, TextDelta))


def complete(seen: Seen) -> None:
    """Check that an answer is whole and right."""
    require(words(seen.events) == TEXT, f"the words are {words(seen.events)!r}")
    require(seen.events and type(seen.events[-1]).__name__ == "Finished", "it has no end")


async def routing(stage: Stage) -> None:
    """The alias goes to the cheapest target, a target's id to that target."""
    async with stage.gateway(2):
        complete(seen := await stage.good(PLAINLY))
        require(seen.headers["x-switchgear-target"] == "t0", "the cheaper was not chosen")
        complete(seen := await stage.good(talk(model=SECOND)))
        require(seen.headers["x-switchgear-target"] == SECOND, "the named one was not chosen")
        require([len(it.heard) for it in stage.scenes] == [1, 1], "they were not asked once each")


async def preview(stage: Stage) -> None:
    """A preview decides the same, and sends nothing."""
    async with stage.gateway(2):
        status, told = await stage.raw(
            "POST",
            "/v1/decisions/preview",
            stage.body(PLAINLY),
            x_switchgear_dialect=stage.column.caller.value,
        )
        require(status == 200, f"status {status}: {told}")
        require('"t0"' in msgspec.json.encode(told).decode(), "the decision names no target")
        require(not any(it.heard for it in stage.scenes), "something was sent")


async def fallback(stage: Stage) -> None:
    """A target that is down is passed over, unseen."""
    async with stage.gateway(2):
        stage.scene.play(fails(DOWN, b"{}"))
        complete(seen := await stage.good(PLAINLY))
        require(seen.headers["x-switchgear-target"] == SECOND, "not the second target's answer")
        require(len(await stage.attempts()) > 1, "the first was not tried")


async def rescue(stage: Stage) -> None:
    """A stream that breaks off is gone on with by another target, as one answer."""
    if not stage.column.streams:
        raise ImpossibleError("a whole answer has no content before its end; see fallback")
    async with stage.gateway(2):
        stage.scene.play(breaks([OPENED, WORDS[0]]))
        stage.scenes[1].play(says((OPENED, WORDS[1], ended()[-1])))
        complete(await stage.good(PLAINLY))
        roles = [it.role.value for it in await stage.attempts()]
        require("rescue" in roles, f"the attempts were {roles}")


async def cancel(stage: Stage) -> None:
    """A caller who leaves closes the connection to the target."""
    async with stage.gateway(), asyncio.timeout(ENOUGH_S):
        stage.scene.play(hangs([OPENED, WORDS[0]]))
        async with stage.line(stage.body(PLAINLY)) as reader:
            if stage.column.streams:
                await reader.readuntil(b"\r\n\r\n")
                await reader.readline()
            else:
                await stage.scene.came.wait()
        await stage.scene.heard[0].left.wait()
        while not await stage.entries():
            await asyncio.sleep(0.005)
        require((await stage.entries())[0].end is End.LEFT, "the ledger does not say that it left")


async def caps(stage: Stage) -> None:
    """The caller's limit on the output reaches the target."""
    async with stage.gateway():
        await stage.good(talk(max_output=77))
        got = stage.scene.heard[0].conversation.max_output
        require(got == 77, f"the target was told {got}")


async def crowd(stage: Stage) -> None:
    """More calls than the server takes are refused, in the caller's shape."""
    async with (
        stage.gateway(server={"max_calls": 1}, lanes={"at_gateway": 0}),
        asyncio.timeout(ENOUGH_S),
    ):
        stage.scene.play(hangs([OPENED, WORDS[0]]))
        async with stage.line(stage.body(PLAINLY)):
            await stage.scene.came.wait()
            refused(await stage.ask(PLAINLY), 503, "overloaded")


async def rates(stage: Stage) -> None:
    """A key's rate is told with each answer, under its SDK's names, and held."""
    async with stage.gateway(keys=[{**CALLER, "limits": {"requests_per_minute": 1}}]):
        complete(seen := await stage.good(PLAINLY))
        claude = stage.column.caller is Dialect.ANTHROPIC_MESSAGES
        name = CLAUDE_LIMIT if claude else OPENAI_LIMIT
        require(seen.headers.get(name) == "1", f"{name} is {seen.headers.get(name)}")
        refused(await stage.ask(PLAINLY), 429, "rate_limited")
        require(len(stage.scene.heard) == 1, "the target heard what was refused")


async def budgets(stage: Stage) -> None:
    """A key's budget is held, and what is over it is said in the caller's shape."""
    async with stage.gateway(keys=[{**CALLER, "budgets": {"total": {"calls": 1}}}]):
        complete(await stage.good(PLAINLY))
        refused(seen := await stage.ask(PLAINLY), 402, "over_budget")
        require(seen.headers.get("x-should-retry") == "false", "it says to try again")
        require(len(stage.scene.heard) == 1, "the target heard what was refused")


async def breaker(stage: Stage) -> None:
    """A target that keeps failing is left alone."""
    rules = {"failures": 2, "rest_s": 600, "longest_rest_s": 600}
    async with stage.gateway(2, breaker=rules, retry={"share": 0, "least": 0}):
        stage.scene.play(fails(DOWN, b"{}"))
        for _ in range(3):
            complete(await stage.good(PLAINLY))
        before = len(stage.scene.heard)
        complete(seen := await stage.good(PLAINLY))
        require(len(stage.scene.heard) == before, "it was asked again")
        require(seen.headers["x-switchgear-attempts"] == "1", "more than one was tried")


async def idempotency(stage: Stage) -> None:
    """A call that is sent again with its key gets the same answer, and the target hears one."""
    async with stage.gateway():
        named = {"idempotency-key": "one"}
        complete(first := await stage.good(PLAINLY, named))
        complete(second := await stage.good(PLAINLY, named))
        require(len(stage.scene.heard) == 1, "the target heard both")
        require(second.headers.get("x-switchgear-replayed") == "true", "it does not say so")
        require(first.told == second.told, "the answers differ")


async def ledger(stage: Stage) -> None:
    """Each call has one row, which says who asked, who answered, and what it took."""
    async with stage.gateway():
        seen = await stage.good(PLAINLY, {"x-switchgear-task": "t-9"})
        found = await stage.entries()
        require(len(found) == 1, f"{len(found)} rows")
        row = found[0]
        require(row.id == seen.headers["x-switchgear-decision"], "the row has another id")
        said = (row.dialect, row.stream, row.target, row.end, row.task_name, row.status)
        right = (stage.column.caller, stage.column.streams, "t0", End.ANSWERED, "t-9", 200)
        require(said == right, f"it says {said}")
        usage = row.attempts[0].usage
        require(usage and (usage.input, usage.output) == (SOME.input, SOME.output), f"{usage}")
        require(row.cost > 0, "it cost nothing")


async def headers(stage: Stage) -> None:
    """Every header of ours is there."""
    async with stage.gateway():
        seen = await stage.good(PLAINLY, {"x-switchgear-task": "t-9"})
        wanted = {it.name for it in SENT if "ratelimit" not in it.name} - SOMETIMES
        wanted -= OF_WHOLE if stage.column.streams else set()
        missing = sorted(wanted - set(seen.headers))
        require(not missing, f"not there: {missing}")
        require(looks_minted(seen.headers["x-switchgear-task"]), "not a task's id")
        require(seen.headers["x-switchgear-attempts"] == "1", "not one attempt")


def refused(seen: Seen, status: int, code: str) -> None:
    """Check that an SDK raised its own error, with our code, in its dialect's shape."""
    require(seen.error, "no error was raised")
    require(seen.status == status, f"status {seen.status}, not {status}: {seen.body}")
    require(code_of(seen.body) == code, f"code {code_of(seen.body)!r}, not {code!r}")


def code_of(body: object) -> str:
    """Return the code of an error body, wherever an SDK puts it."""
    found = body.get("error", body) if isinstance(body, dict) else {}
    return str(found.get("code")) if isinstance(found, dict) else ""


async def malformed(stage: Stage) -> None:
    """A body that is none is the caller's fault, said in its shape."""
    async with stage.gateway():
        refused(await stage.ask(b'{"model":"auto","input":'), 400, "malformed_body")
        refused(await stage.ask(b'{"model":7}'), 400, "malformed_body")
        require(not stage.scene.heard, "something was sent")


async def stranger(stage: Stage) -> None:
    """A key that is not known is refused."""
    async with stage.gateway():
        headers = {"authorization": "Bearer sk-other", "x-api-key": "sk-other"}
        refused(await stage.ask(PLAINLY, headers), 401, "unknown_key")


async def nowhere(stage: Stage) -> None:
    """A model that is not known is named as such."""
    async with stage.gateway():
        refused(await stage.ask(talk(model="nothing")), 404, "unknown_model")


async def busy(stage: Stage) -> None:
    """A target without room is told of, with its own time to wait."""
    async with stage.gateway(retry={"longest_wait_s": 0}):
        tongue = TONGUES[stage.column.target]
        body = tongue.write_error(UpstreamBusy(), "")
        stage.scene.play(fails(429, body, "retry-after: 7"))
        seen = await stage.ask(PLAINLY)
        refused(seen, 429, "upstream_busy")
        require(seen.headers.get("retry-after") == "7", "it does not say how long to wait")


async def failing(stage: Stage) -> None:
    """A target that fails, with nobody to take its place, is a 502; its body is not passed on."""
    async with stage.gateway():
        stage.scene.play(fails(500, b'{"error":{"message":"secret"}}'))
        seen = await stage.ask(PLAINLY)
        refused(seen, 502, "upstream_failed")
        require("secret" not in str(seen.body), "what the target said is passed on")


async def broken_stream(stage: Stage) -> None:
    """A stream that cannot be gone on with ends with one error, and not as a success."""
    if not stage.column.streams:
        raise ImpossibleError("a whole answer is not begun before it is known to be whole")
    async with stage.gateway(rescue="error"):
        stage.scene.play(breaks([OPENED, WORDS[0]]))
        seen = await stage.ask(PLAINLY)
        require(seen.status == 200, f"status {seen.status}")
        require(seen.error, f"no error was raised after {[it.get('type') for it in seen.told]}")
        require(code_of(seen.body) == "upstream_lost", f"{seen.body}")

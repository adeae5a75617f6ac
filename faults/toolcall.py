"""Tool calls that are wrong, three in a row: the fourth call goes to the declared next step."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import msgspec
from faults.cell import Cell, cell
from faults.config import ALIAS, NOW, Place, config
from faults.matrix import AT_ONCE, OTHER, SHOWN, served

from switchgear.config.read import read_setup
from switchgear.domain.dialect import Dialect
from switchgear.ports.ledger import Query
from switchgear.rehearsal.act import toolcall
from switchgear.rehearsal.client import Wish, call
from switchgear.rehearsal.fault import Form
from switchgear.rehearsal.faultd import Faultd
from switchgear.rehearsal.stand import Stand, standing

AFTER = 3
REST_S = 0.5
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
TOOL = {"name": "weather", "input_schema": SCHEMA}
ASKED: dict[Dialect, dict[str, Any]] = {
    Dialect.OPENAI_CHAT: {"tools": [FUNCTION], "tool_choice": "required"},
    Dialect.ANTHROPIC_MESSAGES: {"tools": [TOOL], "tool_choice": {"type": "any"}},
}
SORRY = {
    "function": "template",
    "arguments": {"pattern": "(?P<all>.+)"},
    "settings": {"template": "Sorry."},
}
STEPS: dict[str, Any] = {
    "stronger": "stronger",
    "model": ["t1"],
    "agent": ["agent"],
    "tool": ["sorry"],
}
TAKES_OVER = {"stronger": "t1", "model": "t1", "agent": "agent", "tool": "sorry"}
SAYS = {
    "tool-bad-schema": "bad_arguments",
    "tool-truncated": "bad_arguments",
    "tool-none": "no_tool",
    "tool-unknown": "unknown_tool",
}
"""What the ledger is to say of each fault."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One cell to be."""

    fault: str
    endpoint: Dialect
    form: Form
    cross: bool
    """The targets speak the other dialect."""
    step: str

    @property
    def name(self) -> str:
        """What is tried, the fault first."""
        dialects = "cross" if self.cross else "same"
        return " · ".join([self.fault, SHOWN[self.endpoint], self.form.value, dialects, self.step])


async def toolcalls() -> list[Cell]:
    """Try every wrong tool call, with every next step."""
    gate = asyncio.Semaphore(AT_ONCE)
    async with served() as daemon, asyncio.TaskGroup() as group:

        async def one(number: int, way: Way) -> Cell:
            async with gate:
                return await attempt(daemon, way, f"u{number}")

        tasks = [group.create_task(one(number, way)) for number, way in enumerate(ways())]
    return [task.result() for task in tasks]


def ways() -> Iterator[Way]:
    """Yield every way to try."""
    for fault in (each.name for each in toolcall.ROWS):
        for endpoint in SHOWN:
            for form in Form:
                for cross in (False, True):
                    for step in STEPS:
                        yield Way(fault=fault, endpoint=endpoint, form=form, cross=cross, step=step)


async def attempt(daemon: Faultd, way: Way, scope: str) -> Cell:
    """Call until the target rests, once more, and once more when it has rested."""
    began = time.monotonic()
    content = _config(daemon, way, scope)
    setup = read_setup(msgspec.json.encode(content), {}, NOW).setup
    wish = Wish(
        dialect=way.endpoint,
        model=ALIAS,
        stream=way.form is Form.STREAM,
        more=ASKED[way.endpoint],
    )
    flaws: list[str] = []
    async with standing(setup) as stand:
        for expected in ["t0"] * AFTER + [TAKES_OVER[way.step]]:
            flaws += await _answered(stand, wish, expected)
        await asyncio.sleep(REST_S)
        flaws += await _answered(stand, wish, "t0")
        flaws += await _booked(stand, way)
    attempts = daemon.tally.total(f"@{scope}").requests
    taken = time.monotonic() - began
    return cell("tool-calls", way.name, flaws, attempts=attempts, seconds=taken)


def _config(daemon: Faultd, way: Way, scope: str) -> dict[str, Any]:
    dialect = OTHER[way.endpoint] if way.cross else way.endpoint
    first, other = f"{way.fault}@{scope}", f"healthy@{scope}"
    places = [
        Place(model=first, dialect=dialect, url=daemon.base_url(first), more={"quality": 0.5}),
        Place(model=other, dialect=dialect, url=daemon.base_url(), more={"tier": "frontier"}),
    ]
    content = config(places)
    content["aliases"] = {ALIAS: {"targets": ["t0", "t1"]}}
    content["tiers"] = {"small": {"max_complexity": 0.8}, "mid": {"max_complexity": 0.9}}
    content["flaws"] = {"after": AFTER, "rest_s": REST_S, "next": STEPS[way.step]}
    if way.step == "agent":
        content["targets"]["agent"] = {**content["targets"]["t1"], "kind": "agent"}
    if way.step == "tool":
        content["targets"]["sorry"] = {"kind": "tool", "tool": SORRY}
    return content


async def _answered(stand: Stand, wish: Wish, expected: str) -> list[str]:
    seen = await call(stand.port, wish, time.monotonic)
    who = seen.headers.get("x-switchgear-target", "")
    return [] if (seen.status, who) == (200, expected) else [f"{seen.status} from {who!r}"]


async def _booked(stand: Stand, way: Way) -> list[str]:
    """Return what is wrong with the ledger: each call has a row, which says what was wrong."""
    ledger = stand.running.house.outside.ledger
    rows = [await ledger.find(each.id) for each in await ledger.list(Query())]
    said = [each.attempts[0].flaw for each in reversed(rows) if each is not None]
    wanted = [SAYS[way.fault]] * AFTER
    flaws = [] if said[:AFTER] == wanted else [f"the ledger says {said[:AFTER]}"]
    codes = {each.code for each in rows if each is not None}
    return flaws + ([] if codes == {""} else [f"calls ended in {codes}"])

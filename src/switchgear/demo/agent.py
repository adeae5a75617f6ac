"""A small agent: works its errand off turn by turn, running the tools that the answers ask for."""

from collections.abc import Callable
from typing import Any

import msgspec

from switchgear.demo.client import Answer, Client
from switchgear.demo.errand import SYSTEM, TOOLS, TURNS, Unknown, run_tool

TASK = "demo-refund"
AGENT = "refund-desk"
MODEL = "auto"
MOST_STEPS = 12
"""Of one errand; it needs seven."""

MOST_SHOWN = 300
"""Bytes of an error that are shown."""

FLOORS = ("frontier", "", "")
"""The least tier that the agent asks for, turn by turn; empty leaves it to the gateway."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the agent, and what came of it."""

    what: str
    """What the answer was: the tool it asked for, or its words."""
    status: int
    decision: str
    target: str
    tier: str
    reason: str
    attempts: int
    task: str
    """Id of what the gateway took the call to belong to."""


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the errand."""

    steps: tuple[Step, ...]
    finished: bool
    """Every turn came to an answer in words."""
    words: str
    """The answer to the turn that did the work."""


class Agent:
    """Speaks to the gateway as any OpenAI client would, whatever stands behind it."""

    def __init__(self, client: Client, progress: Callable[[], None]) -> None:
        """Hold the gateway, and whom to tell of each step."""
        self._client = client
        self._progress = progress
        self._messages: list[dict[str, Any]] = [{"role": "system", "content": SYSTEM}]
        self._steps: list[Step] = []

    async def run(self) -> Errand:
        """Work off all turns.

        Raises:
            NoAnswer: the gateway broke off.
        """
        words = [await self._turn(turn, floor) for turn, floor in zip(TURNS, FLOORS, strict=True)]
        done = all(word is not None for word in words)
        return Errand(steps=tuple(self._steps), finished=done, words=words[1] or "")

    async def _turn(self, turn: str, floor: str) -> str | None:
        """Return the answer to one turn, or None when there is none."""
        self._messages.append({"role": "user", "content": turn})
        while len(self._steps) < MOST_STEPS:
            message = await self._call(floor)
            if message is None:
                return None
            self._messages.append(message)
            asked = message.get("tool_calls") or []
            if not asked:
                return str(message.get("content"))
            self._messages += [_ran(call) for call in asked]
        return None

    async def _call(self, floor: str) -> dict[str, Any] | None:
        headers = {"x-switchgear-task": TASK, "x-switchgear-agent": AGENT}
        if floor:
            headers["x-switchgear-tier"] = floor
        request = {
            "model": MODEL,
            "messages": self._messages,
            "tools": offered(),
            "max_tokens": 400,
        }
        answer = await self._client.post("/v1/chat/completions", request, headers)
        message = _message(answer) if answer.status == 200 else None  # noqa: PLR2004  (OK)
        self._steps.append(step_of(answer, message))
        self._progress()
        return message


def offered() -> list[dict[str, Any]]:
    """Return the tools as OpenAI's dialect offers them."""
    return [
        {"type": "function", "function": {"name": name, "description": what, "parameters": schema}}
        for name, what, schema in TOOLS
    ]


def step_of(answer: Answer, message: dict[str, Any] | None) -> Step:
    """Return what one answer says of how it came about."""
    said = {
        name.removeprefix("x-switchgear-"): value
        for name, value in answer.headers.items()
        if name.startswith("x-switchgear-")
    }
    asked = (message or {}).get("tool_calls") or []
    words = str((message or {}).get("content") or answer.body[:MOST_SHOWN].decode(errors="replace"))
    return Step(
        what=asked[0]["function"]["name"] if asked else words,
        status=answer.status,
        decision=said.get("decision", ""),
        target=said.get("target", ""),
        tier=said.get("tier", ""),
        reason=said.get("reason", ""),
        attempts=int(said.get("attempts", "0")),
        task=said.get("task", ""),
    )


def _message(answer: Answer) -> dict[str, Any]:
    body = msgspec.json.decode(answer.body, type=dict[str, Any])
    message: dict[str, Any] = body["choices"][0]["message"]
    return message


def _ran(call: dict[str, Any]) -> dict[str, Any]:
    function = call["function"]
    try:
        content = run_tool(function["name"], function["arguments"])
    except Unknown as error:
        content = msgspec.json.encode({"error": str(error)}).decode()
    return {"role": "tool", "tool_call_id": call["id"], "content": content}

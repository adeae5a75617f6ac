"""What the layers of tasks cost of each small call: CPU in process, with nothing behind them.

Run as ``python -m bench.overseen [ROUNDS] [--profile]``; it prints one JSON object, in
microseconds. The layers are those of a gateway, around an answer that is there at once. Calls come
with a task's name, with none so that it is inferred, and as the growing steps of tool loops.
"""

import asyncio
import cProfile
import json
import sys
import time
from collections.abc import Callable, Sequence

import msgspec

from switchgear.config.setup import Setup
from switchgear.domain.body import Body
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key, Wishes
from switchgear.domain.dialect import Dialect
from switchgear.domain.event import Finished, Stop, TextDelta
from switchgear.domain.piece import Piece
from switchgear.domain.units import UnixMs
from switchgear.house import House
from switchgear.pipeline.stack import stack
from switchgear.pipeline.task.cap import Treasury, cap
from switchgear.pipeline.task.halting import Halting
from switchgear.pipeline.task.hearing import hear
from switchgear.pipeline.task.insertion import Inserter, context
from switchgear.pipeline.task.layer import Oversight, supervise
from switchgear.ports.handler import Handler, Head, Layer, Reply, Trail
from switchgear.running import Running, Source
from switchgear.wire.registry import TONGUES

CALLS = 1000
"""In one round."""
ROUNDS = 9
HEAD = Head(
    target="t",
    model="m",
    dialect=Dialect.OPENAI_CHAT,
    stream=False,
    tier="small",
    reason="the only one that can serve",
    attempts=1,
)
SAID = Piece(b"{}", (TextDelta("hi"), Finished(stop=Stop.END)))
CONFIG = {
    "providers": {"p": {"dialect": "openai-chat", "base_url": "http://127.0.0.1:9/v1"}},
    "targets": {
        "t": {
            "provider": "p",
            "model": "m",
            "tier": "small",
            "window": 128_000,
            "max_output": 4_096,
            "price": {"input_usd": 1, "output_usd": 4},
        }
    },
    "ledger": {"path": ":memory:"},
}
KEY = Key(id="bench")
Whose = Callable[[int], Caller]
STEPS = 4
"""Calls of one tool loop."""


def named(number: int) -> Caller:
    """Return who names one task for all calls."""
    del number
    return Caller(key=KEY, wishes=Wishes(task="job"))


def looping(number: int) -> Caller:
    """Return who names a task for each tool loop, and the agent."""
    return Caller(key=KEY, wishes=Wishes(task=f"job {number // STEPS}", agent="clerk"))


def nameless(number: int) -> Caller:
    """Return who names none."""
    del number
    return Caller(key=KEY)


async def answer(call: Call, trail: Trail) -> Reply:
    """Answer at once, with one piece."""
    del call, trail
    pieces = [SAID]

    async def read() -> Piece | None:
        return pieces.pop() if pieces else None

    return Reply(HEAD, read)


def layers(setup: Setup, house: House) -> list[Layer]:
    """Return the layers of tasks, in their order."""
    outside, tasks = house.outside, house.tasks
    oversight = Oversight(
        tasks=tasks,
        finder=house.finder,
        halting=Halting(tasks, house.tickets, house.nursery),
        kept=outside.recollections,
        looping=setup.tasks.loops,
        targets=setup.policy.targets,
    )
    treasury = Treasury(
        bursar=house.bursar,
        tasks=tasks,
        tickets=house.tickets,
        clock=outside.clock,
        nursery=house.nursery,
        settings=setup.tasks,
    )
    return [
        hear(house.finder),
        supervise(oversight),
        cap(treasury),
        context(Inserter(house.contexts, tasks, setup.tasks.context, outside.clock)),
    ]


def body(steps: int) -> Body:
    """Return a small call that has come so many tools far; nothing of it is read yet."""
    talk: list[object] = [
        {"role": "system", "content": "You are a clerk."},
        {"role": "user", "content": "Find out what the stock is worth."},
    ]
    for step in range(steps):
        name = f"call_{step:024d}"
        asked = {"name": "look", "arguments": json.dumps({"at": f"shelf {step}"})}
        talk.append({
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": name, "type": "function", "function": asked}],
        })  # fmt: skip
        talk.append({"role": "tool", "tool_call_id": name, "content": f"{step * 7} pieces"})
    found = TONGUES[Dialect.OPENAI_CHAT].parse(
        msgspec.json.encode({"model": "t", "messages": talk})
    )
    _ = found.conversation  # it is read in any case, and kept
    return found


async def spend(
    handler: Handler, caller: Callable[[int], Caller], bodies: Sequence[Body], start: int
) -> float:
    """Return the CPU microseconds of one call, of so many."""
    calls = [
        Call(
            id=f"sg_{start + number:026d}",
            body=bodies[number % len(bodies)],
            at=UnixMs(1),
            began=asyncio.get_running_loop().time(),  # type: ignore[arg-type]  # seconds
            caller=caller(start + number),
        )
        for number in range(CALLS)
    ]
    began = time.process_time_ns()
    for call in calls:
        reply = await handler(call, Trail())
        async for _ in reply.pieces:
            pass
        reply.close()
    return (time.process_time_ns() - began) / 1000 / CALLS


async def measured(rounds: int) -> dict[str, float]:
    """Return what the layers add to a call, by what comes: the median of the rounds."""
    running = Running(Source.of(CONFIG, {}))
    await running.start()
    try:
        setup = running.current().setup
        handler = stack(layers(setup, running.house), answer)
        plain, steps = [body(0)], [body(count) for count in range(STEPS)]
        kinds = {
            "named": (named, plain),
            "inferred": (nameless, plain),
            "tool loops of 4 calls": (looping, steps),
        }
        found: dict[str, list[float]] = {name: [] for name in kinds}
        for at in range(rounds):
            for number, (name, (caller, bodies)) in enumerate(kinds.items()):
                start = (at * len(kinds) + number) * CALLS
                bare = await spend(answer, caller, bodies, start)
                found[name].append(await spend(handler, caller, bodies, start) - bare)
    finally:
        await running.aclose()
    return {name: round(sorted(spans)[len(spans) // 2], 1) for name, spans in found.items()}


def main() -> None:
    """Measure, and print."""
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    rounds = int(words[0]) if words else ROUNDS
    if "--profile" in sys.argv:
        profile = cProfile.Profile()
        profile.runcall(asyncio.run, measured(rounds))
        profile.print_stats("tottime")
        return
    print(json.dumps(asyncio.run(measured(rounds)), indent=2))


if __name__ == "__main__":
    main()

"""Measure how fast past decisions are replayed; ``-m bench.replayed --rows 100000``.

It fills a ledger with rows of agents that work in tool loops, decided by a policy of twelve targets
and five rules, and then times ``switchgear replay`` on it as a process of its own. Another policy
is given, under which about a third of the decisions change.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.gateway import START, config

from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.config.read import read_setup
from switchgear.config.setup import Setup
from switchgear.domain.ask import Ask, Counts, Shape, Step
from switchgear.domain.attempt import Attempt, Sent
from switchgear.domain.decision import Decision
from switchgear.domain.dialect import Dialect
from switchgear.domain.entry import End, Entry
from switchgear.domain.event import Stop, Usage
from switchgear.domain.situation import Latency, Reading, Situation
from switchgear.domain.target import Capability
from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs
from switchgear.engine.cost import cost_of
from switchgear.engine.decide import decide
from switchgear.engine.policydoc import encode_policy

ROWS = 100_000
SPAN_MS = 6 * 86_400_000
BATCH = 1000
SNAPSHOT = 40
"""Rows that are decided in one situation."""
AGENTS = ("planner", "coder", "reviewer", "clerk", "searcher", "writer")
STEPS_OF_A_TASK = 8


class Traffic:
    """Calls of agents, drawn from a seed."""

    def __init__(self, setup: Setup, rows: int) -> None:
        """Take whose policy decides."""
        self._setup = setup
        self._draw = random.Random(7)  # noqa: S311  (a seeded stream, not a secret)
        self._rows = rows
        self._targets = {each.id: each for each in setup.policy.targets}
        self._held: dict[str, str] = {}

    def entries(self, now: int) -> Iterator[Entry]:
        """Return the rows, oldest first."""
        situation = Situation()
        for number in range(self._rows):
            if number % SNAPSHOT == 0:
                situation = self._situation(number)
            at = UnixMs(now - SPAN_MS + SPAN_MS * number // self._rows)
            yield self._entry(number, at, situation)

    def _situation(self, number: int) -> Situation:
        readings = {name: self._reading() for name in self._targets}
        return Situation(id=f"s{number}", readings=readings)

    def _reading(self) -> Reading:
        base = self._draw.choice((0.2, 0.4, 0.8))
        first = Latency(Seconds(base), Seconds(base * 2), Seconds(base * 4))
        token = Latency(Seconds(base / 40), Seconds(base / 20), Seconds(base / 10))
        return Reading(first_content=first, token=token, known=True)

    def _ask(self, number: int) -> Ask:
        draw, task = self._draw, number // STEPS_OF_A_TASK
        agent = AGENTS[task % len(AGENTS)]
        inside = number % STEPS_OF_A_TASK > 0 and draw.random() < 0.7
        last = 0 if inside else draw.randrange(20, 1500)
        chars = draw.randrange(500, 40_000)
        shape = Shape(
            chars=chars,
            turns=2 + number % STEPS_OF_A_TASK,
            tools=draw.choice((0, 4, 12)),
            images=0,
            documents=0,
            last_chars=last,
            system_chars=400,
            code=draw.random() < 0.3,
            maths=draw.random() < 0.1,
            digits=draw.randrange(40),
            constraints=draw.randrange(5),
            questions=1,
            steps=draw.randrange(5),
            counts=Counts(lower=chars * 3 // 4, gaps=chars // 5, marks=chars // 20, known=True),
        )
        return Ask(
            model="auto",
            dialect=Dialect.OPENAI_CHAT,
            stream=draw.random() < 0.5,
            step=Step.TOOL_RESULT if inside else Step.USER_TURN,
            shape=shape,
            input_tokens=Tokens(chars // 4),
            max_output=None,
            needs=frozenset({Capability.TOOLS} if shape.tools else ()),
            system_digest=f"{task % len(AGENTS):016x}",
            tools_digest=f"{shape.tools:016x}",
            held=self._held.get(agent, "") if inside else "",
            key="k1",
            agent=agent,
            task=f"ta_{task:026d}",
            task_step=1 + number % STEPS_OF_A_TASK,
            metadata=(("team", f"team-{draw.randrange(20)}"),),
            draw=draw.random(),
            grams=draw.randbytes(2 * min(last // 6, 60)),
        )

    def _entry(self, number: int, at: UnixMs, situation: Situation) -> Entry:
        ask = self._ask(number)
        decision = decide(ask, situation, self._setup.policy, self._setup.conditions)
        self._held[ask.agent] = decision.winner
        attempt = self._attempt(ask, decision)
        return Entry(
            id=f"sg_{number:026d}",
            at=at,
            dialect=ask.dialect,
            stream=ask.stream,
            model=ask.model,
            key=ask.key,
            task=ask.task,
            agent=ask.agent,
            step=ask.task_step,
            end=End.ANSWERED,
            status=200,
            target=attempt.target,
            cost=attempt.cost,
            first_content=Seconds(0.3),
            took=Seconds(attempt.took + 0.001),
            own=Seconds(0.001),
            digest=f"{number:032x}",
            ask=ask,
            situation=situation,
            decision=decision,
            attempts=(attempt,),
        )

    def _attempt(self, ask: Ask, decision: Decision) -> Attempt:
        target = self._targets[decision.winner]
        usage = Usage(input=ask.input_tokens, output=Tokens(self._draw.randrange(20, 900)))
        return Attempt(
            target=target.id,
            model=target.model,
            status=200,
            sent=Sent.HEARD,
            began=Seconds(0.001),
            first_content=Seconds(0.3),
            took=Seconds(0.3 + usage.output * 0.01),
            usage=usage,
            cost=NanoUsd(cost_of(usage, target.price)),
            stop=Stop.END,
        )


async def fill(file: Path, rows: int, setup: Setup) -> None:
    """Write so many rows."""
    ledger = SqliteLedger(file, durable=False)
    await ledger.keep_policy(setup.policy.version, encode_policy(setup.policy))
    batch = []
    for entry in Traffic(setup, rows).entries(SystemClock().date()):
        batch.append(entry)
        if len(batch) == BATCH:
            await asyncio.gather(*map(ledger.write, batch))
            batch.clear()
    await asyncio.gather(*map(ledger.write, batch))
    await ledger.aclose()


def prepare(folder: Path, rows: int) -> tuple[Path, Path]:
    """Return a filled ledger, and a config with another policy."""
    file, other = folder / "ledger.db", folder / "other.yaml"
    document = config(9, file, durable=False)
    setup = read_setup(json.dumps(document).encode(), {}, SystemClock().date()).setup
    asyncio.run(fill(file, rows, setup))
    document["tiers"] = {"small": {"max_complexity": 0.45}, "mid": {"max_complexity": 0.8}}
    other.write_text(json.dumps(document))
    return file, other


def main() -> None:
    """Print what deciding so many rows again took, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=ROWS)
    parser.add_argument("--keep", type=Path, help="a folder to keep the ledger in, and find it")
    parser.add_argument("--show", action="store_true", help="print what the command says too")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="switchgear-bench-") as scratch:
        folder = wish.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        file, other = folder / "ledger.db", folder / "other.yaml"
        if not file.exists():
            prepare(folder, wish.rows)
        words = ("replay", "--policy", str(other), "--ledger", str(file), "--since", "30d")
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", START, *words], capture_output=True, text=True, check=False
        )
        took = time.perf_counter() - began
        if wish.show or done.returncode:
            print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        if not done.returncode:
            print(json.dumps({"replay_100k_s": [took * ROWS / wish.rows]}))


if __name__ == "__main__":
    main()

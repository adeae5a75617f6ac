"""What is measured inside one process: the stages of a call, ``decide``, and the library form.

Run as ``python -m bench.inside PORT FOLDER ROUNDS``; it prints one JSON object.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

import msgspec
from bench.figure import quantile
from bench.gateway import MODEL, config
from bench.load import prompt
from bench.process import GATEWAY_CORE
from bench.upstream import CHAT

import switchgear
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.adapters.upstreams.provider import HttpMeans, HttpUpstream
from switchgear.config.read import read_setup
from switchgear.config.setup import Setup
from switchgear.domain.attempt import Attempt, Sent
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import UseModel
from switchgear.domain.entry import Entry
from switchgear.domain.event import Stop, Usage
from switchgear.domain.fact import Answered, Committed, Decided, Tried
from switchgear.domain.situation import Situation
from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs
from switchgear.engine.asking import Chances, ask_of
from switchgear.engine.decide import decide
from switchgear.engine.fold import fold
from switchgear.ports.nursery import Nursery
from switchgear.ports.upstream import Order
from switchgear.wire.registry import TONGUES

Stages = dict[str, float]
TURNS = 300
"""Of a stage in one round."""
ROWS = 64
"""Written to the ledger at once, as a busy gateway does."""
CALLS = 200
"""Of the library form, and direct, in one round."""

TICK = 0.001
PART = 262_144
"""Bytes that a socket gives at once."""
OK = 200

RAW = prompt(MODEL)
TONGUE = TONGUES[Dialect.OPENAI_CHAT]


def microseconds(act: Callable[[], object]) -> float:
    """Return what one turn of ``act`` takes: the best of five batches, to leave noise out."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(TURNS):
            act()
        best = min(best, time.perf_counter() - began)
    return best / TURNS * 1e6


def setup_of(targets: int, rules: int, port: int = 9) -> Setup:
    """Return the compiled config with so many targets and rules."""
    document = config(port, Path(":memory:"), durable=True, targets=targets, rules=rules)
    return read_setup(json.dumps(document).encode(), {}, SystemClock().date()).setup


def decide_us(targets: int, rules: int) -> float:
    """Return what one decision takes."""
    setup = setup_of(targets, rules)
    ask = ask_of(TONGUE.parse(RAW), Caller(), setup.policy.metadata, Chances())
    now = Situation()
    return microseconds(lambda: decide(ask, now, setup.policy, setup.conditions))


def stages() -> Stages:
    """Return the microseconds of each stage of a call with 12 targets and 5 rules."""
    setup = setup_of(12, 5)
    policy, body = setup.policy, TONGUE.parse(RAW)
    ask = ask_of(body, Caller(), policy.metadata, Chances())
    call, facts = _trail(setup)
    edits = (UseModel("model-1"),)
    return {
        "parse the body": microseconds(lambda: TONGUE.parse(RAW).conversation),
        "features": microseconds(lambda: ask_of(body, Caller(), policy.metadata, Chances())),
        "decide": microseconds(lambda: decide(ask, Situation(), policy, setup.conditions)),
        "rewrite the body": microseconds(lambda: TONGUE.rewrite(body, edits)),
        "read the answer": microseconds(lambda: TONGUE.read_whole(CHAT)),
        "fold the trail": microseconds(
            lambda: fold(call, facts, now=Seconds(1.0), digest="0" * 32)
        ),
    }


def ledger_us(folder: Path, *, durable: bool) -> float:
    """Return the wall time for one row, where many calls end at once."""
    call, facts = _trail(setup_of(12, 5))
    entry = fold(call, facts, now=Seconds(1.0), digest="0" * 32)

    async def life() -> float:
        ledger = SqliteLedger(folder / f"stage-{durable}.db", durable=durable)
        spent = [await _write_rows(ledger, entry, turn) for turn in range(20)]
        await ledger.aclose()
        return quantile(spent, 0.5) / ROWS * 1e6

    return asyncio.run(life())


async def _write_rows(ledger: SqliteLedger, entry: Entry, turn: int) -> float:
    rows = [
        msgspec.structs.replace(entry, id=f"sg_{turn:010d}{number:016d}") for number in range(ROWS)
    ]
    began = time.perf_counter()
    await asyncio.gather(*map(ledger.write, rows))
    return time.perf_counter() - began


def _trail(setup: Setup) -> tuple[Call, list[Decided | Tried | Committed | Answered]]:
    body = TONGUE.parse(RAW)
    call = Call(id="sg_" + "0" * 26, body=body, at=UnixMs(0), began=Seconds(0.0))
    ask = ask_of(body, Caller(), setup.policy.metadata, Chances())
    decision = decide(ask, Situation(), setup.policy, setup.conditions)
    attempt = Attempt(
        target=decision.winner,
        model="model-1",
        status=200,
        sent=Sent.HEARD,
        began=Seconds(0.001),
        took=Seconds(0.9),
        usage=Usage(input=Tokens(420), output=Tokens(24)),
        cost=NanoUsd(1000),
        stop=Stop.END,
    )
    decided = Decided(ask=ask, situation=Situation(), decision=decision)
    committed = Committed(target=decision.winner, own=Seconds(0.0005))
    return call, [decided, Tried(attempt), committed, Answered()]


async def library_ms(port: int, folder: Path, rounds: int) -> list[float]:
    """Return by how much the library form is slower than its own client alone, p50 by round."""
    document = config(port, folder / "library.db", durable=True)
    setup = setup_of(12, 5, port)
    means = HttpMeans(
        nursery=Nursery(), clock=SystemClock(), patience=setup.patience, tongues=TONGUES
    )
    upstream = HttpUpstream(setup.providers, means)
    fields = msgspec.json.decode(RAW)
    added = []
    async with switchgear.open(document) as gateway:
        for _ in range(rounds + 1):
            ours, direct = [], []
            for _ in range(CALLS):
                began = time.perf_counter()
                await gateway.chat(**fields)
                between = time.perf_counter()
                await _direct(upstream, setup)
                direct.append(time.perf_counter() - between)
                ours.append(between - began)
            added.append((quantile(ours, 0.5) - quantile(direct, 0.5)) * 1000)
    upstream.close()
    return added[1:]  # the first round warms up


async def _direct(upstream: HttpUpstream, setup: Setup) -> None:
    body = TONGUE.parse(RAW)
    answer = upstream.begin(Order(target=setup.policy.targets[0], body=body))
    await answer.open()
    while await answer.read() is not None:
        pass
    answer.close()


async def loop_lag_ms(port: int, folder: Path, rounds: int) -> list[float]:
    """Return the longest time that the loop stood still while a 10 MB body passed, by round."""
    document = config(port, folder / "lag.db", durable=True)
    raw = msgspec.json.encode(
        {"model": MODEL, "messages": [{"role": "user", "content": "word " * 1_980_000}]}
    )
    lags = []
    async with switchgear.open(document) as gateway:
        for _ in range(rounds):
            late = [0.0]
            ticking = asyncio.ensure_future(_tick(late))
            status = await _post(gateway, raw)
            ticking.cancel()
            if status != OK:
                raise RuntimeError(f"the large body was answered with {status}")
            lags.append(max(late) * 1000)
    return lags


async def _tick(late: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(TICK)
        late.append(time.perf_counter() - began - TICK)


async def _post(gateway: switchgear.Switchgear, raw: bytes) -> int:
    """Send a body through the app in process, in the parts in which a socket would give it."""
    parts = [raw[at : at + PART] for at in range(0, len(raw), PART)]
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        if not parts:
            await asyncio.Event().wait()  # the client stays
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    headers = [(b"host", b"a"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "headers": headers}
    await gateway.asgi({**scope, "query_string": b"", "http_version": "1.1"}, receive, send)
    return statuses[0]


def main() -> None:
    """Measure everything and print it."""
    os.sched_setaffinity(0, {GATEWAY_CORE})
    port, folder, rounds = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    timed = stages()
    timed["ledger row, FULL, 64 at once"] = ledger_us(folder, durable=True)
    timed["ledger row, NORMAL, 64 at once"] = ledger_us(folder, durable=False)
    found = {
        "stages": timed,
        "decide_12_us": [decide_us(12, 5) for _ in range(rounds)],
        "decide_50_us": [decide_us(50, 20) for _ in range(rounds)],
        "library_added_p50_ms": asyncio.run(library_ms(port, folder, rounds)),
    }
    sys.setswitchinterval(0.0005)  # as `switchgear serve` does
    found["loop_lag_ms"] = asyncio.run(loop_lag_ms(port, folder, rounds))
    print(json.dumps(found))


if __name__ == "__main__":
    main()

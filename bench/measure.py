"""Each measurement of the gateway from outside: rounds of values, by the figure's name."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median

import msgspec
from bench.figure import PEERS, quantile
from bench.gateway import CROSS, MODEL, Gateway
from bench.load import SENTENCE, Line, connect, one_by_one, prompt, request, streams, wrk
from bench.peer import Peer, start
from bench.printed import printed
from bench.process import GATEWAY_CORE, LOAD_CORE, PIN, Child, NotMeasured, free_port

from bench import account, brain, circles, crowd, workers

ROOT = Path(__file__).parents[1]
BUSY = 0.9
"""With less than this share of its core used, the gateway was not what limited a run."""
BLOCK = 25
"""Requests to one side before the other has its turn."""
OPEN = 1000
OPEN_CHUNKS, OPEN_PAUSE_MS = 100, 50
STREAMED, WHOLE = {"stream": MODEL, "cross": CROSS}, {"whole": MODEL, "cross": CROSS}
SATURATED, PACED, PACED_STREAMS = "bench-200x0", "bench-50x20", 100
"""100 streams with 50 chunks a second each: about a third of what one core can do."""
FIRST_SHARE = 0.4
"""Of the calls, where the first content is timed: each of them takes longer."""
LARGE_TURNS, LARGE_BYTES, HUGE_BYTES = 200, 200_000, 9_900_000

Found = dict[str, list[float]]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How long everything may take."""

    rounds: int
    span_s: int
    latency_calls: int
    peers: bool


class Bench:
    """Holds the upstream and the folder while measuring."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        """Start the upstream on the load's core."""
        self.plan = plan
        self.folder = folder
        self.port = free_port()
        self.peers: dict[str, str] = {}
        self.remarks: list[str] = []
        self.shares: dict[str, float] = {}
        self.stages: dict[str, float] = {}
        upstream = [sys.executable, str(ROOT / "bench" / "upstream.py"), str(self.port)]
        self.upstream = Child(upstream, LOAD_CORE, folder / "upstream.log")
        self.upstream.wait_port(self.port)

    def gateway(self, stack: ExitStack, *, durable: bool = True) -> Gateway:
        """Start a gateway with a ledger of its own, until the stack ends."""
        place = self.folder / f"gateway-{len(list(self.folder.iterdir()))}"
        place.mkdir()
        gateway = Gateway(self.port, place, durable=durable)
        stack.callback(gateway.stop)
        gateway.wait()
        return gateway

    def doubt(self, what: str, share: float) -> None:
        """Keep which share of its core the gateway used in a round that should use all of it."""
        self.shares[what] = min(share, self.shares.get(what, 1.0))

    def doubts(self) -> list[str]:
        """Return a remark on each run that was limited by something else than the gateway."""
        return [
            f"{what}: in its worst round the gateway used {share:.0%} of its core only, so the load"
            " or other work on the machine was the bottleneck, and the figure is too low."
            for what, share in self.shares.items()
            if share < BUSY
        ]


def whole(bench: Bench) -> Found:
    """Measure whole answers: ours and each peer's in turns."""
    found: Found = {}
    with ExitStack() as stack:
        ours = bench.gateway(stack)
        sides: list[Peer] = [] if not bench.plan.peers else _peers(bench, stack)
        bodies = {name: prompt(model) for name, model in WHOLE.items()}
        for body in bodies.values():
            wrk(ours.port, body, (), bench.folder, 1)
        _peer_rates(bench, sides, 1)
        for _ in range(bench.plan.rounds):
            for name, body in bodies.items():
                before = ours.child.cpu_s()
                rate = wrk(ours.port, body, (), bench.folder, bench.plan.span_s)
                share = (ours.child.cpu_s() - before) / bench.plan.span_s
                found.setdefault(f"{name}_rps", []).append(rate)
                found.setdefault(f"{name}_per_cpu_s", []).append(rate / share)
                bench.doubt(f"whole answers ({name})", share)
            for name, rate in _peer_rates(bench, sides, bench.plan.span_s):
                found.setdefault(f"{name}_rps", []).append(rate)
        direct = wrk(bench.port, prompt(MODEL), (), bench.folder, bench.plan.span_s)
        found["direct_rps"] = [direct]
        ours.stop()
        found["ledger_row_bytes"] = [row_bytes(ours.ledger)]
    if "portkey_rps" in found:
        pairs = zip(found["whole_rps"], found["portkey_rps"], strict=False)
        found["whole_over_portkey"] = [one / other for one, other in pairs]
    return found


def _peers(bench: Bench, stack: ExitStack) -> list[Peer]:
    started = []
    for name in PEERS:
        try:
            peer = start(name, bench.port, bench.folder)
        except NotMeasured as error:
            bench.peers[name] = str(error).splitlines()[0][:80]
            continue
        stack.callback(peer.child.stop)
        peer.child.pause()
        bench.peers[name] = peer.version
        started.append(peer)
    return started


def _peer_rates(bench: Bench, sides: list[Peer], span_s: int) -> list[tuple[str, float]]:
    """Return each peer's rate; one that does not keep up is left out from now on."""
    rates = []
    for side in tuple(sides):
        try:
            rates.append((side.name, _whole_beside(bench, side, span_s)))
        except NotMeasured as error:
            bench.remarks.append(f"{side.name} was left out after a round: {error}.")
            sides.remove(side)
    return rates


def _whole_beside(bench: Bench, peer: Peer, span_s: int) -> float:
    """Return a peer's whole answers per second; outside its turn it stands still."""
    peer.child.resume()
    try:
        return wrk(peer.port, prompt(peer.model), peer.headers, bench.folder, span_s)
    finally:
        peer.child.pause()


def row_bytes(ledger: Path) -> float:
    """Return what a row of this ledger takes on the disk, indexes and all."""
    with closing(sqlite3.connect(ledger)) as book:
        book.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows = book.execute("SELECT count(*) FROM decisions").fetchone()[0]
        pages = book.execute("PRAGMA page_count").fetchone()[0]
        size = book.execute("PRAGMA page_size").fetchone()[0]
    if not rows:
        raise NotMeasured("the ledger is empty after a run")
    return float(pages * size / rows)


def latency(bench: Bench) -> Found:
    """Measure added latency one at a time, both ledgers, and first content, against direct."""
    data = request(prompt(MODEL))
    live = request(prompt(MODEL, wish="bench-5x1", stream=True))
    found: Found = {}
    with ExitStack() as stack:
        sides = {
            "full": bench.gateway(stack),
            "normal": bench.gateway(stack, durable=False),
        }
        for name, side in sides.items():
            for _ in range(bench.plan.rounds):
                direct, through = _in_turns(bench, side.port, data, first=False)
                for share in (50, 99):
                    added = quantile(through, share / 100) - quantile(direct, share / 100)
                    found.setdefault(f"added_{name}_p{share}_ms", []).append(added)
        for _ in range(bench.plan.rounds):
            direct, through = _in_turns(bench, sides["full"].port, live, first=True)
            added = quantile(through, 0.5) - quantile(direct, 0.5)
            found.setdefault("first_content_added_p50_ms", []).append(added)
    return found


def _in_turns(
    bench: Bench, port: int, data: bytes, *, first: bool
) -> tuple[list[float], list[float]]:
    """Return the times direct and through the gateway, measured in small blocks in turns."""

    async def both() -> tuple[list[float], list[float]]:
        direct: list[float] = []
        through: list[float] = []
        await one_by_one(port, data, BLOCK, first=first)
        calls = bench.plan.latency_calls * (FIRST_SHARE if first else 1)
        for _ in range(int(calls) // BLOCK):
            direct += await one_by_one(bench.port, data, BLOCK, first=first)
            through += await one_by_one(port, data, BLOCK, first=first)
        return direct, through

    return asyncio.run(both())


def streaming(bench: Bench) -> Found:
    """Measure chunks per second, same dialect and across, in turns.

    Two ways: paced, where each chunk is a read of its own and the CPU per chunk tells what the core
    can do; and saturated, where chunks pile up and several are read at once, which is far cheaper.
    """
    found: Found = {}
    with ExitStack() as stack:
        ours = bench.gateway(stack)
        for _ in range(bench.plan.rounds):
            for name, model in STREAMED.items():
                paced = request(prompt(model, wish=PACED, stream=True))
                before = ours.child.cpu_s()
                chunks, _ = asyncio.run(streams(ours.port, paced, PACED_STREAMS, bench.plan.span_s))
                spent = ours.child.cpu_s() - before
                found.setdefault(f"{name}_chunks_per_s", []).append(chunks / spent)
                full = request(prompt(model, wish=SATURATED, stream=True))
                chunks, took = asyncio.run(streams(ours.port, full, 32, bench.plan.span_s))
                found.setdefault(f"{name}_saturated_chunks_per_s", []).append(chunks / took)
    return found


def open_streams(bench: Bench) -> Found:
    """Measure 1,000 streams open at the same time, each with 20 chunks a second."""
    with ExitStack() as stack:
        ours = bench.gateway(stack)
        asyncio.run(one_by_one(ours.port, request(prompt(MODEL)), 100))
        before = ours.child.rss_kb()
        wish = f"bench-{OPEN_CHUNKS}x{OPEN_PAUSE_MS}"
        data = request(prompt(MODEL, wish=wish, stream=True))
        complete, peak, rate = asyncio.run(_hold_open(ours, data))
    return {
        "open_streams_complete": [float(complete)],
        "open_stream_kb": [(peak - before) / OPEN],
        "open_streams_chunks_per_s": [rate],
    }


async def _hold_open(ours: Gateway, data: bytes) -> tuple[int, int, float]:
    lines = await connect(ours.port, OPEN)
    began = time.perf_counter()
    ends = [line.send(data) for line in lines]
    peak, waiting = 0, set(ends)
    while waiting and time.perf_counter() - began < 60:
        _, waiting = await asyncio.wait(waiting, timeout=0.25)
        peak = max(peak, ours.child.rss_kb())
    spent = time.perf_counter() - began
    whole = [
        line
        for line, end in zip(lines, ends, strict=True)
        if end.done() and end.result() and line.chunks == OPEN_CHUNKS
    ]
    for line in lines:
        line.close()
    return len(whole), peak, sum(line.chunks for line in lines) / spent


def large(bench: Bench) -> Found:
    """Measure the CPU for a conversation of 200 kB, and how long 10 MB make others wait."""
    data = request(conversation(MODEL, LARGE_TURNS, LARGE_BYTES))
    found: Found = {}
    with ExitStack() as stack:
        ours = bench.gateway(stack)
        asyncio.run(one_by_one(ours.port, data, 10))
        small = request(prompt(MODEL))
        for _ in range(bench.plan.rounds):
            before = ours.child.cpu_s()
            asyncio.run(one_by_one(ours.port, data, 50))
            found.setdefault("large_cpu_ms", []).append((ours.child.cpu_s() - before) * 1000 / 50)
            lag, control = asyncio.run(_lag(ours.port, small))
            found.setdefault("large_wait_ms", []).append(lag)
            found.setdefault("large_wait_control_ms", []).append(control)
    return found


def conversation(model: str, turns: int, size: int) -> bytes:
    """Return a body with so many turns, in fours: a question, a tool call, its result, words."""
    words = (SENTENCE * (size // turns // len(SENTENCE) + 2))[: size // turns - 90]
    messages: list[dict[str, object]] = []
    for number in range(turns // 4):
        call = {"name": "look", "arguments": json.dumps({"q": words})}
        calls = [{"id": f"call_{number}", "type": "function", "function": call}]
        messages += [
            {"role": "user", "content": words},
            {"role": "assistant", "content": None, "tool_calls": calls},
            {"role": "tool", "tool_call_id": f"call_{number}", "content": words},
            {"role": "assistant", "content": words},
        ]
    messages[-1] = {"role": "user", "content": words}
    tool = {"name": "look", "parameters": {"type": "object"}}
    tools = [{"type": "function", "function": tool}]
    return msgspec.json.encode({"model": model, "messages": messages, "tools": tools})


async def _lag(port: int, small: bytes) -> tuple[float, float]:
    """Return by how much the slowest small call is slower than usual: beside 10 MB, and alone."""
    huge = request(prompt(MODEL, size=HUGE_BYTES))
    [beside] = await connect(port)
    usual = await one_by_one(port, small, 100)
    done = asyncio.Event()

    async def poll(line: Line) -> float:
        slowest = 0.0
        while not done.is_set():
            began = time.perf_counter()
            await line.send(small)
            slowest = max(slowest, (time.perf_counter() - began) * 1000)
        return slowest

    polling = asyncio.ensure_future(poll(beside))
    await one_by_one(port, huge, 3)
    done.set()
    slowest = await polling
    beside.close()
    return slowest - median(usual), max(usual) - median(usual)


def standing(bench: Bench) -> Found:
    """Measure start, idle memory and import."""
    found: Found = {}
    for _ in range(bench.plan.rounds):
        with ExitStack() as stack:
            began = time.perf_counter()
            ours = bench.gateway(stack)
            found.setdefault("ready_s", []).append(time.perf_counter() - began)
            time.sleep(0.5)
            found.setdefault("idle_mb", []).append(ours.child.rss_kb() / 1024)
        bare = _python("pass")
        found.setdefault("import_s", []).append(_python("import switchgear") - bare)
    return found


def _python(code: str) -> float:
    pinned = [sys.executable, "-c", PIN % GATEWAY_CORE, sys.executable, "-c", code]
    began = time.perf_counter()
    subprocess.run(pinned, check=True)
    return time.perf_counter() - began


def inside(bench: Bench) -> Found:
    """Measure what one process can measure of itself."""
    words = [sys.executable, "-m", "bench.inside", str(bench.port), str(bench.folder)]
    done = subprocess.run(
        [*words, str(bench.plan.rounds)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if done.returncode:
        raise NotMeasured(f"bench.inside: {done.stderr[-600:]}")
    found: Found = json.loads(done.stdout)
    bench.stages = found.pop("stages")  # type: ignore[assignment]  # the one that is no list
    return found


def crowds(bench: Bench) -> Found:
    """Measure who waits where there is not room for all: at a target, and at the gateway."""
    span = bench.plan.span_s + 2.0
    found = crowd.places(bench.port, bench.folder, 2 * span)
    found |= crowd.core(bench.port, bench.folder, span)
    return found | crowd.agents(bench.port, bench.folder)


def books(bench: Bench) -> Found:
    """Make many mixed calls that are paid for, and add up what rows and accounts say."""
    found = printed("books", 1_000 if bench.plan.rounds == 1 else 10_000)
    return {name: [found[name]] for name in ("books_differ_nano_usd", "books_held")}


MEASUREMENTS: tuple[tuple[str, Callable[[Bench], Found]], ...] = (
    ("start, memory, import", standing),
    ("stages, decide, library form", inside),
    ("loops", lambda bench: circles.figures(bench.plan.rounds)),
    ("choosing by what was learnt", lambda bench: brain.figures(bench.plan.rounds)),
    ("hedges, simulated", lambda it: printed("hedge", 1 if it.plan.rounds == 1 else 3)),
    ("lanes, simulated", lambda it: printed("waiting", 1 if it.plan.rounds == 1 else 3)),
    ("lanes, crowds over sockets", crowds),
    ("books", books),
    ("what-if", lambda it: printed("replayed", 10_000 if it.plan.rounds == 1 else 100_000)),
    ("budgets", lambda bench: account.figures(bench.folder, bench.plan.rounds)),
    ("added latency", latency),
    ("streams", streaming),
    ("1,000 open streams", open_streams),
    ("large bodies", large),
    ("whole answers, and peers", whole),
    ("workers", lambda it: workers.figures(it.port, it.folder, it.plan.rounds, it.plan.span_s)),
)
"""Everything that is measured, in its order."""

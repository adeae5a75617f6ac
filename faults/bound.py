"""Calls that may go to some targets only, through random faults: not a byte goes anywhere else."""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from faults.cell import Cell, cell
from faults.config import NOW, SHORT
from faults.matrix import SHOWN, served
from typing_extensions import override

from switchgear.adapters.beacons.memory import MemoryBeacon
from switchgear.adapters.chance import SystemChance
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.halts.memory import MemoryBoard
from switchgear.adapters.keyrings.memory import MemoryKeyring
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.meters.memory import MemoryMeters
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.adapters.signals.memory import MemorySignals
from switchgear.adapters.upstreams.scripted import (
    Act,
    Calls,
    Cuts,
    Refuses,
    Says,
    ScriptedUpstream,
)
from switchgear.app import Gateway, build
from switchgear.config.read import read_setup
from switchgear.config.setup import Setup
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import (
    ContextTooLong,
    NoTarget,
    SwitchgearError,
    UpstreamBusy,
    UpstreamDenied,
    UpstreamFailed,
    UpstreamGarbled,
    UpstreamLost,
    UpstreamSilent,
    UpstreamUnreachable,
)
from switchgear.house import Outside, furnish
from switchgear.ports.handler import Trail
from switchgear.ports.upstream import Order
from switchgear.rehearsal.catalogue import CATALOGUE
from switchgear.rehearsal.client import Wish, call
from switchgear.rehearsal.fault import Expect, Phase
from switchgear.rehearsal.stand import standing
from switchgear.running import open_recollections
from switchgear.wire.registry import TONGUES

CALLS = int(os.environ.get("FAULTS_BOUND", "10000"))
A_HOUSE = 50
"""Calls until everything is learnt anew, so that breakers do not end the exercise."""
AT_ONCE, HOUSES = 25, 8
SOCKET_CALLS = 400
KEYS = ("eu", "restricted")
ALLOWED = {"eu": {"eu-1", "eu-2", "eu-3"}, "restricted": {"eu-3", "us-3"}, "mars": set[str]()}
TEXT = "one two three four five six seven"
ERRORS = (
    ContextTooLong,
    UpstreamBusy,
    UpstreamDenied,
    UpstreamFailed,
    UpstreamGarbled,
    UpstreamLost,
    UpstreamSilent,
    UpstreamUnreachable,
)
SLOW = {"hang", "paced", "slow", "pings", "endless", "tiny", "long", "bomb", "connect", "blackhole"}
"""Beginnings of the names of faults that take their time."""
TOOL = {"name": "look_up", "input_schema": {"type": "object", "required": ["city"]}}


class Dice(ScriptedUpstream):
    """Does anything with any call; some of the answers are slow enough to be hedged."""

    def __init__(self, seed: int) -> None:
        """Throw what the seed says."""
        self._random = random.Random(seed)
        super().__init__({}, self._pause_a_while)
        self.fates: Counter[str] = Counter()

    @override
    def enter(self, order: Order) -> Act:
        self.orders.append(order)
        self.open_answers += 1
        act = self._fate()
        self.fates[type(act).__name__] += 1
        return act

    def _fate(self) -> Act:
        draw = self._random.random()
        if draw < 0.3:
            return Says(TEXT)
        if draw < 0.4:
            return Calls("look_up", self._random.choice(['{"city": "x"}', "{}", '{"ci']))
        if draw < 0.7:
            return Refuses(self._random.choice(ERRORS), 503)
        return Cuts(TEXT, self._random.randint(0, 7), self._random.choice((UpstreamLost,)))

    async def _pause_a_while(self) -> None:
        await asyncio.sleep(self._random.choice((0, 0, 0, 0.001, 0.004)))


async def bound() -> list[Cell]:
    """Make ten thousand calls with bound keys, in process; then some hundred over sockets."""
    found = [await _in_process(key) for key in KEYS]
    found += [await _over_sockets(key) for key in KEYS]
    found.append(await _nowhere())
    return found


def _setup(urls: Sequence[str] = ("http://127.0.0.1:9/v1",), models: str = "") -> Setup:
    """Return a setup with three targets in each region, whose cheapest are not allowed."""
    names = ("us-1", "us-2", "eu-1", "eu-2", "eu-3", "us-3")
    dialects = tuple(SHOWN)
    content: dict[str, Any] = {
        "providers": {
            name: {"dialect": dialects[place % 2].value, "base_url": urls[0], "region": name[:2]}
            for place, name in enumerate(names)
        },
        "targets": {
            name: {
                "provider": name,
                "model": f"{name}{models}",
                "tier": "small" if place < 3 else "frontier",
                "window": 100_000 * (place + 1),
                "quality": 0.9,
                "price": {"input_usd": place + 1, "output_usd": place + 1},
                "capabilities": ["tools", "streaming", "prefill"][: 2 + place % 2],
                "sensitivity": "restricted" if name.endswith("3") else "internal",
            }
            for place, name in enumerate(names)
        },
        "aliases": {"auto": {"targets": list(names), "hedge": True, "last": ["us-1"]}},
        "rules": [{"name": "home", "then": {"first": ["us-2"], "last": ["us-1"]}}],
        "keys": [
            {"id": "eu", "secret": "secret-eu", "regions": ["eu"]},
            {"id": "restricted", "secret": "secret-restricted", "sensitivity": "restricted"},
            {"id": "mars", "secret": "secret-mars", "regions": ["mars"]},
        ],
        "ledger": {"path": ":memory:"},
        "patience": SHORT,
    }
    return read_setup(msgspec.json.encode(content), {}, NOW).setup


async def _in_process(key: str) -> Cell:
    """Make the calls at the handler, with a scripted upstream behind it."""
    setup, began = _setup(), time.monotonic()
    right = next(each.key for each in setup.keys if each.key.id == key)
    gate = asyncio.Semaphore(HOUSES)
    sent: Counter[str] = Counter()
    ends: Counter[str] = Counter()

    async def one(seed: int) -> None:
        async with gate:
            await _housed(setup, right, Dice(seed), (sent, ends))

    async with asyncio.TaskGroup() as group:
        for seed in range(CALLS // len(KEYS) // A_HOUSE):
            group.create_task(one(seed))
    flaws = _strays(key, sent)
    if not sent or ends["answered"] < CALLS // 20 or not ends["no_target"]:
        flaws.append(f"the dice were not thrown as meant: {dict(ends)}")
    name = f"key bound to {key} · {ends.total():,} calls in process"
    found = cell("bound", name, flaws, attempts=sent.total(), seconds=time.monotonic() - began)
    return found if flaws else msgspec.structs.replace(found, note=_told(sent, ends))


async def _housed(
    setup: Setup, right: Key, dice: Dice, counts: tuple[Counter[str], Counter[str]]
) -> None:
    """Make some calls in a house that has learnt nothing yet, and count targets and ends."""
    sent, ends = counts
    ledger = MemoryLedger()
    outside = Outside(
        ledger=ledger,
        budgets=ledger.budgets,
        signals=MemorySignals(),
        clock=SystemClock(),
        chance=SystemChance(),
        recollections=open_recollections(setup.responses),
        meters=MemoryMeters(SystemClock()),
        papers=MemoryPapers(),
        board=MemoryBoard(),
        beacon=MemoryBeacon(),
        keyring=MemoryKeyring(),
        exposition=bytes,
    )
    house = furnish(outside, setup.server)
    gateway, gate = build(setup, house, dice), asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> str:
        async with gate:
            return await _end_of(gateway, _call(gateway, right, number))

    ends.update(await asyncio.gather(*(one(number) for number in range(A_HOUSE))))
    await house.nursery.aclose()
    sent.update(dice.sent)


def _strays(key: str, sent: Counter[str]) -> list[str]:
    astray = {name: count for name, count in sent.items() if name not in ALLOWED[key] and count}
    return [f"sent to {astray}"] if astray else []


def _told(sent: Counter[str], ends: Counter[str]) -> str:
    targets = ", ".join(f"{name} {count}" for name, count in sorted(sent.items()))
    return f"requests: {targets}; ends: " + ", ".join(f"{k} {v}" for k, v in ends.most_common(4))


def _call(gateway: Gateway, key: Key, number: int) -> Call:
    dialect = tuple(SHOWN)[number % 2]
    body: dict[str, Any] = {
        "model": "auto",
        "max_tokens": 100,
        "stream": number % 3 > 0,
        "messages": [{"role": "user", "content": f"call {number}"}],
    }
    if number % 5 == 0 and dialect is Dialect.ANTHROPIC_MESSAGES:
        body["tools"] = [TOOL]
    return Call(
        id=gateway.new_id(),
        body=TONGUES[dialect].parse(msgspec.json.encode(body)),
        caller=Caller(key=key),
        at=gateway.clock.date(),
        began=gateway.clock.now(),
    )


async def _end_of(gateway: Gateway, made: Call) -> str:
    try:
        reply = await gateway.handler(made, Trail())
    except NoTarget:
        return "no_target"
    except SwitchgearError as error:
        return error.code
    try:
        async for _ in reply.pieces:
            pass
    except SwitchgearError as error:
        return error.code
    finally:
        reply.close()
    return "answered"


async def _over_sockets(key: str) -> Cell:
    """Make calls through random fast faults of the scripted upstream."""
    draw, began = random.Random(key), time.monotonic()
    fast = [
        each.name
        for each in CATALOGUE
        if each.name.partition("-")[0] not in SLOW
        and each.phase is not Phase.CONNECT
        and each.expect is not Expect.BOUNDED
        and "retry-after" not in each.name
    ]
    sent: Counter[str] = Counter()
    async with served() as daemon:
        for turn in range(SOCKET_CALLS // 20):
            faults = {name: draw.choice(fast) for name in ("us-1", "us-2", "us-3", *ALLOWED["eu"])}
            setup = _dressed(_setup((daemon.base_url(),)), faults, f"@{key}{turn}")
            async with standing(setup) as stand:
                for number in range(20):
                    wish = Wish(
                        dialect=tuple(SHOWN)[number % 2],
                        model="auto",
                        stream=number % 3 > 0,
                        headers={"authorization": f"Bearer secret-{key}"},
                    )
                    await call(stand.port, wish, time.monotonic)
            for name, fault in faults.items():
                count = daemon.tally.of(f"{fault}@{key}{turn}-{name}")
                sent[name] += count.requests
    flaws = _strays(key, sent)
    if not sent.total():
        flaws.append("nothing was sent at all")
    name = f"key bound to {key} · {SOCKET_CALLS} calls over sockets"
    seconds = time.monotonic() - began
    return cell("bound", name, flaws, attempts=sent.total(), seconds=seconds)


def _dressed(setup: Setup, faults: dict[str, str], scope: str) -> Setup:
    targets = tuple(
        msgspec.structs.replace(each, model=f"{faults[each.id]}{scope}-{each.id}")
        for each in setup.policy.targets
    )
    policy = msgspec.structs.replace(setup.policy, targets=targets)
    return msgspec.structs.replace(setup, policy=policy)


async def _nowhere() -> Cell:
    """Make calls with a key for which no target is left."""
    began, flaws = time.monotonic(), []
    async with served() as daemon, standing(_setup((daemon.base_url(),), "@mars")) as stand:
        for dialect in SHOWN:
            for stream in (True, False):
                wish = Wish(
                    dialect=dialect,
                    model="auto",
                    stream=stream,
                    headers={"authorization": "Bearer secret-mars"},
                )
                seen = await call(stand.port, wish, time.monotonic)
                if seen.status != 503 or seen.code != "no_target":
                    flaws.append(f"{seen.status} {seen.code} where no target is left")
        sent = daemon.tally.total().requests
    if sent:
        flaws.append(f"{sent} requests were sent")
    return cell("bound", "no target left: 503", flaws, seconds=time.monotonic() - began)

"""The pipeline with a scripted network, a ledger in memory and time that leaps."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from support.cast import NEVER, policy
from switchgear.adapters.chance import SeededChance
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.upstreams.scripted import Pause, Script, ScriptedUpstream, one_turn
from switchgear.config.setup import (
    Patience,
    Provider,
    Queueing,
    Retrying,
    Setup,
    Tenant,
    ToolSpec,
)
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller
from switchgear.domain.dialect import Dialect
from switchgear.domain.entry import Entry
from switchgear.domain.turn import Conversation, Part, Role, Text, Turn
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.policy import Conditions, Policy
from switchgear.engine.temper import Temper
from switchgear.pipeline.allowance import Allowances
from switchgear.pipeline.attempt import Means
from switchgear.pipeline.count import Counter
from switchgear.pipeline.entrance import Entrance, Toll
from switchgear.pipeline.flaw import Flaws
from switchgear.pipeline.halt import Halts
from switchgear.pipeline.health import Health
from switchgear.pipeline.hold import Holds
from switchgear.pipeline.lane import Lanes, LaneToll
from switchgear.pipeline.limit import Slots, limit
from switchgear.pipeline.overhead import Overhead
from switchgear.pipeline.quota import Quotas
from switchgear.pipeline.record import Desk, record
from switchgear.pipeline.route import Router
from switchgear.pipeline.stack import stack
from switchgear.pipeline.watchdog import Watchdog
from switchgear.ports.ledger import Ledger
from switchgear.ports.nursery import Nursery

REST = Seconds(30.0)


class TestBody(msgspec.Struct, frozen=True, kw_only=True):
    """A request body of no dialect's bytes."""

    __test__ = False
    conversation: Conversation
    dialect: Dialect = Dialect.OPENAI_CHAT
    raw: bytes = b'{"model":"auto"}'

    @property
    def model(self) -> str:
        return self.conversation.model

    @property
    def stream(self) -> bool:
        return self.conversation.stream

    def require_limit(self) -> None:
        """It has one."""


def a_call(
    name: str = "c1",
    *parts: Part,
    model: str = "auto",
    stream: bool = True,
    caller: Caller = Caller(),  # noqa: B008  (frozen)
) -> Call:
    turns = (Turn(Role.USER, parts or (Text("say hi"),)),)
    talk = Conversation(model=model, turns=turns, stream=stream)
    body = TestBody(conversation=talk)
    return Call(id=name, body=body, at=UnixMs(1), began=Seconds(0.0), caller=caller)


class LoopClock:
    """Reads the loop's own time, which leaps."""

    def now(self) -> Seconds:
        return Seconds(asyncio.get_running_loop().time())

    def date(self) -> UnixMs:
        return UnixMs(int(self.now() * 1000))


class SilentSignals:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.seen: list[Entry] = []

    def observe(self, entry: Entry) -> None:
        self.seen.append(entry)


class Scenery(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around the pipeline."""

    pause: Pause = one_turn
    ledger: Ledger | None = None
    slots: int = 1
    conditions: Conditions = NEVER
    tools: dict[str, ToolSpec] = {}
    tolls: Sequence[Toll] = ()
    lanes: Queueing | None = None
    """How calls wait; else nobody does."""
    tenants: dict[str, Tenant] = {}
    upstream: ScriptedUpstream | None = None
    """Instead of one that only does what the scripts say."""


class Stage:
    """One gateway; a target rests after two failures in a row."""

    def __init__(
        self,
        scripts: Mapping[str, Script],
        rules: Policy | None = None,
        around: Scenery = Scenery(),  # noqa: B008  (frozen)
    ) -> None:
        self.upstream = around.upstream or ScriptedUpstream(scripts, around.pause)
        self.memory = MemoryLedger()
        self.signals = SilentSignals()
        self.nursery = Nursery()
        clock = LoopClock()
        self.health = Health(Temper(failures=2, rest=REST), clock, SeededChance())
        self.lanes = Lanes(clock)
        self.slots = Slots(around.slots, clock, self.lanes.full)
        self.halts = Halts(clock, SeededChance())
        self.quotas = Quotas(clock, SeededChance())
        self.quotas.expect(policy().targets if rules is None else rules.targets)
        rules = rules or policy(targets=[each for each in policy().targets if each.id in scripts])
        tolls = (self.halts, *self._waiting(rules, around), *around.tolls)
        provider = Provider(id="sim", dialect=Dialect.ANTHROPIC_MESSAGES, base_url="http://x")
        self.setup = Setup(
            policy=rules,
            conditions=around.conditions,
            providers={"sim": provider},
            tools=around.tools,
        )
        self.means = Means(
            upstream=self.upstream,
            health=self.health,
            holds=Holds(),
            allowances=Allowances(clock),
            flaws=Flaws(clock, SeededChance()),
            quotas=self.quotas,
            halts=self.halts,
            patience=Patience(),
            retry=Retrying(),
            watchdog=Watchdog(),
            clock=clock,
            overhead=Overhead(clock),
            entrance=Entrance(self.health, tolls),
        )
        self.router = Router(self.setup, self.means, SeededChance())
        self.desk = Desk(
            ledger=around.ledger or self.memory,
            signals=self.signals,
            nursery=self.nursery,
            clock=clock,
        )
        self.handler = stack([record(self.desk), limit(self.slots)], self.router)
        counter = Counter(self.setup, self.router, self.means)
        self.counting = stack([record(self.desk), limit(self.slots)], counter)

    def _waiting(self, rules: Policy, around: Scenery) -> list[Toll]:
        wanted = around.lanes
        if wanted is None:
            return []
        self.health.expect(rules.targets, Temper(failures=2, rest=REST))
        self.lanes.expect(rules.targets, wanted)
        self.slots.expect(wanted, around.tenants)
        return [LaneToll(self.lanes, self.health, wanted, around.tenants)]

    def entry(self, name: str = "c1") -> Entry:
        return self.memory.entries[name]

    def tried(self, name: str = "c1") -> list[tuple[str, str]]:
        """Each attempt's target and error code."""
        return [(each.target, each.code) for each in self.entry(name).attempts]

"""Many paid calls at once, of every kind and to every end, and the books added up after them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import msgspec
from typing_extensions import override

from support.cast import AUTO, NEVER, policy
from support.stage import Scenery, Stage, a_call
from switchgear.adapters.chance import SeededChance
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.upstreams.scripted import (
    Act,
    Cuts,
    Refuses,
    Says,
    ScriptedUpstream,
    Stalls,
)
from switchgear.config.setup import Keeping, Patience, Setup, Tenant
from switchgear.domain.account import Account, Bound, Budget, Charge, Payer, Window
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.entry import Entry
from switchgear.domain.errors import (
    ContentFiltered,
    LedgerDown,
    SwitchgearError,
    UpstreamFailed,
    UpstreamUnreachable,
)
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.engine.charge import shares_of
from switchgear.engine.temper import Temper
from switchgear.pipeline.claim import Claims
from switchgear.pipeline.idempotency import Answers, share
from switchgear.pipeline.limit import limit
from switchgear.pipeline.purse import Purse
from switchgear.pipeline.record import record
from switchgear.pipeline.route import Router
from switchgear.pipeline.stack import stack
from switchgear.ports.budget import Budgets
from switchgear.ports.handler import Reply, Trail
from switchgear.ports.ledger import Ledger, Query
from switchgear.ports.upstream import Order

SHORT = Patience(first=Seconds(0.05), between=Seconds(0.05), whole=Seconds(0.2), call=Seconds(2.0))
EVER = Window.TOTAL
PATIENT = Temper(failures=10**9, answers=10**9, slow_factor=0.0)
"""Breakers that never trip: every kind of call is to reach a target."""
ACTS: tuple[tuple[int, Act], ...] = (
    (50, Says("one two three four five")),
    (6, Says("told nobody what it used", usage=None)),
    (6, Says("late but well", after=Seconds(0.02))),
    (12, Refuses(UpstreamFailed, 503)),
    (3, Refuses(UpstreamUnreachable)),
    (3, Refuses(ContentFiltered, 400)),
    (3, Stalls("", -1)),
    (3, Stalls("one two three", 2)),
    (5, Cuts("one two three", 0)),
    (9, Cuts("one two three", 2)),
)
"""What a target does, and how often."""


T = TypeVar("T")


class Dice(SeededChance):
    """Chance that picks; the same again each time that it is begun with one seed."""

    def below(self, count: int) -> int:
        """Return one of so many whole numbers, from 0."""
        return int(self.draw() * count)

    def choice(self, among: Sequence[T]) -> T:
        """Return one of them."""
        return among[self.below(len(among))]

    def weighted(self, among: Sequence[tuple[int, T]]) -> T:
        """Return one of them, as often as its weight says."""
        left = self.below(sum(weight for weight, _ in among))
        for weight, each in among:
            left -= weight
            if left < 0:
                return each
        raise AssertionError(among)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    ends: Counter[str]
    roles: Counter[str]
    rows: NanoUsd
    """What the rows say that their calls cost."""
    charges: NanoUsd
    accounts: NanoUsd
    """What the keys' accounts say that was spent of them; each call is one key's."""
    held: int
    attempts: int
    estimated: int
    settled: int
    """Calls that were charged something."""


class Books(Ledger):
    """Another ledger, whose charges are remembered."""

    def __init__(self, inner: Ledger) -> None:
        self._inner = inner
        self._charges: dict[str, tuple[Charge, ...]] = {}
        self.uneven: list[str] = []
        """Calls of which what they cost is not what they were charged."""

    @override
    async def write(self, entry: Entry) -> None:
        if sum(each.amount.money for each in entry.charges) != entry.cost:
            self.uneven.append(entry.id)
        self._charges[entry.id] = entry.charges  # the waiter may be cancelled, and the row kept
        try:
            await self._inner.write(entry)
        except LedgerDown:
            del self._charges[entry.id]
            raise

    @override
    async def find(self, entry_id: str) -> Entry | None:
        return await self._inner.find(entry_id)

    @override
    async def list(self, query: Query) -> tuple[Entry, ...]:
        return await self._inner.list(query)

    @override
    async def keep_policy(self, version: str, document: bytes) -> None:
        await self._inner.keep_policy(version, document)

    @override
    async def find_policy(self, version: str) -> bytes | None:
        return await self._inner.find_policy(version)

    @override
    async def aclose(self) -> None:
        await self._inner.aclose()

    @property
    def charges(self) -> Sequence[Charge]:
        """Return what all rows were charged."""
        return [charge for charges in self._charges.values() for charge in charges]

    async def rows(self) -> Sequence[Entry]:
        """Return every row."""
        found: tuple[Entry, ...] = ()
        page = await self.list(Query(limit=1000))
        while page:
            found += page
            page = await self.list(Query(limit=1000, before=page[-1].id))
        return found


class Moody(ScriptedUpstream):
    """Does at each turn something else, the same each time that it is begun with one seed."""

    def __init__(self, dice: Dice) -> None:
        super().__init__({})
        self._dice = dice

    @override
    def enter(self, order: Order) -> Act:
        self.orders.append(order)
        self.open_answers += 1
        return self._dice.weighted(ACTS)


def budget(payer: Payer, name: str, window: Window = EVER, **most: int) -> Budget:
    bound = Bound(**most)  # type: ignore[arg-type]  # a test's shorthand
    return Budget(payer=payer, name=name, window=window, most=bound)


def a_key(number: int) -> Key:
    """Return one of some keys, of which every third runs out of money, or of tokens."""
    name = f"k{number}"
    money = 2_000_000 if number % 3 == 0 else 10**15
    budgets = [budget(Payer.KEY, name, money=money)]
    if number % 3 == 1:
        budgets.append(budget(Payer.KEY, name, Window.MONTH, tokens=400_000))
    return Key(id=name, tenant=f"t{number % 2}", budgets=tuple(budgets))


def a_setup() -> Setup:
    pair = [each for each in policy().targets if each.id in {"small", "mid"}]
    hedged = {"auto": msgspec.structs.replace(AUTO, hedge=True)}
    tenants = {
        name: Tenant(budgets=(budget(Payer.TENANT, name, Window.MONTH, money=10**15),))
        for name in ("t0", "t1")
    }
    return Setup(
        policy=policy(pair, aliases=hedged),
        conditions=NEVER,
        providers={},
        tenants=tenants,
        alias_budgets={"auto": (budget(Payer.ALIAS, "auto", Window.DAY, calls=10**9),)},
        user_budgets=(budget(Payer.USER, "", Window.HOUR, money=10**14),),
    )


class Crowd:
    """Callers who behave in every way there is."""

    def __init__(self, ledger: Ledger, budgets: Budgets, seed: int = 1) -> None:
        self._dice = Dice(seed)
        self._setup = a_setup()
        self.books = Books(ledger)
        self.budgets = budgets
        clock = SystemClock()
        around = Scenery(slots=10_000, ledger=self.books, upstream=Moody(Dice(seed + 1)))
        self.stage = stage = Stage({}, self._setup.policy, around)
        stage.health.expect(self._setup.policy.targets, PATIENT)
        self.claims = Claims(budgets, stage.nursery, clock)
        purse = Purse(self._setup, self.claims, clock)
        entrance = type(stage.means.entrance)(stage.health, (purse,))
        means = msgspec.structs.replace(stage.means, patience=SHORT, entrance=entrance)
        router = Router(stage.setup, means, SeededChance(seed))
        desk = msgspec.structs.replace(stage.desk, settled=self.claims.paid)
        sharing = share(Answers(clock, stage.nursery), Keeping())
        self.handler = stack([record(desk), sharing, limit(stage.slots)], router)
        self._clock = clock
        self.callers: list[Caller] = [Caller(key=a_key(number)) for number in range(12)]
        self._deeds: tuple[tuple[int, Callable[[Call], Awaitable[None]]], ...] = (
            (70, self._stays),
            (8, self._leaves),
            (8, self._is_cancelled),
            (7, self._comes_again),
            (7, self._hurries_away),
        )

    async def run(self, calls: int, at_once: int) -> Figures:
        """Make so many calls, wait until all is settled, and add up."""
        gate = asyncio.Semaphore(at_once)

        async def one(number: int) -> None:
            async with gate:
                await self._dice.weighted(self._deeds)(self._call(number))

        self.claims.keep()
        async with asyncio.TaskGroup() as group:
            for number in range(calls):
                group.create_task(one(number))
        self.claims.stop()
        await self.stage.nursery.aclose(Seconds(60.0))
        return await self._figures()

    def _call(self, number: int) -> Call:
        who = self._dice.choice(self.callers)
        call = a_call(f"sg_{number:026d}", caller=who, stream=self._dice.draw() < 0.7)
        limit = self._dice.choice([None, None, 300, 800])
        talk = msgspec.structs.replace(
            call.body.conversation,
            max_output=limit,
            choices=self._dice.choice([1, 1, 1, 2]),
            end_user=self._dice.choice(["", "ann", "bob"]),
        )
        body = msgspec.structs.replace(call.body, conversation=talk)  # type: ignore[type-var]  # a Struct
        return msgspec.structs.replace(
            call, body=body, at=self._clock.date(), began=self._clock.now()
        )

    async def _stays(self, call: Call) -> None:
        await self._read(call, 10**6)

    async def _leaves(self, call: Call) -> None:
        await self._read(call, self._dice.below(4))

    async def _hurries_away(self, call: Call) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._dice.draw() * 0.05):
                await self._read(call, 10**6)

    async def _is_cancelled(self, call: Call) -> None:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self._read(call, 10**6))
            await asyncio.sleep(self._dice.draw() * 0.02)
            for _ in range(1 + self._dice.below(2)):
                task.cancel()
                await asyncio.sleep(0)

    async def _comes_again(self, call: Call) -> None:
        first = msgspec.structs.replace(call, idempotency=call.id)
        second = msgspec.structs.replace(first, id=call.id + "b")
        deeds = (self._stays, self._leaves, self._hurries_away)
        await asyncio.gather(*[self._dice.choice(deeds)(each) for each in (first, second)])

    async def _read(self, call: Call, most: int) -> None:
        with suppress(SwitchgearError):
            reply: Reply = await self.handler(call, Trail())
            try:
                if most:
                    read = 0
                    async for _ in reply.pieces:
                        read += 1
                        if read >= most:
                            break
            finally:
                reply.close()

    async def _figures(self) -> Figures:
        rows = await self.books.rows()
        tries = [each for row in rows for each in row.attempts]
        levels = await self.budgets.levels(self._keys())
        return Figures(
            ends=Counter(row.code or row.end.value for row in rows),
            roles=Counter(each.role.value for each in tries),
            rows=NanoUsd(sum(row.cost for row in rows)),
            charges=NanoUsd(sum(each.amount.money for each in self.books.charges)),
            accounts=NanoUsd(sum(each.spent.money for each in levels)),
            held=await self.budgets.held(),
            attempts=len(tries),
            estimated=sum(each.estimated for each in tries),
            settled=len({each.reservation.partition(".")[0] for each in self.books.charges}),
        )

    def _keys(self) -> list[Account]:
        return [Account(Payer.KEY, each.key.id, EVER) for each in self.callers]

    async def every_account_agrees(self) -> None:
        """Check each account against the charges that it paid, in everything that is counted."""
        paid: dict[Account, list[Charge]] = {}
        for charge in self.books.charges:
            for account in charge.accounts:
                paid.setdefault(account, []).append(charge)
        for level in await self.budgets.levels(list(paid)):
            amounts = [each.amount for each in paid[level.account]]
            assert level.spent.money == sum(each.money for each in amounts), level
            assert level.spent.tokens == sum(each.tokens for each in amounts), level
            assert level.spent.calls == sum(each.calls for each in amounts), level
            assert not any(msgspec.structs.astuple(level.held)), level

    async def nobody_overspent(self) -> None:
        """Check that no key spent more than it has."""
        for each in self.callers:
            for held in shares_of(each.key.budgets, self._clock.date()):
                (level,) = await self.budgets.levels([held.account])
                most = held.most
                assert most.money is None or level.spent.money <= most.money, level
                assert most.tokens is None or level.spent.tokens <= most.tokens, level

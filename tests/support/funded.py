"""A stage where money is held: a purse before every attempt, and accounts that can be read."""

from collections.abc import Mapping

import msgspec
from typing_extensions import override

from support.cast import NEVER, policy
from support.stage import LoopClock, Scenery, SilentSignals, Stage
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.upstreams.scripted import Script
from switchgear.config.setup import Setup, Spending, Tenant
from switchgear.domain.account import Account, Amount, Bound, Budget, Charge, Payer, Window
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.entry import Entry
from switchgear.domain.units import NANO_PER_USD, NanoUsd, Seconds, Tokens
from switchgear.engine.policy import Policy
from switchgear.pipeline.claim import Claims
from switchgear.pipeline.limit import limit
from switchgear.pipeline.purse import Purse
from switchgear.pipeline.record import record
from switchgear.pipeline.stack import stack
from switchgear.ports.handler import Trail
from switchgear.ports.nursery import Nursery

ALWAYS = Account(Payer.KEY, "k", Window.TOTAL)
NO_SETUP = Setup(policy=policy(), conditions=NEVER, providers={})


class Bills(MemoryLedger):
    """Remembers what each row was charged, and can refuse to keep any."""

    def __init__(self) -> None:
        super().__init__(clock=LoopClock())
        self.charges: dict[str, tuple[Charge, ...]] = {}
        self.error: Exception | None = None

    @override
    async def write(self, entry: Entry) -> None:
        if self.error is not None:
            raise self.error
        self.charges[entry.id] = entry.charges
        await super().write(entry)


def allowed(
    usd: float | None = None, *, tokens: int | None = None, calls: int | None = None
) -> Key:
    """Return a key that may spend so much, ever."""
    most = Bound(
        money=None if usd is None else NanoUsd(round(usd * NANO_PER_USD)),
        tokens=None if tokens is None else Tokens(tokens),
        calls=calls,
    )
    return Key(id="k", budgets=(Budget(payer=Payer.KEY, name="k", window=Window.TOTAL, most=most),))


def caller(usd: float | None = None, **most: int) -> Caller:
    """Return a caller with such a key."""
    return Caller(key=allowed(usd, **most))


def limited(call: Call, tokens: int, choices: int = 1) -> Call:
    """Return the call with a limit for each of so many answers."""
    talk = msgspec.structs.replace(call.body.conversation, max_output=tokens, choices=choices)
    return msgspec.structs.replace(call, body=msgspec.structs.replace(call.body, conversation=talk))  # type: ignore[type-var]  # a Struct


async def answered(stage: "Funded", call: Call, trail: Trail | None = None) -> None:
    """Make a call, and read its answer to the end."""
    reply = await stage.handler(call, trail or Trail())
    try:
        async for _ in reply.pieces:
            pass
    finally:
        reply.close()


class Funded(Stage):
    """One gateway that holds budgets."""

    def __init__(
        self,
        scripts: Mapping[str, Script],
        rules: Policy | None = None,
        around: Scenery = Scenery(),  # noqa: B008  (frozen)
        setup: Setup = NO_SETUP,
    ) -> None:
        self.bills = around.ledger if isinstance(around.ledger, Bills) else Bills()
        self.budgets = self.bills.budgets
        self.clerks = Nursery()
        """Where what is given back is given back."""
        self.claims = Claims(self.budgets, self.clerks, LoopClock())
        purse = Purse(setup, self.claims, LoopClock())
        scenery = msgspec.structs.replace(around, ledger=self.bills, tolls=(*around.tolls, purse))
        super().__init__(scripts, rules, scenery)
        self.signals = SilentSignals()
        self.desk = msgspec.structs.replace(
            self.desk, settled=self.claims.paid, signals=self.signals
        )
        self.handler = stack([record(self.desk), limit(self.slots)], self.router)

    @override
    def entry(self, name: str = "c1") -> Entry:
        return self.bills.entries[name]

    def paid(self, name: str = "c1") -> Amount:
        """Return what one call was charged in all."""
        return _sum([each.amount for each in self.bills.charges[name]])

    async def level(self, account: Account = ALWAYS) -> Amount:
        """Return what was spent of an account."""
        return (await self.budgets.levels([account]))[0].spent

    async def aclose(self) -> None:
        """Let all end that was begun."""
        await self.nursery.aclose(Seconds(60.0))
        self.claims.stop()
        await self.clerks.aclose()

    async def balanced(self, account: Account = ALWAYS) -> None:
        """Check that nothing is held any more, and that rows, charges and accounts agree."""
        assert await self.budgets.held() == 0
        assert len(self.claims) == 0
        rows = self.bills.entries
        for name, entry in rows.items():
            assert self.paid(name).money == entry.cost == sum(it.cost for it in entry.attempts)
        assert await self.level(account) == _sum([self.paid(name) for name in rows])


def a_tenant(name: str, window: Window, **most: int) -> dict[str, Tenant]:
    """Return one tenant with one budget."""
    bound = Bound(**most)  # type: ignore[arg-type]  # a test's shorthand
    budget = Budget(payer=Payer.TENANT, name=name, window=window, most=bound)
    return {name: Tenant(budgets=(budget,))}


def spending(**said: object) -> Setup:
    """Return a setup that reckons otherwise."""
    return msgspec.structs.replace(NO_SETUP, spending=Spending(**said))  # type: ignore[arg-type]  # a test's shorthand


def _sum(amounts: list[Amount]) -> Amount:
    return Amount(
        money=NanoUsd(sum(each.money for each in amounts)),
        tokens=Tokens(sum(each.tokens for each in amounts)),
        calls=sum(each.calls for each in amounts),
    )

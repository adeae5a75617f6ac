"""A locksmith with some declared keys, and the door that its keys open."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from support import cast
from switchgear.adapters.chance import SeededChance
from switchgear.adapters.clock import ManualClock
from switchgear.adapters.keyrings.memory import MemoryKeyring
from switchgear.config.grant import Grant, NewGrant
from switchgear.config.setup import KeyRecord
from switchgear.domain.account import Bound, Budget, Payer, Window
from switchgear.domain.caller import Key, Right
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.rate import Rates
from switchgear.domain.secret import Secret
from switchgear.domain.units import NanoUsd
from switchgear.pipeline.auth import Doorman
from switchgear.pipeline.locksmith import Locksmith
from switchgear.pipeline.ring import Ring

ROOT = Key(id="root", rights=frozenset({Right.ADMIN}))
ACME = Key(id="acme-admin", tenant="acme", rights=frozenset({Right.ADMIN}))
OTHER = Key(id="other-admin", tenant="other", rights=frozenset({Right.ADMIN}))
LIMITED = Key(
    id="limited",
    rights=frozenset({Right.ADMIN}),
    models=frozenset({"auto"}),
    rates=Rates(requests=10),
    metadata=(("team", "red"),),
    budgets=(
        Budget(
            payer=Payer.KEY, name="limited", window=Window.DAY, most=Bound(money=NanoUsd(5 * 10**9))
        ),
    ),
)
DECLARED = (ROOT, ACME, OTHER, LIMITED)


class Shop:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.keyring = MemoryKeyring()
        self.ring = Ring(self.keyring)
        self.ring.declare([KeyRecord(secret_digest=f"d-{it.id}", key=it) for it in DECLARED])
        chance = SeededChance(4)
        self.smith = Locksmith(self.ring, self.keyring, self.clock, chance, policy=cast.policy())
        self.door = Doorman(self.ring, self.clock)

    def good(self, secret: Secret) -> bool:
        try:
            self.door.admit(f"Bearer {secret.reveal()}", None)
        except SwitchgearError:
            return False
        return True

    def effective(self, name: str) -> Key:
        standing = self.ring.table.standing[name]
        assert isinstance(standing, Key)
        return standing


def lived(life: Callable[[Shop], Awaitable[None]]) -> None:
    async def run() -> None:
        await life(Shop())

    asyncio.run(run())


def new(**fields: object) -> NewGrant:
    return msgspec.convert(fields, NewGrant)


def grant(**fields: object) -> Grant:
    return msgspec.convert(fields, Grant)

"""The keys that are good now: those of the config, and those that were made since."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

import msgspec

from switchgear.config.setup import KeyRecord
from switchgear.domain.caller import Key
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import Seconds
from switchgear.engine.chain import Flaw, Standing, standings
from switchgear.ports.keyring import Kept, Keyring
from switchgear.ports.nursery import Nursery

LOOK_EVERY = Seconds(1.0)
"""At the store; a key that another process revokes is refused here that much later at most."""
AT_ONCE = 200
"""Keys that are put in order while everybody waits; more are in a thread."""
UNKNOWN_STATE = -1
log = logging.getLogger("switchgear")


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """All keys at one moment, ready for looking up."""

    good: Mapping[str, Key] = {}
    """By the digest of a secret: what it may do in the end."""
    bad: Mapping[str, Flaw] = {}
    """By the digest of a secret: why it may do nothing."""
    standing: Mapping[str, Standing] = {}
    """By id."""
    kept: Mapping[str, Kept] = {}
    """Those that were made at run time, by id, oldest first."""
    declared: Mapping[str, KeyRecord] = {}
    """Those of the config, by id."""

    @property
    def open(self) -> bool:
        """Whether there are no keys, so that everybody is let in; one that was revoked is one."""
        return not (self.declared or self.kept)


class Ring:
    """Knows all keys by heart, and looks now and then whether there are others."""

    def __init__(self, keyring: Keyring) -> None:
        """Know none yet."""
        self.table = Table()
        self.dark = ""
        """Why the store cannot be read now; empty while it can."""
        self._keyring = keyring
        self._declared: Sequence[KeyRecord] = ()
        self._kept: Sequence[Kept] = ()
        self._state = UNKNOWN_STATE
        self._nursery = Nursery()
        self._looking = asyncio.Lock()

    async def start(self) -> None:
        """Know all keys before anybody is served, and look for others from then on.

        Raises:
            LedgerDown: they are not known.
        """
        await self.refresh()
        self._nursery.spawn(self._watch())

    def declare(self, records: Sequence[KeyRecord]) -> None:
        """Take the config's keys, in the place of those that it had before."""
        self._declared = records
        self.table = _table(self._declared, self._kept)

    def maker(self, key: str) -> str:
        """Return the id of the key that made this one; empty for none."""
        found = self.table.kept.get(key)
        return "" if found is None else found.key.parent

    async def refresh(self) -> None:
        """Learn what has changed in the store, if anything has.

        Raises:
            LedgerDown: it cannot be known; the keys that are known stay so.
        """
        async with self._looking:
            try:
                state = await self._keyring.state()
                if state != self._state:
                    self._learn(await self._keyring.all())
                    await self._arrange()
                    self._state = state
            except LedgerDown as error:
                if not self.dark:
                    log.error("keys: %s Those that are known stay good.", error.message)  # noqa: TRY400  (the reason says it all)
                self.dark = error.message
                raise
            self.dark = ""

    async def aclose(self) -> None:
        """Look no more."""
        await self._nursery.aclose(Seconds(0.0))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.refresh()
            except LedgerDown:
                continue  # told already, and looked at again

    def _learn(self, kept: Sequence[Kept]) -> None:
        declared = {record.key.id for record in self._declared}
        known = {each.key.id for each in self._kept}
        for each in kept:
            if each.key.id in declared and each.key.id not in known:
                log.warning("keys: %r of the store has the id of a declared key", each.key.id)
        self._kept = kept

    async def _arrange(self) -> None:
        """Put the keys in order; where they are many, beside the loop."""
        while True:
            declared, kept = self._declared, self._kept
            if len(kept) <= AT_ONCE:
                found = _table(declared, kept)
            else:
                found = await asyncio.to_thread(_table, declared, kept)
            if declared is self._declared:  # no reload came in between
                self.table = found
                return


def _table(declared: Sequence[KeyRecord], kept: Sequence[Kept]) -> Table:
    """Return all keys; where two have one id or one secret, the config's is meant."""
    records = {record.key.id: record for record in declared}
    made = {each.key.id: each for each in kept if each.key.id not in records}
    keys = {name: each.key for name, each in made.items()}
    keys |= {name: record.key for name, record in records.items()}
    revoked = {name for name, each in made.items() if each.revoked is not None}
    standing = standings(keys, revoked)
    digests = {digest: name for name, each in made.items() for digest in each.digests}
    digests |= {record.secret_digest: name for name, record in records.items()}
    good: dict[str, Key] = {}
    bad: dict[str, Flaw] = {}
    for digest, name in digests.items():
        found = standing[name]
        if isinstance(found, Flaw):
            bad[digest] = found
        else:
            good[digest] = found
    return Table(good=good, bad=bad, standing=standing, kept=made, declared=records)

"""Makes keys while the gateway runs, and changes them: never one that may do more than its maker.

Every change is a new revision, which says who made it and when. A secret leaves this room once.
"""

import logging
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from switchgear.config.grant import Grant, NewGrant, granted
from switchgear.domain.caller import Key, Right
from switchgear.domain.denial import (
    ExpiredKey,
    KeyConflict,
    RevokedKey,
    UnknownKeyId,
    WiderThanMaker,
)
from switchgear.domain.errors import MalformedBody
from switchgear.domain.rate import NO_BOUNDS, Rates
from switchgear.domain.secret import Secret
from switchgear.engine.chain import LONGEST as LONGEST_CHAIN
from switchgear.engine.chain import Flaw
from switchgear.engine.credential import (
    ID,
    ID_BITS,
    RANDOM_BITS,
    hint_of,
    mint_id,
    mint_secret,
)
from switchgear.engine.name import resolve
from switchgear.engine.policy import Policy
from switchgear.engine.right import meet, narrower
from switchgear.pipeline.ring import Ring
from switchgear.ports.chance import Chance
from switchgear.ports.clock import Clock
from switchgear.ports.keyring import Kept, Keyring, Shown

MOST_KEYS = 20_000
"""Of all times: what is known by heart must have an end."""
MOST_LETTERS = 64
"""Of a name that a message repeats."""
log = logging.getLogger("switchgear")


class Locksmith:
    """Does what the admin plane and the command line ask of keys.

    Whoever asks is the key ``by``, or None: somebody at the machine itself, who may do anything.
    """

    def __init__(
        self, ring: Ring, keyring: Keyring, clock: Clock, chance: Chance, *, policy: Policy | None
    ) -> None:
        """Take the store, and what is known of it; without a policy, names are not looked up."""
        self._ring = ring
        self._keyring = keyring
        self._clock = clock
        self._chance = chance
        self._policy = policy

    async def all(self, by: Key | None) -> Sequence[Shown]:
        """Return every key that is the asker's to know: those of the config first.

        Raises:
            LedgerDown: they are not known.
        """
        by = await self._current(by)
        table = self._ring.table
        found = [self._shown(name) for name in (*table.declared, *table.kept)]
        return [each for each in found if _sees(by, each)]

    async def find(self, name: str, by: Key | None) -> Shown:
        """Return one key.

        Raises:
            UnknownKeyId: there is none of that id that is the asker's to know.
            LedgerDown: it is not known.
        """
        by = await self._current(by)
        found = self._shown(name) if name in self._ring.table.standing else None
        if found is None or not _sees(by, found):
            raise UnknownKeyId
        return found

    async def history(self, name: str, by: Key | None) -> Sequence[Kept]:
        """Return what was done to a key, oldest first; nothing for one of the config.

        Raises:
            UnknownKeyId, LedgerDown: as ``find``.
        """
        await self.find(name, by)
        return await self._keyring.history(name)

    async def make(self, grant: NewGrant, by: Key | None, parent: str = "") -> tuple[Shown, Secret]:
        """Make a key, whose maker is the asker, or the one of that id; return its one secret too.

        Raises:
            MalformedBody: what is said cannot be.
            WiderThanMaker: it could do more than its maker.
            UnknownKeyId: there is no such maker.
            KeyConflict: the id is taken, or there are too many keys.
            LedgerDown: it is not kept.
        """
        by = await self._current(by)
        table = self._ring.table
        if len(table.kept) >= MOST_KEYS:
            raise KeyConflict(f"There are {MOST_KEYS} keys already, the revoked ones counted.")
        name = grant.id or mint_id(self._chance.bits(ID_BITS))
        if not ID.fullmatch(name):
            raise MalformedBody("id: expected 1 to 64 of a-z, 0-9 and -, with no - at either end")
        if name in table.standing:
            raise KeyConflict(f"The id {name} is taken.")
        maker = by if by is not None else self._maker(parent)
        key = _filled(granted(grant, _heir(name, maker)), maker)
        self._check(key, maker)
        secret, now = self._minted(name), self._clock.date()
        kept = Kept(
            key=key,
            digests=(_digest(secret),),
            hint=(hint_of(secret),),
            made=now,
            changed=now,
            by=_id(by),
        )
        if not await self._keyring.add(kept):
            raise KeyConflict(f"The id {name} is taken.")
        return await self._done(kept, by), secret

    async def change(
        self, name: str, grant: Grant, by: Key | None, revision: int | None = None
    ) -> Shown:
        """Change what a key may do: for it, and so for all that were made with it.

        Raises:
            MalformedBody, WiderThanMaker, UnknownKeyId, LedgerDown: as ``make``.
            KeyConflict: it is of the config, revoked, or of another revision than was expected.
        """
        by = await self._current(by)
        kept = await self._changeable(name, by, revision)
        maker = self._maker(kept.key.parent)
        key = _filled(granted(grant, kept.key), maker)
        self._check(key, maker)
        _require_not_wider(key if maker is None else meet(key, maker) or key, by)
        return await self._put(kept, by, "changed", key=key)

    async def rotate(
        self, name: str, by: Key | None, revision: int | None = None
    ) -> tuple[Shown, Secret]:
        """Give a key a second secret; both are good until one is dropped.

        Raises:
            KeyConflict: it has two already, or as ``change``.
            UnknownKeyId, WiderThanMaker, LedgerDown: as ``make``.
        """
        kept = await self._changeable(name, by, revision)
        if len(kept.digests) > 1:
            raise KeyConflict(_state(kept, "promote the new one, or roll it back, first"))
        secret = self._minted(name)
        digests, hint = (*kept.digests, _digest(secret)), (*kept.hint, hint_of(secret))
        return await self._put(kept, by, "rotated", digests=digests, hint=hint), secret

    async def promote(self, name: str, by: Key | None, revision: int | None = None) -> Shown:
        """Drop the old secret of two.

        Raises:
            KeyConflict: it has only one, or as ``change``.
            UnknownKeyId, WiderThanMaker, LedgerDown: as ``make``.
        """
        return await self._drop(await self._changeable(name, by, revision), by, old=True)

    async def rollback(self, name: str, by: Key | None, revision: int | None = None) -> Shown:
        """Drop the new secret of two.

        Raises:
            KeyConflict: it has only one, or as ``change``.
            UnknownKeyId, WiderThanMaker, LedgerDown: as ``make``.
        """
        return await self._drop(await self._changeable(name, by, revision), by, old=False)

    async def revoke(self, name: str, by: Key | None, revision: int | None = None) -> Shown:
        """End a key, and with it all that were made with it, for good.

        Raises:
            KeyConflict, UnknownKeyId, WiderThanMaker, LedgerDown: as ``change``.
        """
        kept = await self._changeable(name, by, revision)
        return await self._put(kept, by, "revoked", revoked=self._clock.date())

    async def _drop(self, kept: Kept, by: Key | None, *, old: bool) -> Shown:
        if len(kept.digests) < 2:  # noqa: PLR2004  (an old one and a new one)
            raise KeyConflict(_state(kept, "rotate it first"))
        place = slice(1, 2) if old else slice(0, 1)
        digests, hint = kept.digests[place], kept.hint[place]
        deed = "promoted" if old else "rolled_back"
        return await self._put(kept, by, deed, digests=digests, hint=hint)

    async def _put(self, kept: Kept, by: Key | None, deed: str, **changes: object) -> Shown:
        changed = msgspec.structs.replace(
            kept,
            revision=kept.revision + 1,
            changed=self._clock.date(),
            by=_id(by),
            deed=deed,
            **changes,
        )
        if not await self._keyring.change(changed):
            name = kept.key.id
            found = await self._keyring.find(name) or kept
            raise KeyConflict(f"Somebody else changed it meanwhile. {_state(found, 'look again')}")
        return await self._done(changed, by)

    async def _done(self, kept: Kept, by: Key | None) -> Shown:
        await self._ring.refresh()
        name = kept.key.id
        maker = f"key {by.id!r}" if by is not None else "the owner"
        log.info("keys: %r was %s by %s, revision %d", name, kept.deed, maker, kept.revision)
        standing = self._ring.table.standing.get(name, Flaw.ORPHANED)
        return Shown(key=kept.key, standing=standing, kept=kept)

    async def _current(self, by: Key | None) -> Key | None:
        """Return what the asker may do now: its request may have taken its time to come.

        Raises:
            RevokedKey, ExpiredKey: it may do nothing any more.
            LedgerDown: it is not known.
        """
        await self._ring.refresh()
        if by is None:
            return None
        standing = self._ring.table.standing.get(by.id)
        if not isinstance(standing, Key) or Right.ADMIN not in standing.rights:
            raise RevokedKey
        if standing.until is not None and standing.until <= self._clock.date():
            raise ExpiredKey
        return standing

    async def _changeable(self, name: str, by: Key | None, revision: int | None) -> Kept:
        """Return a key that the asker may change, in the revision that it expects."""
        by = await self._current(by)
        found = await self.find(name, by)
        kept = found.kept
        if kept is None:
            raise KeyConflict(f"The key {name} is of the config file: change it there.")
        if kept.revoked is not None:
            raise KeyConflict(_state(kept, "make a new one"))
        if revision is not None and revision != kept.revision:
            raise KeyConflict(f"Revision {revision} was expected. {_state(kept, 'look again')}")
        _require_not_wider(found.effective or found.key, by)
        return kept

    def _maker(self, name: str) -> Key | None:
        """Return what a maker may do.

        Raises:
            UnknownKeyId: there is no such key.
            WiderThanMaker: it may do nothing.
        """
        if not name:
            return None
        standing = self._ring.table.standing.get(name)
        if standing is None:
            raise UnknownKeyId(f"There is no key {name[: LONGEST_CHAIN * 4]!r} to make it with.")
        if isinstance(standing, Flaw):
            raise WiderThanMaker(f"Its maker may do nothing: {standing.value}.")
        return standing

    def _check(self, key: Key, maker: Key | None) -> None:
        """Check that a key can be, and that it may do no more than its maker."""
        if key.until is not None and key.until <= self._clock.date():
            raise MalformedBody("until: that moment is over")
        if self._policy is not None:
            _look_up(key, self._policy)
        if maker is None:
            return
        if len(maker.makers) + 2 > LONGEST_CHAIN:
            raise WiderThanMaker(f"No more than {LONGEST_CHAIN} keys are made from one another.")
        _refuse(narrower(_paying(key, maker), maker), "its maker")
        if meet(key, maker) is None:
            raise WiderThanMaker("It has nothing in common with its maker.")

    def _shown(self, name: str) -> Shown:
        table = self._ring.table
        kept = table.kept.get(name)
        key = kept.key if kept is not None else table.declared[name].key
        return Shown(key=key, standing=table.standing[name], kept=kept)

    def _minted(self, name: str) -> Secret:
        return mint_secret(name, self._chance.bits(RANDOM_BITS))


def _heir(name: str, maker: Key | None) -> Key:
    """Return a key that has all from its maker but power over others, and what is counted."""
    if maker is None:
        return Key(id=name)
    return msgspec.structs.replace(
        maker,
        id=name,
        parent=maker.id,
        makers=(),
        rights=frozenset(),
        debug=False,
        budgets=(),
        rates=NO_BOUNDS,
    )


def _filled(key: Key, maker: Key | None) -> Key:
    """Return a key with its maker's figures and pins where nothing is said of them."""
    if maker is None:
        return key
    mine, most = key.rates, maker.rates
    return msgspec.structs.replace(
        key,
        metadata=tuple(sorted({**dict(maker.metadata), **dict(key.metadata)}.items())),
        rates=Rates(
            requests=most.requests if mine.requests is None else mine.requests,
            tokens=most.tokens if mine.tokens is None else mine.tokens,
            concurrent=most.concurrent if mine.concurrent is None else mine.concurrent,
        ),
    )


def _paying(key: Key, maker: Key) -> Key:
    """Return a key with its maker's budgets beside its own, as it will have them."""
    return msgspec.structs.replace(key, budgets=(*key.budgets, *maker.budgets))


def _require_not_wider(key: Key, by: Key | None) -> None:
    """Check that nobody changes a key, or gets its secret, that may do more than they may."""
    if by is not None:
        _refuse(narrower(_paying(key, by) if by.id == key.parent else key, by), "yours")


def _refuse(ways: tuple[str, ...], whose: str) -> None:
    if ways:
        raise WiderThanMaker(f"That key could do more than {whose}. {'; '.join(ways)}.")


def _look_up(key: Key, policy: Policy) -> None:
    targets = {each.id for each in policy.targets}
    for name in sorted(key.targets - targets):
        raise MalformedBody(f"targets: there is no target {name!r}")
    for name in sorted(key.models):
        if resolve(name, policy) is None:
            raise MalformedBody(f"models: nothing goes by the name {name!r}")


def _sees(by: Key | None, shown: Shown) -> bool:
    """Whether a key is the asker's to know: a tenant's admin knows its tenant's keys alone."""
    if by is None or not by.tenant:
        return True
    return (shown.effective or shown.key).tenant == by.tenant


def _state(kept: Kept, then: str) -> str:
    if kept.revoked is not None:
        what = "is revoked"
    elif len(kept.digests) > 1:
        what = "has two secrets, an old one and a new one"
    else:
        what = "has one secret"
    return f"The key {kept.key.id} {what} (revision {kept.revision}): {then}."


def _digest(secret: Secret) -> str:
    return sha256(secret.reveal().encode()).hexdigest()


def _id(by: Key | None) -> str:
    return "" if by is None else by.id

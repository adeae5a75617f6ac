"""One contract for all places where keys are kept."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings

from support.keys import keys
from support.postgres import emptied, home
from switchgear.adapters.keyrings.memory import MemoryKeyring
from switchgear.adapters.keyrings.postgres import PostgresKeyring
from switchgear.adapters.keyrings.sqlite import SqliteKeyring
from switchgear.domain.caller import Key, Right
from switchgear.domain.secret import Secret
from switchgear.domain.units import UnixMs
from switchgear.ports.keyring import Kept, Keyring

Opened = Callable[[], AbstractAsyncContextManager[tuple[Keyring, Keyring]]]
"""Gives two that share one store: as two processes have it, where the store can be shared."""


@asynccontextmanager
async def memory() -> AsyncIterator[tuple[Keyring, Keyring]]:
    ring = MemoryKeyring()
    yield ring, ring


@asynccontextmanager
async def sqlite() -> AsyncIterator[tuple[Keyring, Keyring]]:
    with tempfile.TemporaryDirectory() as folder:
        one, other = (SqliteKeyring(Path(folder) / "ledger.db") for _ in range(2))
        yield one, other
        await one.aclose()
        await other.aclose()


@asynccontextmanager
async def postgres() -> AsyncIterator[tuple[Keyring, Keyring]]:
    async with emptied():
        one, other = (PostgresKeyring(Secret(home())) for _ in range(2))
        yield one, other
        await one.aclose()
        await other.aclose()


RINGS: tuple[Opened, ...] = (memory, sqlite, postgres)
on_every_ring = pytest.mark.parametrize("opened", RINGS, ids=lambda each: each.__name__)


def lived(opened: Opened, life: Callable[[Keyring, Keyring], Awaitable[None]]) -> None:
    async def run() -> None:
        async with opened() as (one, other):
            await life(one, other)

    asyncio.run(run())


def kept(name: str, *digests: str, **more: object) -> Kept:
    return msgspec.convert(
        {"key": Key(id=name), "digests": digests or (f"digest-of-{name}",), **more}, Kept
    )


def next_of(one: Kept, **changes: object) -> Kept:
    return msgspec.structs.replace(one, revision=one.revision + 1, **changes)


@on_every_ring
def test_what_is_kept_is_found_as_it_was_and_by_everybody(opened: Opened) -> None:
    async def life(one: Keyring, other: Keyring) -> None:
        assert (await one.all(), await one.find("a"), await one.history("a")) == ((), None, ())
        new = msgspec.structs.replace(
            kept("a"), key=Key(id="a", rights=frozenset({Right.ADMIN})), made=UnixMs(7), by="root"
        )
        assert await one.add(new)
        assert await other.find("a") == new
        assert await one.add(kept("b"))
        assert [each.key.id for each in await other.all()] == ["a", "b"]

    lived(opened, life)


@settings(max_examples=10)
@given(keys())
def test_every_right_that_a_key_can_have_is_kept(key: Key) -> None:
    async def life(one: Keyring, other: Keyring) -> None:
        assert await one.add(Kept(key=key, digests=("d",)))
        found = await other.find(key.id)
        assert found is not None
        assert found.key == key

    for opened in RINGS:
        lived(opened, life)


@on_every_ring
def test_an_id_or_a_secret_is_given_only_once(opened: Opened) -> None:
    async def life(one: Keyring, other: Keyring) -> None:
        assert await one.add(kept("a", "1", "2"))
        assert not await other.add(kept("a", "3"))
        assert not await other.add(kept("b", "3", "2"))
        assert await other.find("b") is None
        assert await other.add(kept("b", "3"))
        found = await other.find("b")
        assert found is not None
        assert not await other.change(next_of(found, digests=("3", "1")))
        assert await one.change(next_of(kept("a"), digests=("1",)))
        assert not await other.change(next_of(found, digests=("2",)))

    lived(opened, life)


@on_every_ring
def test_only_one_of_two_changes_to_the_same_revision_is_made(opened: Opened) -> None:
    async def life(one: Keyring, other: Keyring) -> None:
        first = kept("a")
        assert not await one.change(next_of(first))
        await one.add(first)
        both = await asyncio.gather(
            one.change(next_of(first, by="x")), other.change(next_of(first, by="y"))
        )
        assert sorted(both) == [False, True]
        assert not await other.change(msgspec.structs.replace(first, revision=7))
        history = await other.history("a")
        assert [each.revision for each in history] == [1, 2]
        assert history[-1] == await one.find("a")

    lived(opened, life)


@on_every_ring
def test_the_state_differs_after_each_change_and_only_then(opened: Opened) -> None:
    async def life(one: Keyring, other: Keyring) -> None:
        seen = [await other.state()]
        await one.add(kept("a"))
        seen.append(await other.state())
        await one.change(next_of(kept("a")))
        seen.append(await other.state())
        await one.add(kept("a"))
        await one.change(next_of(kept("a")))
        assert len(set(seen)) == 3
        assert await other.state() == await one.state() == seen[-1]

    lived(opened, life)

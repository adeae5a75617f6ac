"""Which keys are good now."""

import asyncio
import logging

import pytest
from typing_extensions import override

from switchgear.adapters.keyrings.memory import MemoryKeyring
from switchgear.config.setup import KeyRecord
from switchgear.domain.caller import Key
from switchgear.domain.errors import LedgerDown
from switchgear.engine.chain import Flaw
from switchgear.pipeline.ring import AT_ONCE, Ring
from switchgear.ports.keyring import Kept


class Flaky(MemoryKeyring):
    """Fails when told to, and counts how often all was read."""

    def __init__(self) -> None:
        super().__init__()
        self.down = False
        self.reads = 0

    @override
    async def state(self) -> int:
        if self.down:
            raise LedgerDown("The store is away.")
        return await super().state()

    @override
    async def all(self) -> tuple[Kept, ...]:
        self.reads += 1
        return tuple(await super().all())


def kept(name: str, parent: str = "", **more: object) -> Kept:
    return Kept(key=Key(id=name, parent=parent, **more), digests=(f"d-{name}",))  # type: ignore[arg-type]  # fields of a key


def record(name: str, tenant: str = "") -> KeyRecord:
    return KeyRecord(secret_digest=f"d-{name}", key=Key(id=name, tenant=tenant))


def test_what_is_kept_is_known_after_the_next_look_and_read_only_when_it_changed() -> None:
    async def life() -> None:
        store = Flaky()
        ring = Ring(store)
        await ring.refresh()
        assert ring.table.open
        await store.add(kept("a"))
        await ring.refresh()
        await ring.refresh()
        assert ring.table.good["d-a"].id == "a"
        assert (store.reads, ring.table.open) == (2, False)

    asyncio.run(life())


def test_keys_of_the_config_are_the_makers_of_keys_and_are_looked_at_anew_with_it() -> None:
    async def life() -> None:
        store = MemoryKeyring()
        await store.add(kept("child", "root"))
        ring = Ring(store)
        ring.declare([record("root", "acme")])
        await ring.refresh()
        assert ring.table.good["d-child"].tenant == "acme"
        ring.declare([record("other")])
        assert ring.table.bad["d-child"] is Flaw.ORPHANED
        assert set(ring.table.good) == {"d-other"}

    asyncio.run(life())


def test_a_key_of_the_store_never_takes_the_place_of_one_of_the_config(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def life() -> None:
        store = MemoryKeyring()
        await store.add(Kept(key=Key(id="root", debug=True), digests=("d-x",)))
        await store.add(Kept(key=Key(id="thief", debug=True), digests=("d-root",)))
        ring = Ring(store)
        ring.declare([record("root")])
        await ring.refresh()
        assert ring.table.good == {"d-root": Key(id="root")}

    with caplog.at_level(logging.WARNING):
        asyncio.run(life())
    assert "'root' of the store has the id of a declared key" in caplog.text


def test_while_the_store_is_down_what_is_known_stays_and_it_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def life() -> None:
        store = Flaky()
        await store.add(kept("a"))
        ring = Ring(store)
        await ring.refresh()
        store.down = True
        for _ in range(3):
            with pytest.raises(LedgerDown):
                await ring.refresh()
        assert ring.dark == "The store is away."
        assert "d-a" in ring.table.good
        store.down = False
        await ring.refresh()
        assert not ring.dark

    with caplog.at_level(logging.ERROR):
        asyncio.run(life())
    assert caplog.text.count("The store is away.") == 1


def test_it_looks_by_itself_and_stops_when_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchgear.pipeline.ring.LOOK_EVERY", 0.001)

    async def life() -> None:
        store = Flaky()
        ring = Ring(store)
        await ring.start()
        store.down = True
        await asyncio.sleep(0.01)
        assert ring.dark
        store.down = False
        await store.add(kept("a"))
        for _ in range(1000):
            await asyncio.sleep(0.001 * ring.table.open)
        assert not ring.table.open
        await ring.aclose()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(life())


def test_many_keys_are_put_in_order_beside_the_loop_and_are_the_same() -> None:
    async def life() -> None:
        store = MemoryKeyring()
        for number in range(AT_ONCE + 50):
            await store.add(kept(f"k{number}", f"k{number - 1}" if number % 3 else ""))
        ring = Ring(store)
        await ring.refresh()
        assert len(ring.table.good) == AT_ONCE + 50

    asyncio.run(life())

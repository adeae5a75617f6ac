"""The kill switch through the whole gateway: chains of keys, and several nodes over Redis."""

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from support.keyed import Keyed, keyed
from switchgear.adapters.halts.file import FileBoard
from switchgear.domain.caller import Key
from switchgear.domain.halt import Halt, Halted
from switchgear.ports.keyring import Kept

LOOKS, PAUSE_S = 500, 0.01


async def until(at: Keyed, secret: str, status: int) -> None:
    for _ in range(LOOKS):
        if (await at.calc(secret)).status_code == status:
            return
        await asyncio.sleep(PAUSE_S)
    raise AssertionError(f"it never said {status}")


def test_a_key_that_is_stopped_stops_the_keys_that_it_made_and_those_that_they_made() -> None:
    async def life() -> None:
        async with keyed() as at:
            for name, parent in (
                ("child", "root"),
                ("grandchild", "child"),
                ("last", "grandchild"),
            ):
                digest = sha256(f"s-{name}".encode()).hexdigest()
                kept = Kept(key=Key(id=name, parent=parent), digests=(digest,))
                await at.running.house.outside.keyring.add(kept)
            await at.running.house.ring.refresh()
            family = ("s-root", "s-child", "s-grandchild", "s-last")
            assert [(await at.calc(each)).status_code for each in family] == [200] * 4
            body = {"kind": "key", "name": "child"}
            assert (await at.ask("POST", "/admin/halts", "s-root", body)).status_code == 200
            assert [(await at.calc(each)).status_code for each in family] == [200, 403, 403, 403]
            assert (await at.calc("s-plain")).status_code == 200

    asyncio.run(life())


def test_what_is_said_on_one_node_all_obey_and_keep_also_those_that_come_later(
    redis_url: str, tmp_path: Path
) -> None:
    files = [str(tmp_path / f"{number}.json") for number in range(3)]
    more: list[dict[str, Any]] = [
        {"redis": {"url": redis_url}, "halts": {"path": each}} for each in files
    ]

    async def life() -> None:
        async with keyed(**more[0]) as one, keyed(**more[1]) as two:
            await until(two, "s-plain", 200)
            body = {"kind": "key", "name": "plain"}
            said = (await one.ask("POST", "/admin/halts", "s-root", body)).json()
            assert said["posted"]
            assert said["told"]
            await until(two, "s-plain", 403)
            async with keyed(**more[2]) as late:
                await until(late, "s-plain", 403)
                found = FileBoard(Path(files[0])).look() or ()
                lifted = [msgspec.structs.replace(it, on=False, at=it.at + 1) for it in found]
                FileBoard(Path(files[2])).write(lifted)  # by hand, at another machine
                for node in (late, one, two):
                    await until(node, "s-plain", 200)
        (kept,) = FileBoard(Path(files[0])).look() or ()
        assert (kept.kind, kept.name, kept.on) == (Halted.KEY, "plain", False)
        assert isinstance(kept, Halt)

    asyncio.run(life())

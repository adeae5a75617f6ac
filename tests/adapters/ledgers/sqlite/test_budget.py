import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from support import spender
from support.bank import LATER, account, amount, asking, bound, money
from support.entries import entry
from switchgear.adapters.ledgers.sqlite import Spilling, SqliteLedger
from switchgear.adapters.ledgers.sqlite.account import FORGOTTEN_TOGETHER, KEPT
from switchgear.domain.account import Account, Charge, Granted, Payer, Shortfall, Window
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import UnixMs
from switchgear.engine.budget import DAY
from switchgear.ports.budget import Level
from switchgear.ports.ledger import Query

ALICE = account("alice")
HUNDRED = [(ALICE, bound(100))]
Life = Callable[[SqliteLedger], Awaitable[None]]


def with_ledger(file: Path, life: Life, *, journal: int = 0) -> None:
    async def whole() -> None:
        ledger = SqliteLedger(file, durable=False, spilling=Spilling(journal=journal))
        try:
            await life(ledger)
        finally:
            await ledger.aclose()

    asyncio.run(whole())


async def level(ledger: SqliteLedger, of: Account = ALICE) -> Level:
    [found] = await ledger.budgets.levels([of])
    return found


def locked(file: Path) -> sqlite3.Connection:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    return other


async def tried(ledger: SqliteLedger, life: Callable[[], Awaitable[object]]) -> object:
    """Try until the file is there again."""
    for _ in range(100):
        try:
            return await life()
        except LedgerDown:
            await asyncio.sleep(0.02)
    raise AssertionError(ledger.waiting)


def test_while_the_file_is_locked_nothing_can_be_known_and_nothing_is_set_aside(
    tmp_path: Path,
) -> None:
    async def life(ledger: SqliteLedger) -> None:
        kept = asking("kept", money(10), HUNDRED)
        await ledger.budgets.reserve(kept)
        other = locked(tmp_path / "ledger.db")
        verbs = [ledger.budgets.reserve(asking(f"a{it}", money(10), HUNDRED)) for it in range(9)]
        verbs += [ledger.budgets.renew(["kept"], LATER), ledger.budgets.release(["kept"])]  # type: ignore[list-item]  # answers differ
        found = await asyncio.gather(*verbs, return_exceptions=True)
        other.close()
        assert {type(each) for each in found} == {LedgerDown}
        await tried(ledger, lambda: ledger.budgets.expire(UnixMs(1)))
        assert (await level(ledger)).held in {money(10), money(0)}  # the release may be known late

    with_ledger(tmp_path / "ledger.db", life)


def test_who_stops_waiting_for_an_answer_has_nothing_set_aside(tmp_path: Path) -> None:
    async def life(ledger: SqliteLedger) -> None:
        for pause in (0.0, 0.0, 0.001, 0.002, 0.004):
            waiter = asyncio.ensure_future(
                ledger.budgets.reserve(asking(f"a{pause}", money(10), HUNDRED))
            )
            await asyncio.sleep(pause)
            if waiter.done():
                await ledger.budgets.release([f"a{pause}"])
            waiter.cancel()
            await asyncio.gather(waiter, return_exceptions=True)
        await ledger.budgets.expire(UnixMs(1))  # it comes after all that was asked before
        assert await level(ledger) == Level(ALICE, amount(), amount())
        assert await ledger.budgets.held() == 0

    with_ledger(tmp_path / "ledger.db", life)


def test_what_waited_in_the_journal_is_paid_once_however_often_it_is_brought(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ledger.db"
    asked = [asking(f"a{number}", money(10), HUNDRED) for number in range(4)]

    async def spill(ledger: SqliteLedger) -> None:
        for each in asked:
            await ledger.budgets.reserve(each)
        await ledger.write(entry("sg_0", charges=(ledger.budgets.charge(asked[0], money(7)),)))
        other = locked(file)
        for number in (1, 2):
            charge = ledger.budgets.charge(asked[number], money(7))
            await ledger.write(entry(f"sg_{number}", charges=(charge,)))
        found = await ledger.find("sg_1")
        assert found is not None
        assert found.charges == ()
        with pytest.raises(LedgerDown):
            await ledger.budgets.reserve(asking("a9", money(1), HUNDRED))
        journal = (tmp_path / "ledger.db.journal").read_bytes()
        other.close()
        await tried(ledger, lambda: ledger.budgets.expire(UnixMs(1)))
        for _ in range(100):
            if not ledger.waiting:
                break
            await asyncio.sleep(0.02)
        assert await level(ledger) == Level(ALICE, money(21), money(10))
        (tmp_path / "copy").write_bytes(journal)

    async def again(ledger: SqliteLedger) -> None:
        assert await level(ledger) == Level(ALICE, money(21), money(10))
        assert len(await ledger.list(Query())) == 3
        await ledger.write(entry("sg_3", charges=(ledger.budgets.charge(asked[3], money(9)),)))
        assert await level(ledger) == Level(ALICE, money(30), money(0))

    with_ledger(file, spill, journal=1_000_000)
    (tmp_path / "copy").replace(tmp_path / "ledger.db.journal")  # as after a crash before emptying
    with_ledger(file, again, journal=1_000_000)


def test_one_row_that_cannot_be_kept_pays_nothing_and_harms_no_other(tmp_path: Path) -> None:
    async def life(ledger: SqliteLedger) -> None:
        good = Charge(reservation="x", accounts=(ALICE,), amount=money(5))
        bad = Charge(reservation="y", accounts=(ALICE,), amount=money(-5))
        rows = [("sg_1", (good, good)), ("sg_2", (good, bad)), ("sg_1", (good,)), ("sg_3", ())]
        jobs = [ledger.write(entry(name, charges=charges)) for name, charges in rows]
        reserving = ledger.budgets.reserve(asking("a1", money(80), HUNDRED))
        found = await asyncio.gather(*jobs, reserving, return_exceptions=True)
        kinds = [type(None), LedgerDown, ValueError, type(None), Granted]
        assert [type(each) for each in found] == kinds
        assert await level(ledger) == Level(ALICE, money(10), money(80))

    with_ledger(tmp_path / "ledger.db", life)


def test_text_that_is_none_is_refused_before_it_reaches_the_others(tmp_path: Path) -> None:
    async def life(ledger: SqliteLedger) -> None:
        odd = asking("a1", money(1), [(account("\ud800"), bound(5))])
        far = asking("a2", money(1), HUNDRED, until=2**70)
        for each in (odd, far):
            with pytest.raises((ValueError, OverflowError)):
                await ledger.budgets.reserve(each)
        assert await ledger.budgets.held() == 0

    with_ledger(tmp_path / "ledger.db", life)


def test_what_is_spent_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    async def spend(ledger: SqliteLedger) -> None:
        for number in range(2):
            asked = asking(f"a{number}", money(40), HUNDRED)
            assert isinstance(await ledger.budgets.reserve(asked), Granted)
        charge = Charge(reservation="a0", accounts=(ALICE,), amount=money(30))
        await ledger.write(entry("sg_1", charges=(charge,)))

    async def look(ledger: SqliteLedger) -> None:
        assert await level(ledger) == Level(ALICE, money(30), money(40))
        assert isinstance(await ledger.budgets.reserve(asking("a2", money(31), HUNDRED)), Shortfall)
        await ledger.budgets.release(["a1"])
        assert await ledger.budgets.held() == 0

    with_ledger(tmp_path / "ledger.db", spend)
    with_ledger(tmp_path / "ledger.db", look)


def test_old_windows_are_forgotten_as_new_ones_come(tmp_path: Path) -> None:
    async def life(ledger: SqliteLedger) -> None:
        minutes = KEPT[Window.MINUTE] // 60_000
        old = [account("k", each * 60_000, Window.MINUTE) for each in range(3)]
        charges = [Charge(reservation="", accounts=(it,), amount=money(1)) for it in old[1:]]
        await ledger.write(entry("sg_1", charges=tuple(charges)))
        await ledger.budgets.reserve(asking("open", money(1), [(old[0], bound(5))]))
        for number, ahead in enumerate((1, 2, 3, 9)):
            new = account("k", (minutes + ahead) * 60_000, Window.MINUTE)
            await ledger.budgets.reserve(asking(f"a{number}", money(1), [(new, bound(5))]))
            found = await ledger.budgets.levels(old)
            assert [it.spent.money for it in found] == [0, int(ahead < 2), int(ahead < 3)]
        assert (await level(ledger, old[0])).held == money(1)

    with_ledger(tmp_path / "ledger.db", life)


def test_pruning_forgets_the_windows_that_had_ended(tmp_path: Path) -> None:
    async def life(ledger: SqliteLedger) -> None:
        days = [account("k", each * DAY) for each in range(2 * FORGOTTEN_TOGETHER)]
        ever = Account(Payer.KEY, "k", Window.TOTAL)
        charge = Charge(reservation="", accounts=(*days, ever), amount=money(1))
        await ledger.write(entry("sg_1", charges=(charge,)))
        await ledger.prune(UnixMs(FORGOTTEN_TOGETHER * DAY + 5))
        levels = await ledger.budgets.levels([*days, ever])
        kept = [it.spent.money for it in levels]
        assert kept == [0] * FORGOTTEN_TOGETHER + [1] * (FORGOTTEN_TOGETHER + 1)

    with_ledger(tmp_path / "ledger.db", life)


def test_what_a_killed_process_had_set_aside_and_borrowed_ends_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    process = subprocess.Popen(  # noqa: S603  (our own interpreter and script)
        [sys.executable, spender.__file__, str(file)],
        env={"PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    until = int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()

    async def life(ledger: SqliteLedger) -> None:
        accounts = [it.account for it in (*spender.NARROW, *spender.WIDE)]
        before = await ledger.budgets.levels(accounts)
        assert all(it.held != amount() for it in before)
        assert await ledger.budgets.held() > spender.OPEN
        await ledger.budgets.expire(UnixMs(until))
        assert await ledger.budgets.held() == 0
        after = await ledger.budgets.levels(accounts)
        assert [(it.spent, it.held) for it in after] == [(it.spent, amount()) for it in before]

    with_ledger(file, life)

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from support.bank import BANKS, LATER, Bank, account, amount, asking, at_bank, bound, money
from switchgear.domain.account import (
    Amount,
    Bound,
    Charge,
    Granted,
    Payer,
    Reservation,
    Shortfall,
    Window,
)
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import UnixMs
from switchgear.ports.budget import Level

Life = Callable[[Bank], Awaitable[None]]
ALICE, TEAM = account("alice"), account("team")
GONE = UnixMs(1)
"""Long ago."""


@pytest.fixture(params=sorted(BANKS))
def at(request: pytest.FixtureRequest) -> Callable[[Life], None]:
    return lambda life: at_bank(request.param, life)


At = Callable[[Life], None]


def test_what_is_reserved_is_held_until_it_is_paid_or_released(at: At) -> None:
    async def life(bank: Bank) -> None:
        ten = amount(10, 20, 1)
        for name in ("a1", "a2"):
            asked = asking(name, ten, [(ALICE, bound(100))])
            assert isinstance(await bank.budgets.reserve(asked), Granted)
        assert await bank.level(ALICE) == Level(ALICE, amount(), amount(20, 40, 2))
        assert await bank.budgets.held() == 2
        asked = asking("a1", ten, [(ALICE, bound(100))])
        await bank.pay("sg_1", bank.budgets.charge(asked, amount(7, 12, 1)))
        assert await bank.level(ALICE) == Level(ALICE, amount(7, 12, 1), ten)
        await bank.budgets.release(["a2", "never"])
        assert await bank.level(ALICE) == Level(ALICE, amount(7, 12, 1), amount())
        assert await bank.budgets.held() == 0

    at(life)


def test_all_accounts_pay_or_none_does(at: At) -> None:
    async def life(bank: Bank) -> None:
        both = [(ALICE, bound(100)), (TEAM, bound(30))]
        assert isinstance(await bank.budgets.reserve(asking("a1", money(20), both)), Granted)
        found = await bank.budgets.reserve(asking("a2", money(20), both))
        assert found == Shortfall(TEAM, bound(30), bound(10))
        assert [it.held for it in await bank.budgets.levels([ALICE, TEAM])] == [money(20)] * 2
        assert await bank.budgets.held() == 1

    at(life)


@pytest.mark.parametrize("most", [bound(10), bound(tokens=10), bound(calls=10)])
def test_each_of_money_tokens_and_calls_is_bounded_by_itself(at: At, most: Bound) -> None:
    async def life(bank: Bank) -> None:
        figures = (most.money, most.tokens, most.calls)
        eleven = amount(*[10**6 if each is None else 11 for each in figures])
        ten = amount(*[10**6 if each is None else 10 for each in figures])
        found = await bank.budgets.reserve(asking("a1", eleven, [(ALICE, most)]))
        assert found == Shortfall(ALICE, most, most)
        assert isinstance(await bank.budgets.reserve(asking("a2", ten, [(ALICE, most)])), Granted)

    at(life)


def test_a_bound_of_nothing_grants_nothing_but_an_amount_of_nothing(at: At) -> None:
    async def life(bank: Bank) -> None:
        nothing = [(ALICE, bound(0))]
        found = await bank.budgets.reserve(asking("a1", money(1), nothing))
        assert found == Shortfall(ALICE, bound(0), bound(0))
        assert await bank.budgets.reserve(asking("a2", amount(0, 5, 1), nothing)) == Granted()

    at(life)


def test_it_tells_how_full_the_fullest_is_and_which_that_is(at: At) -> None:
    async def life(bank: Bank) -> None:
        both = [(ALICE, bound(100, calls=4)), (TEAM, bound(50))]
        first = await bank.budgets.reserve(asking("a1", amount(10, 0, 1), both))
        assert first == Granted(0.25, ALICE)
        assert await bank.budgets.reserve(asking("a2", money(25), both)) == Granted(0.7, TEAM)
        anything = asking("a3", money(1), [(account("free"), bound())])
        assert await bank.budgets.reserve(anything) == Granted()
        assert await bank.budgets.reserve(asking("a4", money(10**9), [])) == Granted()
        assert await bank.budgets.held() == 3

    at(life)


def test_asking_again_with_the_same_id_changes_nothing(at: At) -> None:
    async def life(bank: Bank) -> None:
        asked = asking("a1", money(60), [(ALICE, bound(100))])
        assert await bank.budgets.reserve(asked) == await bank.budgets.reserve(asked)
        assert (await bank.level(ALICE)).held == money(60)
        await bank.budgets.release(["a1"])
        await bank.budgets.release(["a1"])
        assert (await bank.level(ALICE)).held == money(0)

    at(life)


def test_what_is_not_renewed_ends_and_what_is_renewed_does_not(at: At) -> None:
    async def life(bank: Bank) -> None:
        for name in ("a1", "a2", "a3"):
            await bank.budgets.reserve(asking(name, money(10), [(ALICE, bound(100))], until=1000))
        await bank.budgets.renew(["a2", "never"], UnixMs(5000))
        assert await bank.budgets.expire(UnixMs(999)) == 0
        assert await bank.budgets.expire(UnixMs(1000)) == 2
        assert (await bank.level(ALICE)).held == money(10)
        await bank.budgets.renew(["a1"], LATER)
        assert await bank.budgets.held() == 1
        assert await bank.budgets.expire(UnixMs(5000)) == 1

    at(life)


def test_what_is_over_its_time_is_given_back_when_somebody_falls_short(at: At) -> None:
    async def life(bank: Bank) -> None:
        hundred = [(ALICE, bound(100))]
        await bank.budgets.reserve(asking("dead", money(90), hundred, until=GONE))
        await bank.budgets.reserve(asking("living", money(10), hundred))
        found = await asyncio.gather(
            *[bank.budgets.reserve(asking(f"a{each}", money(45), hundred)) for each in range(3)]
        )
        assert [type(each) for each in found] == [Granted, Granted, Shortfall]
        assert (await bank.level(ALICE)).held == money(100)

    at(life)


def test_a_charge_whose_reservation_has_ended_is_paid_all_the_same(at: At) -> None:
    async def life(bank: Bank) -> None:
        late = asking("late", money(90), [(ALICE, bound(100)), (TEAM, bound(500))], until=GONE)
        await bank.budgets.reserve(late)
        await bank.budgets.expire(UnixMs(2000))
        other = asking("other", money(90), [(ALICE, bound(100))])
        assert isinstance(await bank.budgets.reserve(other), Granted)
        await bank.pay("sg_1", bank.budgets.charge(late, money(80)))
        await bank.pay("sg_2", bank.budgets.charge(other, money(85)))
        assert [it.spent for it in await bank.budgets.levels([ALICE, TEAM])] == [
            money(165),
            money(80),
        ]
        found = await bank.budgets.reserve(asking("a3", money(1), [(ALICE, bound(100))]))
        assert isinstance(found, Shortfall)
        assert found.left == bound(0)

    at(life)


def test_a_second_row_of_the_same_id_pays_nothing(at: At) -> None:
    async def life(bank: Bank) -> None:
        charge = Charge(reservation="a1", accounts=(ALICE,), amount=money(5))
        await bank.pay("sg_1", charge, charge)
        with pytest.raises(ValueError, match="already on the ledger"):
            await bank.pay("sg_1", charge)
        assert (await bank.level(ALICE)).spent == money(10)

    at(life)


def test_one_row_pays_for_all_its_attempts_and_what_it_paid_is_no_part_of_it(at: At) -> None:
    async def life(bank: Bank) -> None:
        charges = []
        for name, shares in (("a1", [(ALICE, bound(50))]), ("a2", [(TEAM, bound(50))])):
            asked = asking(name, money(20), shares)
            await bank.budgets.reserve(asked)
            charges.append(bank.budgets.charge(asked, money(15)))
        await bank.pay("sg_1", *charges)
        levels = await bank.budgets.levels([TEAM, ALICE])
        assert levels == tuple(Level(it, money(15), money(0)) for it in (TEAM, ALICE))
        found = await bank.ledger.find("sg_1")
        assert found is not None
        assert found.charges == ()

    at(life)


def test_what_is_lent_is_taken_from_by_each_charge_and_stays_open(at: At) -> None:
    async def life(bank: Bank) -> None:
        hundred = [(ALICE, bound(100, tokens=10**6))]
        await bank.budgets.reserve(asking("lent/p1/1", money(60), hundred))
        lent = Charge(reservation="lent/p1/1", accounts=(ALICE,), amount=amount(25, 9), lent=True)
        await bank.pay("sg_1", lent)
        assert await bank.level(ALICE) == Level(ALICE, amount(25, 9), money(35))
        await bank.budgets.lessen("lent/p1/1", money(5))
        assert await bank.level(ALICE) == Level(ALICE, amount(25, 9), money(30))
        assert await bank.budgets.held() == 1
        await bank.pay("sg_2", lent, lent)
        assert await bank.level(ALICE) == Level(ALICE, amount(75, 27), money(0))
        await bank.budgets.lessen("lent/p1/1", money(5))
        assert await bank.budgets.held() == 0

    at(life)


def test_what_is_lessened_to_nothing_is_closed(at: At) -> None:
    async def life(bank: Bank) -> None:
        await bank.budgets.reserve(asking("a1", amount(10, 10, 10), [(ALICE, bound(10))]))
        await bank.budgets.lessen("a1", amount(10, 99, 9))
        assert await bank.level(ALICE) == Level(ALICE, amount(), amount(0, 0, 1))
        await bank.budgets.lessen("a1", amount(0, 0, 1))
        assert await bank.budgets.held() == 0
        await bank.budgets.lessen("a1", amount(1, 1, 1))
        assert await bank.level(ALICE) == Level(ALICE, amount(), amount())

    at(life)


def test_windows_and_payers_are_accounts_of_their_own(at: At) -> None:
    async def life(bank: Bank) -> None:
        ways = [
            account("x", 0, Window.DAY),
            account("x", 86_400_000, Window.DAY),
            account("x", 0, Window.HOUR),
            account("X", 0, Window.DAY),
            account("Ü '\"[]\\%", 0, Window.DAY),
        ]
        for number, each in enumerate(ways):
            found = await bank.budgets.reserve(asking(f"a{number}", money(10), [(each, bound(10))]))
            assert isinstance(found, Granted)
        assert [it.held for it in await bank.budgets.levels(ways)] == [money(10)] * 5

    at(life)


@pytest.mark.parametrize("absurd", [money(-1), amount(0, -1), amount(0, 0, 2**61), money(10**30)])
def test_an_amount_that_is_none_is_refused_and_nothing_is_lost(at: At, absurd: Amount) -> None:
    async def life(bank: Bank) -> None:
        shares = [(ALICE, bound())]
        with pytest.raises(ValueError, match="no amounts"):
            await bank.budgets.reserve(asking("a1", absurd, shares))
        assert await bank.budgets.held() == 0
        assert await bank.level(ALICE) == Level(ALICE, amount(), amount())

    at(life)


def test_no_bound_is_what_there_is_room_for(at: At) -> None:
    async def life(bank: Bank) -> None:
        huge = [
            await bank.budgets.reserve(asking(f"a{number}", money(2**60), [(ALICE, bound())]))
            for number in range(8)
        ]
        assert [type(each) for each in huge] == [Granted] * 7 + [Shortfall]
        assert (await bank.level(ALICE)).held == money(7 * 2**60)

    at(life)


async def patiently(bank: Bank, asked: Reservation) -> Granted | Shortfall:
    """A machine that is busy with other things may take longer than a call would wait."""
    while True:
        with suppress(LedgerDown):
            return await bank.budgets.reserve(asked)


def test_however_many_ask_at_once_no_more_is_granted_than_there_is(at: At) -> None:
    async def life(bank: Bank) -> None:
        shares = [(ALICE, bound(1000)), (TEAM, bound(calls=100))]

        async def task(name: int) -> int:
            admitted = 0
            for number in range(5):
                asked = asking(f"t{name}/{number}", amount(10, 0, 1), shares)
                if isinstance(await patiently(bank, asked), Granted):
                    admitted += 1
                    await bank.pay(asked.id, bank.budgets.charge(asked, amount(10, 0, 1)))
            return admitted

        assert sum(await asyncio.gather(*[task(each) for each in range(64)])) == 100
        assert await bank.level(ALICE) == Level(ALICE, amount(1000, 0, 100), amount())
        assert await bank.budgets.held() == 0

    at(life)


def test_payers_of_the_same_name_are_told_apart(at: At) -> None:
    async def life(bank: Bank) -> None:
        tenant = type(ALICE)(Payer.TENANT, ALICE.name, ALICE.window, ALICE.starts)
        await bank.budgets.reserve(asking("a1", money(10), [(ALICE, bound(10))]))
        assert [it.held for it in await bank.budgets.levels([ALICE, tenant])] == [
            money(10),
            money(0),
        ]

    at(life)

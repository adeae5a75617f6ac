"""Money in the database: exact however many nodes ask at once, and whatever breaks."""

import asyncio
from collections import Counter
from contextlib import suppress

import pytest

from support.bank import account, amount, asking, bound, money
from support.entries import entry
from support.postgres import Server, with_ledger
from switchgear.adapters.ledgers.postgres import PostgresLedger, open_postgres
from switchgear.domain.account import Account, Granted, Payer, Reservation, Shortfall, Window
from switchgear.domain.errors import LedgerDown
from switchgear.domain.secret import Secret
from switchgear.domain.units import UnixMs

TEAM = account("team")
EVIL = "'; DROP TABLE accounts; --\0"


def test_of_320_attempts_at_four_nodes_exactly_as_many_are_let_in_as_there_is_room_for(
    postgres_url: str,
) -> None:
    async def life() -> None:
        nodes = [await open_postgres(Secret(postgres_url)) for _ in range(4)]
        both = [(TEAM, bound(100)), (account("own"), bound(200))]
        asked = [
            surely(nodes[number % 4], asking(f"a{number}", money(1), both)) for number in range(320)
        ]
        found = await asyncio.gather(*asked)
        assert sum(isinstance(each, Granted) for each in found) == 100
        assert [level.held for level in await nodes[0].budgets.levels([TEAM])] == [money(100)]
        await asyncio.gather(*[node.aclose() for node in nodes])

    asyncio.run(life())


ACCOUNTS = [account(name) for name in "abcdef"]


async def spend(ledger: PostgresLedger, name: str, number: int) -> list[int]:
    """Reserve in some accounts, in some order, then pay or give back; return what was paid."""
    order = list(range(6))[:: 1 if number % 2 else -1]
    places = [(each + number) % 6 for each in order][: 1 + number % 6]
    shares = [(ACCOUNTS[place], bound(10**6)) for place in places]
    asked = asking(name, amount(5, 7, 1), shares, until=1 if number % 5 == 0 else 10**15)
    await surely(ledger, asked)
    match number % 4:
        case 0 | 1:
            charge = ledger.budgets.charge(asked, amount(3, 4, 1))
            await ledger.write(entry(name, charges=(charge,)))
            return places
        case 2:
            await ledger.budgets.renew([name], UnixMs(10**15))
        case _:
            await ledger.budgets.expire(UnixMs(10))
    await ledger.budgets.release([name])
    return []


async def surely(ledger: PostgresLedger, asked: Reservation) -> Granted | Shortfall:
    """Ask until there is an answer: what comes too late on a slow machine is no defect."""
    for _ in range(100):
        with suppress(LedgerDown):
            return await ledger.budgets.reserve(asked)
    raise AssertionError("there never was an answer")


def test_nodes_that_take_the_same_accounts_in_any_order_never_stand_in_each_others_way(
    postgres_server: Server, postgres_url: str
) -> None:
    async def life() -> None:
        nodes = [await open_postgres(Secret(postgres_url)) for _ in range(3)]
        spent: Counter[int] = Counter()
        for turn in range(4):
            found = await asyncio.gather(
                *[spend(nodes[n % 3], f"w{turn}_{n}", n * 7 + turn) for n in range(60)]
            )
            spent.update(place for places in found for place in places)
        for place, level in enumerate(await nodes[0].budgets.levels(ACCOUNTS)):
            times = spent[place]
            assert level.spent == amount(3 * times, 4 * times, times)
            assert level.held == amount()
        assert await nodes[0].budgets.held() == 0
        await asyncio.gather(*[node.aclose() for node in nodes])

    asyncio.run(life())
    assert "deadlock detected" not in postgres_server.said()


def test_an_account_that_was_forgotten_is_made_again(
    postgres_server: Server, postgres_url: str
) -> None:
    async def life(ledger: PostgresLedger) -> None:
        asked = asking("a1", money(5), [(TEAM, bound(9))])
        assert isinstance(await ledger.budgets.reserve(asked), Granted)
        await ledger.write(entry("sg_1", charges=(ledger.budgets.charge(asked, money(5)),)))
        await asyncio.to_thread(postgres_server.say, "DELETE FROM accounts", postgres_url)
        again = asking("a2", money(9), [(TEAM, bound(9))])
        assert isinstance(await ledger.budgets.reserve(again), Granted)
        await asyncio.to_thread(postgres_server.say, "DELETE FROM accounts", postgres_url)
        await ledger.write(entry("sg_2", charges=(ledger.budgets.charge(again, money(8)),)))
        assert [each.spent for each in await ledger.budgets.levels([TEAM])] == [money(8)]

    with_ledger(postgres_url, life)


def test_a_row_that_is_there_already_is_not_paid_for_twice(postgres_url: str) -> None:
    async def life(ledger: PostgresLedger) -> None:
        asked = asking("a1", money(5), [(TEAM, bound(9))])
        paid = entry("sg_1", charges=(ledger.budgets.charge(asked, money(5)),))
        await ledger.write(paid)
        await ledger._writer._write_missing([paid, entry("sg_2")])
        assert [each.spent for each in await ledger.budgets.levels([TEAM])] == [money(5)]
        with pytest.raises(ValueError, match="already on the ledger"):
            await ledger.write(paid)
        assert [each.spent for each in await ledger.budgets.levels([TEAM])] == [money(5)]

    with_ledger(postgres_url, life)


def test_nothing_is_granted_while_the_server_is_gone_and_all_is_as_it_was_when_it_is_back(
    postgres_server: Server, postgres_url: str
) -> None:
    async def life(ledger: PostgresLedger) -> None:
        asked = asking("a1", money(5), [(TEAM, bound(9))])
        assert isinstance(await ledger.budgets.reserve(asked), Granted)
        await asyncio.to_thread(postgres_server.stop)
        with pytest.raises(LedgerDown):
            await ledger.budgets.reserve(asking("a2", money(1), [(TEAM, bound(9))]))
        await asyncio.to_thread(postgres_server.start)
        for _ in range(500):
            try:
                found = await ledger.budgets.reserve(asking("a3", money(5), [(TEAM, bound(9))]))
            except LedgerDown:
                await asyncio.sleep(0.02)
            else:
                break
        assert found == Shortfall(TEAM, bound(9), bound(4))
        await ledger.budgets.release(["a1"])
        assert isinstance(await ledger.budgets.reserve(asked), Granted)

    with_ledger(postgres_url, life)


def test_what_others_left_beyond_its_time_is_given_back_when_money_falls_short(
    postgres_url: str,
) -> None:
    async def life(ledger: PostgresLedger) -> None:
        left = asking("a1", money(9), [(TEAM, bound(9))], until=1)
        assert isinstance(await ledger.budgets.reserve(left), Granted)
        asked = asking("a2", money(9), [(TEAM, bound(9))])
        assert isinstance(await ledger.budgets.reserve(asked), Granted)
        assert await ledger.budgets.held() == 1

    with_ledger(postgres_url, life)


def test_names_of_accounts_and_reservations_are_values_whatever_they_say(postgres_url: str) -> None:
    async def life(ledger: PostgresLedger) -> None:
        evil = Account(Payer.USER, EVIL, Window.TOTAL)
        asked = asking(EVIL, money(4), [(evil, bound(9))])
        assert isinstance(await ledger.budgets.reserve(asked), Granted)
        await ledger.budgets.renew([EVIL], UnixMs(5))
        assert await ledger.budgets.expire(UnixMs(5)) == 1
        assert isinstance(await ledger.budgets.reserve(asked), Granted)
        await ledger.write(entry(EVIL, charges=(ledger.budgets.charge(asked, money(3)),)))
        [level] = await ledger.budgets.levels([evil])
        assert (level.account, level.spent, level.held) == (evil, money(3), money(0))
        lone = asking("\ud800", money(4), [(evil, bound(9))])
        with pytest.raises(ValueError, match="surrogates"):
            await ledger.budgets.reserve(lone)

    with_ledger(postgres_url, life)

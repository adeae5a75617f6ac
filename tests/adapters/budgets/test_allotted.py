import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from support import virtual_time
from support.bank import account, amount, asking, bound
from switchgear.adapters.budgets.allotted import IDLE, LIFE_MS, AllottedBudgets
from switchgear.adapters.budgets.memory import MemoryBudgets
from switchgear.domain.account import Account, Amount, Charge, Granted, Reservation, Shortfall
from switchgear.domain.units import Seconds, UnixMs
from switchgear.ports.clock import Clock

TENANT, KEY = account("tenant"), account("key")


class LoopClock(Clock):
    """Shows the time of the loop that runs."""

    @override
    def now(self) -> Seconds:
        return Seconds(asyncio.get_running_loop().time())

    @override
    def date(self) -> UnixMs:
        return UnixMs(1_750_000_000_000 + int(self.now() * 1000))


class Counted(MemoryBudgets):
    """Counts what is asked of it, and lets others go first each time."""

    def __init__(self) -> None:
        super().__init__(LoopClock())
        self.asked = 0

    @override
    async def reserve(self, asked: Reservation) -> Granted | Shortfall:
        self.asked += 1
        await asyncio.sleep(0)
        found = await super().reserve(asked)
        await asyncio.sleep(0)
        return found

    @override
    async def lessen(self, name: str, by: Amount) -> None:
        await asyncio.sleep(0)
        await super().lessen(name, by)

    def total(self, of: Account) -> int:
        """Spent and held, in calls."""
        found = self.book.standings.get(of)
        return 0 if found is None else found.spent.calls + found.held.calls


class House:
    """Some processes that share accounts."""

    def __init__(self, processes: int = 1) -> None:
        self.inner = Counted()
        self.lent = [
            AllottedBudgets(self.inner, LoopClock(), f"p{number}") for number in range(processes)
        ]
        self.number = 0

    def asked(self, calls: int, more: int = 1, span: int = 60_000) -> Reservation:
        self.number += 1
        until = LoopClock().date() + span
        return asking(f"a{self.number}", amount(0, 0, more), [(TENANT, bound(calls=calls))], until)

    async def call(self, process: int, calls: int, more: int = 1, cost: int = 1) -> bool:
        asked = self.asked(calls, more)
        if isinstance(await self.lent[process].reserve(asked), Shortfall):
            return False
        charge = self.lent[process].charge(asked, amount(0, 0, cost))
        self.inner.book.settle([charge])
        return True

    async def close(self) -> None:
        for each in self.lent:
            await each.aclose()


def at_home(processes: int, life: Callable[[House], Awaitable[None]]) -> None:
    async def whole() -> None:
        house = House(processes)
        await life(house)
        await house.close()

    virtual_time.run(whole())


def test_where_a_budget_is_worth_many_calls_most_of_them_ask_nobody() -> None:
    async def life(house: House) -> None:
        for _ in range(2000):
            assert await house.call(0, 100_000)
            await asyncio.sleep(0.001)
        assert house.inner.asked < 20
        [level] = await house.lent[0].levels([TENANT])
        assert (level.spent.calls, level.held.calls) == (2000, 0)
        assert await house.lent[0].held() == 0

    at_home(1, life)


def test_where_it_is_worth_few_each_call_asks_for_itself() -> None:
    async def life(house: House) -> None:
        for _ in range(900):
            assert await house.call(0, 1000)
        assert house.inner.asked == 900

    at_home(1, life)


def test_what_is_lent_goes_back_when_no_call_asks_any_more() -> None:
    async def life(house: House) -> None:
        assert await house.call(0, 100_000)
        await asyncio.sleep(0.1)
        assert house.inner.total(TENANT) > 1
        await asyncio.sleep(10)
        assert house.inner.total(TENANT) == 1
        assert await house.inner.held() == 0

    at_home(1, life)


def test_what_is_lent_goes_back_at_the_end() -> None:
    async def life(house: House) -> None:
        assert await house.call(0, 100_000)
        await asyncio.sleep(0.1)
        assert await house.inner.held() == 1
        await house.close()
        assert await house.inner.held() == 0

    at_home(1, life)


def test_what_is_lent_to_a_process_that_was_killed_ends_by_itself() -> None:
    async def life(house: House) -> None:
        killed, living = house.lent
        assert await house.call(0, 100_000)
        await asyncio.sleep(0.1)
        kept = house.asked(100_000)
        assert isinstance(await killed.reserve(kept), Granted)
        killed._closed.set()  # from here on it does nothing any more
        await asyncio.sleep(LIFE_MS / 1000 + 1)
        assert await living.expire(LoopClock().date()) == 1
        assert house.inner.total(TENANT) == 1

    at_home(2, life)


def test_a_loan_lives_as_long_as_a_call_that_has_a_part_of_it() -> None:
    async def life(house: House) -> None:
        assert await house.call(0, 100_000)
        await asyncio.sleep(0.1)
        asked = house.asked(100_000)
        await house.lent[0].reserve(asked)
        for _ in range(200):
            await asyncio.sleep(5)
            await house.lent[0].renew([asked.id], UnixMs(LoopClock().date() + 20_000))
            await house.lent[0].expire(LoopClock().date())
        assert house.inner.total(TENANT) == 2
        house.inner.book.settle([house.lent[0].charge(asked, amount(0, 0, 1))])
        assert await house.lent[0].held() == 0

    at_home(1, life)


def test_what_an_attempt_came_to_stays_held_until_its_row_is_written() -> None:
    async def life(house: House) -> None:
        assert await house.call(0, 100_000)
        await asyncio.sleep(0.1)
        asked = house.asked(100_000)
        await house.lent[0].reserve(asked)
        charge = house.lent[0].charge(asked, amount(0, 0, 1))
        assert charge.lent
        for _ in range(100):
            await asyncio.sleep(5)
            await house.lent[0].expire(LoopClock().date())
        assert house.inner.total(TENANT) == 2
        assert (await house.lent[0].held()) == 1
        house.inner.book.settle([charge])
        assert house.inner.total(TENANT) == 2
        assert await house.inner.held() == 0

    at_home(1, life)


def test_a_part_that_is_not_renewed_is_given_back_and_one_that_is_lessened_is_smaller() -> None:
    async def life(house: House) -> None:
        assert await house.call(0, 100_000)
        await asyncio.sleep(0.1)
        one, other = house.asked(100_000, 5), house.asked(100_000, 7)
        for asked in (one, other, one):
            assert isinstance(await house.lent[0].reserve(asked), Granted)
        await house.lent[0].lessen(one.id, amount(0, 0, 3))
        [level] = await house.lent[0].levels([TENANT])
        assert level.held.calls == 9
        await house.lent[0].renew([one.id], UnixMs(LoopClock().date() + 120_000))
        await asyncio.sleep(61)
        assert await house.lent[0].expire(LoopClock().date()) == 1
        [level] = await house.lent[0].levels([TENANT])
        assert level.held.calls == 2
        await house.lent[0].release([one.id, other.id])
        assert await house.lent[0].held() == 0

    at_home(1, life)


def test_near_the_end_a_process_gives_back_what_others_need() -> None:
    async def life(house: House) -> None:
        most = 5000
        for process in (0, 1):
            assert await house.call(process, most)
        await asyncio.sleep(0.1)
        count = 2
        while await house.call(0, most):
            count += 1
            if count % 100 == 0:
                await asyncio.sleep(0.08)
        assert count == most
        assert LoopClock().now() < IDLE

    at_home(2, life)


def test_who_falls_short_gives_back_first_what_is_lent_to_its_other_payers() -> None:
    async def life(house: House) -> None:
        lent = house.lent[0]
        until = LoopClock().date() + 60_000
        for number in range(40):
            shares = [(account(f"user{number}"), bound(calls=10_000)), (TENANT, bound(calls=2100))]
            assert isinstance(
                await lent.reserve(asking(f"u{number}", amount(0, 0, 1), shares, until)), Granted
            )
            await asyncio.sleep(0)
        left = 2100 - 40
        shares = [(KEY, bound(calls=10_000)), (TENANT, bound(calls=2100))]
        found = await lent.reserve(asking("all", amount(0, 0, left), shares, until))
        assert isinstance(found, Granted)

    at_home(1, life)


def test_a_caller_who_goes_while_something_is_given_back_loses_nothing() -> None:
    async def life(house: House) -> None:
        assert await house.call(0, 2000)
        await asyncio.sleep(0.1)
        for pause in range(12):
            asking_all = asyncio.ensure_future(house.lent[0].reserve(house.asked(2000, 1999)))
            for _ in range(pause):
                await asyncio.sleep(0)
            asking_all.cancel()
            await asyncio.gather(asking_all, return_exceptions=True)
            await house.lent[0].release([f"a{house.number}"])
            await asyncio.sleep(8)
        assert house.inner.total(TENANT) == 1
        assert await house.lent[0].held() == 0

    at_home(1, life)


class History:
    """What three processes did, and what of it is still open."""

    def __init__(self, house: House, most: int) -> None:
        self.house = house
        self.most = most
        self.kept: list[tuple[int, Reservation]] = []

    async def call(self, process: int, many: int, more: int) -> None:
        for _ in range(many):
            await self.house.call(process, self.most, more, min(many % 4, more))
            assert self.house.inner.total(TENANT) <= self.most

    async def keep(self, process: int, many: int, more: int) -> None:
        asked = self.house.asked(self.most, more * many, 10**9)
        if isinstance(await self.house.lent[process].reserve(asked), Granted):
            self.kept.append((process, asked))

    async def end(self, _process: int, many: int, _more: int) -> None:
        if self.kept:
            owner, asked = self.kept.pop(many % len(self.kept))
            await self.house.lent[owner].release([asked.id])

    async def wait(self, _process: int, many: int, _more: int) -> None:
        await asyncio.sleep(many / 100)

    def used(self) -> int:
        found = self.house.inner.book.standings.get(TENANT)
        spent = 0 if found is None else found.spent.calls
        return spent + sum(asked.amount.calls for _, asked in self.kept)


acts = st.sampled_from([History.call, History.call, History.keep, History.end, History.wait])
steps = st.lists(
    st.tuples(acts, st.integers(0, 2), st.integers(1, 400), st.integers(1, 3)), max_size=25
)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9000), steps)
def test_no_history_of_three_processes_overdraws_or_refuses_what_is_left(
    most: int, taken: list[tuple[Callable[..., Awaitable[None]], int, int, int]]
) -> None:
    async def life(house: House) -> None:
        history = History(house, most)
        for act, *figures in taken:
            await act(history, *figures)
            assert house.inner.total(TENANT) <= most
        for process in range(3):
            await asyncio.sleep(20)  # whatever is lent and not used goes back
            assert house.inner.total(TENANT) == history.used()
            left = most - history.used()
            assert await house.call(process, most) == (left > 0)

    at_home(3, life)


@pytest.mark.parametrize("absurd", [amount(-1), amount(0, 0, 2**61)])
def test_no_part_of_a_loan_is_an_amount_that_is_none(absurd: Amount) -> None:
    async def life(house: House) -> None:
        assert await house.call(0, 100_000)
        await asyncio.sleep(0.1)
        asked = house.asked(100_000)
        with pytest.raises(ValueError, match="no amounts"):
            await house.lent[0].reserve(
                Reservation(id="x", shares=asked.shares, amount=absurd, until=asked.until)
            )

    at_home(1, life)


class LeapingClock(LoopClock):
    """One whose date can be set to anything."""

    off = 0

    @override
    def date(self) -> UnixMs:
        return UnixMs(super().date() + self.off)


def test_a_clock_that_leaps_ends_nothing_that_is_renewed_in_time() -> None:
    async def life(house: House) -> None:
        clock = LeapingClock()
        lent = AllottedBudgets(house.inner, clock, "p1")
        few, many = [(KEY, bound(calls=10))], [(TENANT, bound(calls=10**6))]
        for number, shares in enumerate((few, many, many)):
            await asyncio.sleep(0.1)
            until = clock.date() + 20_000
            await lent.reserve(asking(f"a{number}", amount(0, 0, 1), shares, until))
        clock.off = 3_600_000
        assert await lent.expire(clock.date()) == 0
        await asyncio.sleep(1)
        await lent.renew(["a0", "a1", "a2"], UnixMs(clock.date() + 60_000))
        await asyncio.sleep(31)
        assert await lent.expire(clock.date()) == 0
        clock.off = 0
        assert await lent.expire(clock.date()) == 0
        assert await lent.held() == 3
        await lent.aclose()

    at_home(0, life)


def test_what_was_not_lent_is_settled_by_its_own_id() -> None:
    async def life(house: House) -> None:
        asked = house.asked(10)
        await house.lent[0].reserve(asked)
        charge = house.lent[0].charge(asked, amount(0, 0, 1))
        assert charge == Charge(reservation=asked.id, accounts=(TENANT,), amount=amount(0, 0, 1))

    at_home(1, life)

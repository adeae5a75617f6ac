from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.bank import account, amount, asking, bound, money
from switchgear.domain.account import (
    Account,
    Amount,
    Bound,
    Budget,
    Charge,
    Payer,
    Shortfall,
    Window,
)
from switchgear.domain.units import UnixMs
from switchgear.engine import budget
from switchgear.engine.budget import (
    LATEST,
    NOTHING,
    Aside,
    Books,
    Change,
    Standing,
    account_of,
    ends_of,
    plus,
    starts_of,
)

moments = st.integers(0, LATEST - 32 * budget.DAY).map(UnixMs)
windows = st.sampled_from([each for each in Window if each is not Window.TOTAL])
PLACES = {Window.MINUTE: 5, Window.HOUR: 4, Window.DAY: 3, Window.MONTH: 2}
"""How many figures of a date name its window."""


def date_of(at: UnixMs) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)


@given(windows, moments)
def test_a_window_begins_where_its_date_does_and_ends_where_the_next_begins(
    window: Window, at: UnixMs
) -> None:
    starts, ends = starts_of(window, at), ends_of(window, at)
    assert ends is not None
    assert starts <= at < ends
    places = PLACES[window]
    assert date_of(starts).timetuple()[:places] == date_of(at).timetuple()[:places]
    assert starts_of(window, starts) == starts
    assert starts_of(window, UnixMs(ends - 1)) == starts
    assert starts_of(window, ends) == ends


@pytest.mark.parametrize(
    ("window", "date", "starts", "ends"),
    [
        (Window.MONTH, "2024-02-29T23:59:59", "2024-02-01T00:00", "2024-03-01T00:00"),
        (Window.MONTH, "2026-12-31T12:00:00", "2026-12-01T00:00", "2027-01-01T00:00"),
        (Window.DAY, "2026-03-29T02:30:00", "2026-03-29T00:00", "2026-03-30T00:00"),
        (Window.HOUR, "2026-03-29T02:30:00", "2026-03-29T02:00", "2026-03-29T03:00"),
        (Window.MINUTE, "2026-03-29T02:30:59", "2026-03-29T02:30", "2026-03-29T02:31"),
    ],
)
def test_windows_are_those_of_the_calendar_in_utc(
    window: Window, date: str, starts: str, ends: str
) -> None:
    at, first, last = (
        UnixMs(int(datetime.fromisoformat(f"{each}+00:00").timestamp() * 1000))
        for each in (date, starts, ends)
    )
    assert (starts_of(window, at), ends_of(window, at)) == (first, last)


@given(st.integers(-(2**70), 2**70).map(UnixMs), st.sampled_from(Window))
def test_an_absurd_clock_has_a_window_too(at: UnixMs, window: Window) -> None:
    assert 0 <= starts_of(window, at) <= LATEST
    ends = ends_of(window, at)
    assert (ends is None) == (window is Window.TOTAL)


def test_an_account_is_of_the_window_that_the_moment_is_in() -> None:
    daily = Budget(payer=Payer.KEY, name="k1", window=Window.DAY, most=bound(1))
    ever = Budget(payer=Payer.KEY, name="k1", window=Window.TOTAL, most=bound(1))
    assert account_of(daily, UnixMs(86_400_005)).starts == 86_400_000
    assert account_of(ever, UnixMs(86_400_005)).starts == 0


ACCOUNTS = (account("k1"), account("k2"), account("k1", window=Window.TOTAL))
amounts = st.builds(amount, st.integers(0, 9), st.integers(0, 9), st.integers(0, 2))
limits = st.none() | st.integers(0, 20)
bounds = st.builds(bound, limits, limits, limits)


class Ledger:
    """Applies what the engine says, and keeps beside it what must be true."""

    def __init__(self, most: dict[Account, Bound]) -> None:
        self.most = most
        self.standings: dict[Account, Standing] = {}
        self.asides: dict[str, Aside] = {}
        self.paid: dict[Account, Amount] = dict.fromkeys(ACCOUNTS, NOTHING)

    def enter(self, change: Change) -> None:
        self.standings |= change.standings
        for name, aside in change.asides.items():
            self.asides.pop(name, None)
            if aside is not None:
                self.asides[name] = aside

    @property
    def books(self) -> Books:
        return Books(self.standings, self.asides)

    def reserve(self, name: str, who: int, more: Amount, until: int) -> None:
        shares = [(each, self.most[each]) for each in ACCOUNTS[: who + 1]]
        asked = asking(name, more, shares, until)
        known = name in self.asides
        found = budget.reserve(self.books, asked)
        if isinstance(found, Shortfall):
            short = self.standings.get(found.account, Standing())
            assert not budget.fits(short, found.most, NOTHING if known else more)
            return
        self.enter(found[1])
        for each, most in shares:
            standing = self.standings.get(each, Standing())
            assert known or within(standing, most, more)

    def settle(self, name: str, who: int, more: Amount, until: int) -> None:
        charge = Charge(
            reservation=name, accounts=ACCOUNTS[: who + 1], amount=more, lent=until % 2 == 0
        )
        self.enter(budget.settle(self.books, charge))
        for each in charge.accounts:
            self.paid[each] = plus(self.paid[each], more)

    def release(self, name: str, *_: object) -> None:
        self.enter(budget.release(self.books, name))

    def lessen(self, name: str, _who: int, more: Amount, _until: int) -> None:
        self.enter(budget.lessen(self.books, name, more))

    def renew(self, name: str, _who: int, _more: Amount, until: int) -> None:
        self.enter(budget.renew(self.books, [name], UnixMs(until)))

    def expire(self, _name: str, _who: int, _more: Amount, until: int) -> None:
        for name in budget.due(self.asides, UnixMs(until)):
            self.enter(budget.release(self.books, name))
        assert all(each.until > until for each in self.asides.values())

    def check(self) -> None:
        for each in ACCOUNTS:
            standing = self.standings.get(each, Standing())
            held = [it.amount for it in self.asides.values() if each in it.accounts]
            assert standing.spent == self.paid[each]
            assert standing.held == amount(
                sum(it.money for it in held),
                sum(it.tokens for it in held),
                sum(it.calls for it in held),
            )


def within(standing: Standing, most: Bound, more: Amount) -> bool:
    """Whether no more is spent and held than may be, of what was just reserved."""
    spent, held = standing.spent, standing.held
    figures = (
        (most.money, spent.money + held.money, more.money),
        (most.tokens, spent.tokens + held.tokens, more.tokens),
        (most.calls, spent.calls + held.calls, more.calls),
    )
    return all(limit is None or not new or used <= limit for limit, used, new in figures)


events = st.tuples(
    st.sampled_from(
        [
            Ledger.reserve,
            Ledger.reserve,
            Ledger.settle,
            Ledger.release,
            Ledger.lessen,
            Ledger.renew,
            Ledger.expire,
        ]
    ),
    st.sampled_from("abcde"),
    st.integers(0, 2),
    amounts,
    st.integers(-5, 20),  # clocks leap, ahead and back
)


@given(st.tuples(bounds, bounds, bounds), st.lists(events, max_size=40))
def test_no_history_overdraws_by_reserving_and_none_loses_anything(
    most: tuple[Bound, Bound, Bound],
    history: list[tuple[Callable[..., None], str, int, Amount, int]],
) -> None:
    ledger = Ledger(dict(zip(ACCOUNTS, most, strict=True)))
    for event, *figures in history:
        event(ledger, *figures)
        ledger.check()


charges = st.lists(
    st.tuples(st.sampled_from("abcde"), st.integers(0, 2), amounts, st.integers(0, 1)),
    max_size=8,
    unique_by=lambda each: each[0],
)


@given(charges, st.randoms(use_true_random=False))
def test_the_order_of_settling_does_not_matter(
    settled: list[tuple[str, int, Amount, int]], draw: object
) -> None:
    shuffled = list(settled)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own random
    found = []
    for order in (settled, shuffled):
        ledger = Ledger(dict.fromkeys(ACCOUNTS, bound()))
        for name, who, more, _ in settled:
            ledger.reserve(name, who, more, 9)
        for each in order:
            ledger.settle(*each)
        found.append((ledger.standings, ledger.asides))
    assert found[0] == found[1]


@given(bounds, amounts, amounts)
def test_what_is_left_fits_and_no_more_does(most: Bound, spent: Amount, held: Amount) -> None:
    standing = Standing(spent, held)
    left = budget.left_in(standing, most)
    rest = amount(left.money or 0, left.tokens or 0, left.calls or 0)
    assert budget.fits(standing, most, rest)
    for name in ("money", "tokens", "calls"):
        if getattr(left, name) is not None:
            one_more = {"money": (1, 0, 0), "tokens": (0, 1, 0), "calls": (0, 0, 1)}[name]
            assert not budget.fits(standing, most, plus(rest, amount(*one_more)))


def test_sums_stop_at_what_there_is_room_for() -> None:
    most = money(budget.MOST_IN_ALL)
    assert plus(most, money(5)) == most

"""What is set aside is never too little, and never fits where it should not."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from support.cast import MID, price
from support.entries import attempt
from switchgear.domain.account import Account, Amount, Bound, Budget, Payer, Window
from switchgear.domain.caller import Key
from switchgear.domain.event import Usage
from switchgear.domain.target import Price
from switchgear.domain.units import NanoUsd, Tokens, UnixMs
from switchgear.engine.charge import (
    Allowed,
    Demand,
    afforded,
    bounds_output,
    budgets_of,
    fits,
    in_force_until,
    shares_of,
    spent,
    user_name,
    with_margin,
)
from switchgear.engine.cost import cost_of
from switchgear.engine.window import LATEST

money = st.integers(0, 10**12).map(NanoUsd)
counts = st.integers(0, 200_000).map(Tokens)
plain = st.builds(Price, input=money, output=money, cached=money, cache_written=money)
rates = st.builds(
    Price,
    input=money,
    output=money,
    cached=money,
    cache_written=money,
    cache_written_1h=money | st.none(),
    reasoning=money | st.none(),
)
steps = st.lists(st.tuples(st.integers(1, 150_000), plain), max_size=2, unique_by=lambda it: it[0])


@st.composite
def prices(draw: st.DrawFn) -> Price:
    base, stepped = draw(rates), sorted(draw(steps), key=lambda it: it[0])
    found = tuple(msgspec.structs.replace(each, above=Tokens(above)) for above, each in stepped)
    tiers = draw(st.dictionaries(st.sampled_from(["flex", "priority"]), plain, max_size=2))
    return msgspec.structs.replace(base, steps=found, services=tuple(sorted(tiers.items())))


@st.composite
def used(draw: st.DrawFn) -> tuple[Demand, Usage]:
    """A demand, and a usage within it."""
    service = draw(st.sampled_from(["", "flex", "priority"]))
    demand = Demand(
        price=draw(prices()),
        input=draw(counts),
        output=draw(counts),
        choices=draw(st.integers(1, 8)),
        service=service,
        hour=True,
    )
    into = draw(st.integers(0, demand.input))
    cached = draw(st.integers(0, into))
    written = draw(st.integers(0, into - cached))
    out = draw(st.integers(0, demand.output * demand.choices))
    usage = Usage(
        input=Tokens(into),
        cached=Tokens(cached),
        cache_written=Tokens(written),
        cache_written_1h=Tokens(draw(st.integers(0, written))),
        output=Tokens(out),
        reasoning=Tokens(draw(st.integers(0, out))),
        service=draw(st.sampled_from(["", service])),
    )
    return demand, usage


@given(used())
def test_nothing_within_the_limits_costs_more_than_was_set_aside(
    found: tuple[Demand, Usage],
) -> None:
    demand, usage = found
    assert demand.amount.money >= cost_of(usage, demand.price)
    assert demand.amount.tokens >= usage.input + usage.output


@given(used(), st.integers(1, 10_000))
def test_more_is_never_cheaper_and_all_is_whole(found: tuple[Demand, Usage], more: int) -> None:
    demand = found[0]
    for name in ("input", "output", "choices"):
        larger = msgspec.structs.replace(demand, **{name: getattr(demand, name) + more})
        assert larger.amount.money >= demand.amount.money
        assert larger.amount.tokens >= demand.amount.tokens
    assert all(type(each) is int and each >= 0 for each in msgspec.structs.astuple(demand.amount))


@given(counts, st.floats(0, 10, allow_nan=False))
def test_a_margin_is_rounded_up_and_never_takes_away(tokens: Tokens, margin: float) -> None:
    found = with_margin(tokens, margin)
    assert tokens <= found
    assert abs(found - tokens * (1 + margin)) <= 1


lefts = st.builds(
    Bound,
    money=st.none() | st.integers(0, 10**10).map(NanoUsd),
    tokens=st.none() | counts,
    calls=st.none() | st.integers(0, 2),
)


@given(used(), lefts, st.integers(1, 1000).map(Tokens))
def test_the_most_that_is_affordable_fits_and_one_token_more_does_not(
    found: tuple[Demand, Usage], left: Bound, least: Tokens
) -> None:
    demand = found[0]
    less = afforded(demand, left, least)
    if less is None:
        low = msgspec.structs.replace(demand, output=min(least, demand.output))
        assert not fits(low.amount, left)
        return
    assert fits(less.amount, left)
    assert min(least, demand.output) <= less.output <= demand.output
    if less.output < demand.output:
        more = msgspec.structs.replace(less, output=Tokens(less.output + 1))
        assert not fits(more.amount, left)


def test_what_has_one_price_cannot_be_had_for_less() -> None:
    flat = Demand(price=MID.price, input=Tokens(0), flat=NanoUsd(5), calls=1)
    assert flat.amount == Amount(money=NanoUsd(5), calls=1)
    assert afforded(flat, Bound(money=NanoUsd(4)), Tokens(1)) is None


def budget(payer: Payer, name: str, **most: int) -> Budget:
    return Budget(payer=payer, name=name, window=Window.DAY, most=Bound(**most))  # type: ignore[arg-type]  # a test's shorthand


ALLOWED = Allowed(
    tenants={"acme": (budget(Payer.TENANT, "acme", calls=1),)},
    aliases={"fast": (budget(Payer.ALIAS, "fast", calls=2),)},
    users=(budget(Payer.USER, "", calls=3),),
)


def test_the_key_its_tenant_the_alias_and_the_end_user_each_pay() -> None:
    key = Key(id="k", tenant="acme", budgets=(budget(Payer.KEY, "k", calls=4),))
    found = budgets_of(key, "ann", "fast", ALLOWED)
    assert [(each.payer, each.name) for each in found] == [
        (Payer.KEY, "k"),
        (Payer.TENANT, "acme"),
        (Payer.ALIAS, "fast"),
        (Payer.USER, user_name(key, "ann")),
    ]


def test_who_names_no_end_user_has_none_and_no_tenant_is_no_tenant() -> None:
    assert budgets_of(Key(id="k"), "", "slow", ALLOWED) == ()
    nameless = Allowed(tenants={"": (budget(Payer.TENANT, "", calls=1),)})
    assert budgets_of(Key(id="k"), "", "slow", nameless) == ()


names = st.text(max_size=6)


people = st.tuples(names, names, names)


@given(people, people)
def test_end_users_of_different_tenants_or_keys_are_different_people(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    def known(tenant: str, key: str, user: str) -> str:
        return user_name(Key(id=key, tenant=tenant), user)

    (tenant, key, user), (other_tenant, other_key, other_user) = one, other
    same = (tenant, tenant or key, user) == (other_tenant, other_tenant or other_key, other_user)
    assert (known(*one) == known(*other)) is same


def test_no_name_can_be_made_to_look_like_anothers() -> None:
    assert user_name(Key(tenant="a"), "bc") != user_name(Key(tenant="ab"), "c")
    assert user_name(Key(tenant="a"), "b") != user_name(Key(id="a"), "b")


def test_an_account_that_two_budgets_bound_pays_once_and_the_tighter_holds() -> None:
    two = (budget(Payer.KEY, "k", money=5, calls=9), budget(Payer.KEY, "k", money=7, tokens=1))
    shares = shares_of(two, UnixMs(86_400_000 + 5))
    account = Account(Payer.KEY, "k", Window.DAY, UnixMs(86_400_000))
    assert [(each.account, each.most) for each in shares] == [
        (account, Bound(money=NanoUsd(5), tokens=Tokens(1), calls=9))
    ]


def test_accounts_are_in_force_until_the_first_of_their_windows_ends() -> None:
    day = shares_of([budget(Payer.KEY, "k", money=5)], UnixMs(5))
    ever = shares_of(
        [msgspec.structs.replace(budget(Payer.KEY, "k"), window=Window.TOTAL)], UnixMs(5)
    )
    assert in_force_until([*ever, *day], UnixMs(5)) == 86_400_000
    assert in_force_until(ever, UnixMs(5)) == LATEST


def test_output_matters_to_budgets_in_tokens_and_to_those_in_money_where_it_costs() -> None:
    dear, free = MID.price, price(0, 0)
    assert bounds_output([budget(Payer.KEY, "k", money=1)], dear)
    assert not bounds_output([budget(Payer.KEY, "k", money=1, calls=1)], free)
    assert bounds_output([budget(Payer.KEY, "k", tokens=1)], free)
    assert not bounds_output([budget(Payer.KEY, "k", calls=1)], dear)


def test_an_attempt_comes_to_its_cost_and_its_tokens() -> None:
    usage = Usage(input=Tokens(10), output=Tokens(5))
    tried = msgspec.structs.replace(attempt("a"), usage=usage, cost=NanoUsd(7))
    assert spent(tried, 1) == Amount(money=NanoUsd(7), tokens=Tokens(15), calls=1)
    refused = msgspec.structs.replace(tried, code="upstream_busy", usage=None, cost=NanoUsd(0))
    assert spent(refused, 1) is None
    passed = msgspec.structs.replace(tried, usage=None, cost=NanoUsd(0))
    assert spent(passed, 1) == Amount(calls=1)

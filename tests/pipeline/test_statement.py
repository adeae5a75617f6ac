"""How budgets stand, and who may know."""

import msgspec

from support.cast import policy
from support.funded import NO_SETUP, a_tenant
from switchgear.domain.account import Amount, Bound, Budget, Payer, Window
from switchgear.domain.caller import Key
from switchgear.domain.escalation import Escalation
from switchgear.domain.units import NanoUsd, Tokens, UnixMs
from switchgear.pipeline.statement import accounts_of, budgets_in, statement
from switchgear.ports.budget import Level

NOON = UnixMs(86_400_000 * 3 + 43_200_000)
MOST = Bound(money=NanoUsd(2 * 10**9))
MINE = Budget(payer=Payer.KEY, name="k", window=Window.DAY, most=MOST)
FAST = Budget(payer=Payer.ALIAS, name="fast", window=Window.HOUR, most=Bound(calls=1))
SETUP = msgspec.structs.replace(
    NO_SETUP,
    tenants=a_tenant("acme", Window.MONTH, calls=1) | a_tenant("other", Window.TOTAL, calls=2),
    alias_budgets={"fast": (FAST,)},
)
KEYS = [Key(id="k", budgets=(MINE, MINE))]


def test_an_owner_knows_of_every_budget_and_each_once() -> None:
    found = budgets_in(SETUP, KEYS)
    assert [(each.payer, each.name) for each in found] == [
        (Payer.TENANT, "acme"),
        (Payer.TENANT, "other"),
        (Payer.ALIAS, "fast"),
        (Payer.KEY, "k"),
    ]
    assert budgets_in(SETUP, KEYS, Key(id="root")) == found


def test_what_going_up_may_cost_is_listed_where_the_owner_has_set_it() -> None:
    wish = Escalation(daily=NanoUsd(7))
    setup = msgspec.structs.replace(SETUP, policy=policy(escalate=wish, version="daily"))
    found = budgets_in(setup, KEYS)
    assert (Payer.ESCALATION, "file", 7) in [(it.payer, it.name, it.most.money) for it in found]
    theirs = budgets_in(setup, KEYS, Key(id="a", tenant="acme"))
    assert Payer.ESCALATION not in {each.payer for each in theirs}


def test_a_tenants_admin_knows_of_no_alias_and_of_no_other_tenant() -> None:
    found = budgets_in(SETUP, KEYS, Key(id="a", tenant="acme"))
    assert [each.name for each in found] == ["acme", "k"]


def test_a_statement_says_what_may_be_spent_what_was_and_when_it_is_new() -> None:
    (account,) = accounts_of([MINE], NOON)
    spent = Amount(money=NanoUsd(250_000_000), tokens=Tokens(7), calls=1)
    found = statement(MINE, Level(account, spent, Amount()), NOON)
    assert found["most"] == {"usd": 2.0, "tokens": None, "calls": None}
    assert found["spent"] == {"usd": 0.25, "tokens": 7, "calls": 1}
    assert (found["starts"], found["renews"]) == (86_400_000 * 3, 86_400_000 * 4)

"""Declared keys, as callers are admitted by them."""

import hashlib

from switchgear.config.key import key_of
from switchgear.config.schema import KeyEntry
from switchgear.config.spending import BudgetEntry, BudgetsEntry
from switchgear.domain.account import Payer, Window
from switchgear.domain.caller import Key, Mode, Right
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.target import Tier


def test_a_key_that_says_nothing_may_do_what_any_may_in_the_mode_of_the_file() -> None:
    record = key_of(KeyEntry(id="k", secret="s-1"), Mode.OBSERVE)
    assert record.key == Key(id="k", mode=Mode.OBSERVE)
    assert record.secret_digest == hashlib.sha256(b"s-1").hexdigest()
    assert "s-1" not in repr(record)


def test_every_scope_of_the_file_is_a_scope_of_the_key() -> None:
    entry = KeyEntry(
        id="k",
        mode=Mode.ROUTE,
        tiers=("small",),
        endpoints=(Endpoint.ANSWER,),
        rights=(Right.ADMIN,),
        metadata={"b": "2", "a": "1"},
    )
    key = key_of(entry, Mode.OBSERVE).key
    assert key.tiers == {Tier.SMALL}
    assert key.endpoints == {Endpoint.ANSWER}
    assert key.rights == {Right.ADMIN}
    assert key.mode is Mode.ROUTE
    assert key.metadata == (("a", "1"), ("b", "2"))


def test_a_budget_of_a_key_is_paid_by_that_key() -> None:
    entry = KeyEntry(id="k", budgets=BudgetsEntry(day=BudgetEntry(usd=5)))
    (budget,) = key_of(entry, Mode.ROUTE).key.budgets
    assert (budget.payer, budget.name, budget.window) == (Payer.KEY, "k", Window.DAY)

from typing import Any

import msgspec
from hypothesis import given

from support.entries import entries
from switchgear.adapters.ledgers.row import (
    ATTEMPT_COLUMNS,
    DECISION_COLUMNS,
    Shared,
    add_attempt,
    add_decision,
)
from switchgear.domain.entry import Entry

BOUND_AS_THEY_ARE = {int, float, str, bytearray, type(None)}


def policy_of(entry: Entry) -> Shared | None:
    if entry.decision is None:
        return None
    targets = tuple(verdict.target for verdict in entry.decision.verdicts)
    return Shared(1, targets, {target: place for place, target in enumerate(targets)})


@given(entries)
def test_each_column_gets_a_value_that_needs_no_converter(entry: Entry) -> None:
    decision: list[Any] = []
    add_decision(decision, 1, entry, policy_of(entry), None)
    tries: list[Any] = []
    for place, attempt in enumerate(entry.attempts):
        add_attempt(tries, 1, place, attempt)
    assert len(decision) == len(DECISION_COLUMNS.split(","))
    assert len(tries) == len(ATTEMPT_COLUMNS.split(",")) * len(entry.attempts)
    assert {type(value) for value in decision + tries} <= BOUND_AS_THEY_ARE


@given(entries)
def test_a_row_sums_the_tokens_of_all_its_attempts(entry: Entry) -> None:
    decision: list[Any] = []
    add_decision(decision, 1, entry, policy_of(entry), None)
    row = dict(zip(DECISION_COLUMNS.replace("\n", " ").split(","), decision, strict=True))
    usages = [each.usage for each in entry.attempts if each.usage is not None]
    for name in ("input", "cached", "output"):
        told = [msgspec.structs.asdict(usage)[name] for usage in usages]
        assert row[f" {name}"] == sum(told)

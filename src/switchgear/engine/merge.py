"""How values are merged: by which rule, what each rule takes, and what comes of two."""

import msgspec

from switchgear.domain.context import Merge

LISTS = frozenset({Merge.APPEND, Merge.SET_UNION})
MERGING = frozenset({*LISTS, Merge.SUM})
"""Rules by which writers never conflict."""
MOST_SUM = 2**53 - 1
"""Beyond it, not every reader of JSON has whole numbers."""

_encode = msgspec.json.Encoder(order="deterministic").encode


def wrong(value: object, rule: Merge) -> str:
    """Return what a rule has against a value; empty for nothing."""
    if rule in LISTS and not isinstance(value, list):
        return f"the rule {rule.value} takes a list"
    if rule is Merge.SUM:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return "the rule sum takes a number"
        if not abs(value) <= MOST_SUM:
            return f"a sum is at most {MOST_SUM}: JSON cannot say more exactly"
    return ""


def joined(value: object, more: object, rule: Merge) -> object:
    """Return what comes of two values that the rule takes.

    By SUM and SET_UNION, of settled values, the order in which they come makes no difference; by
    APPEND it makes none to what is there, only to where.
    """
    if isinstance(value, list) and isinstance(more, list):
        if rule is Merge.SET_UNION:
            there = {_encode(each) for each in value}
            more = [each for each in more if _encode(each) not in there]
        return value + more
    if isinstance(value, int | float) and isinstance(more, int | float):
        return value + more
    return more


def settled(value: object, rule: Merge) -> object:
    """Return a value as its entry's rule keeps it: each set in one order, whoever made it."""
    if rule is not Merge.SET_UNION or not isinstance(value, list):
        return value
    members = {_encode(each): each for each in value}
    return [members[name] for name in sorted(members)]

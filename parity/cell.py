"""One cell of the matrix: a feature, tried in one column."""

from typing import Literal

import msgspec

Verdict = Literal["held", "broken", "cannot"]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    row: str
    column: str
    verdict: Verdict
    """``cannot``: the exchange cannot exist, and the note says why."""
    note: str = ""


class ImpossibleError(Exception):
    """There can be no such exchange; the message says why."""


class BrokenError(Exception):
    """Something did not hold; the message says what."""


def require(holds: object, what: str) -> None:
    """Check that something holds.

    Raises:
        BrokenError: it does not.
    """
    if not holds:
        raise BrokenError(what)

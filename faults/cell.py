"""One thing that was tried, and whether it held."""

from typing import Literal

import msgspec

Verdict = Literal["held", "broken"]

ROWS = {
    "connection": "Connections that are refused, cut, reset, silent or slow",
    "status": "Providers that say no: 429 in every form, 5xx, 4xx, filters",
    "nonsense": "Providers that say 200, and then something that is not an answer",
    "rescue": "Streams that break off, and who goes on with them",
    "memory": "Answers made to fill the memory",
    "outage": "A provider that is down, or slow, for a minute",
    "bound": "Calls that may go to some targets only, through random faults",
    "tool-calls": "Tool calls that break their schema, or are missing",
    "stray": "Bytes that arrive on an idle connection",
    "leaving": "Callers who leave, cancel twice, or never read",
    "cancel": "An error, or a cancel, at every point where a call waits",
    "kill": "The process killed under load",
    "money": "Money that is held, and paid, when the process is killed",
    "halt": "The kill switch thrown under load",
    "ledger": "A ledger whose disk is full, or that somebody else has locked",
    "drain": "A process that is told to stop",
    "overload": "Three times the calls that the targets can take",
    "secret": "Secrets that were planted, looked for in every place after every fault",
    "client": "The official clients through faults",
    "exercise": "Exercises that came to no result",
}
"""Every row of the scorecard, in its order, with what it is about."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was tried."""

    row: str
    """One of ``ROWS``."""
    name: str
    """What was tried, unique in its row; up to the first `` · `` it is the group it belongs to."""
    verdict: Verdict
    attempts: int = 0
    """Requests that reached a target; 0 where it does not apply."""
    seconds: float = 0.0
    note: str = ""
    """What was seen; for a broken cell, what should have been."""


def cell(row: str, name: str, flaws: list[str], *, attempts: int = 0, seconds: float = 0.0) -> Cell:
    """Return a cell that held if there are no ``flaws``."""
    return Cell(
        row=row,
        name=name,
        verdict="broken" if flaws else "held",
        attempts=attempts,
        seconds=round(seconds, 3),
        note="; ".join(flaws),
    )


def noted(found: Cell, note: str) -> Cell:
    """Return a cell that tells its figures, also when it held."""
    return msgspec.structs.replace(found, note=f"{found.note}; {note}" if found.note else note)

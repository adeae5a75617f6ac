"""What can be wrong when a database is asked, in words that need no knowledge of Postgres."""

from typing import Any

from switchgear.domain.errors import LedgerDown

try:
    import asyncpg
except ImportError:  # the extra [scale] is not installed
    asyncpg = None

Library = Any
"""It has no types."""
FAULTS: tuple[type[Exception], ...] = (
    (OSError, EOFError, ValueError, OverflowError, TypeError)
    if asyncpg is None
    else (
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        OSError,
        EOFError,
        ValueError,
        OverflowError,
        TypeError,
    )
)
"""All that goes wrong between the server, the library and the values that it is given."""
MISSING = "a ledger in Postgres needs the library asyncpg; install switchgear[scale]"

WORDS = {
    "08": "the connection broke",
    "25006": "it may only be read",
    "28": "it does not know this user, or not by this password",
    "3D": "there is no database of that name",
    "3F": "the schema is missing",
    "40P01": "it was locked by another process",
    "42P01": "its tables are not there; `switchgear serve` makes them",
    "42501": "this user may not do that",
    "53100": "the disk is full",
    "53300": "it has no connections left",
    "53": "it has not enough of what it needs",
    "55P03": "it was locked by another process",
    "57014": "it took too long",
    "57P": "the server is stopping or starting",
    "58": "the machine it runs on fails",
    "XX": "it is damaged",
}
"""By the beginning of the server's code; the longest that fits."""

REJECTED = ("22", "23", "54")
"""Codes for what is wrong with a value: out of range, a rule of a table broken, too large."""
BROKEN = ("08", "0A", "57P", "25006", "58", "XX")
"""Codes after which another connection is better than this one."""


def code_of(error: BaseException) -> str:
    """Return the server's five letters for an error; empty where the server said nothing."""
    return str(getattr(error, "sqlstate", None) or "")


def rejects(error: BaseException) -> bool:
    """Whether an error is about the value that was to be written, rather than the database."""
    if isinstance(error, ValueError | OverflowError | TypeError):
        return True  # so the library says that it has no room for a value
    return code_of(error).startswith(REJECTED)


def taken(error: BaseException) -> bool:
    """Whether an error says that there is a row of that name already."""
    return code_of(error) == "23505"


def breaks(error: BaseException) -> bool:
    """Whether nothing more can be expected of the connection that an error came by."""
    code = code_of(error)
    return code.startswith(BROKEN) if code else not rejects(error)


def said(error: BaseException) -> str:
    """Return what went wrong; never what the address holds."""
    code = code_of(error)
    fitting = [begin for begin in WORDS if code.startswith(begin)] if code else []
    if fitting:
        return WORDS[max(fitting, key=len)]
    if code:
        return f"the server says {code}"
    if isinstance(error, TimeoutError):
        return "the server does not answer"
    if isinstance(error, OSError):
        return error.strerror or "the server cannot be reached"
    return "the connection broke"


def down(what: str, error: BaseException) -> LedgerDown:
    """Return what callers are told; ``what`` is a clause with its verb."""
    if isinstance(error, LedgerDown):
        return LedgerDown(error.message)
    return LedgerDown(f"{what}: {said(error)}.")


def library() -> Library:
    """Return the client library.

    Raises:
        LedgerDown: it is not installed.
    """
    if asyncpg is None:
        raise LedgerDown(f"{MISSING[0].upper()}{MISSING[1:]}.")
    return asyncpg

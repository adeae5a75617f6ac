"""Whether there can be a database at the address that is named for the ledger."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from switchgear.config.error import Finding
from switchgear.config.operation import LedgerEntry
from switchgear.config.verify.google import installed
from switchgear.config.verify.subject import Subject, found

LIBRARY = "asyncpg"
SCHEMES = ("postgres", "postgresql")


def check_ledger(subject: Subject) -> Iterator[Finding]:
    """Find an address that is none, a file named beside it, and a library missing."""
    entry = subject.file.ledger
    if "://" in entry.path:
        yield found("bad_url", ("ledger", "path"), "an address belongs in ledger.url")
    if not entry.url:
        return
    path = ("ledger", "url")
    if not _reachable(entry.url):
        yield found("bad_url", path, "write postgresql://user:password@host:5432/database")
    if entry.path != LedgerEntry().path:
        message = "the ledger is at ledger.url; delete one of the two"
        yield found("misplaced_setting", ("ledger", "path"), message)
    if not installed(LIBRARY):
        message = "it needs the library asyncpg; install switchgear[scale]"
        yield found("missing_extra", path, message)


def _reachable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    # Without a host it is a socket, whose folder is said behind the question mark.
    somewhere = bool(parts.hostname) or "host=" in parts.query
    return parts.scheme in SCHEMES and somewhere and port != 0

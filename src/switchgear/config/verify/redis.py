"""Whether there can be a Redis at the address that is named."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from switchgear.config.error import Finding
from switchgear.config.verify.google import installed
from switchgear.config.verify.subject import Subject, found

LIBRARY = "redis"
SCHEMES = ("redis", "rediss")


def check_redis(subject: Subject) -> Iterator[Finding]:
    """Find an address that is none, and a library missing."""
    url = subject.file.redis.url
    if not url:
        return
    path = ("redis", "url")
    if not _reachable(url):
        message = "write redis://host:6379, rediss://host:6379 or unix:///path/of/the.socket"
        yield found("bad_url", path, message)
    if not installed(LIBRARY):
        yield found("missing_extra", path, "it needs the library redis; install switchgear[scale]")


def _reachable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme == "unix":
        return parts.path.startswith("/")
    return parts.scheme in SCHEMES and bool(parts.hostname) and port != 0

"""Where a provider listens, read from its base URL."""

import re
from urllib.parse import urlsplit

import msgspec

PORTS = {"http": 80, "https": 443}
_PATH = re.compile(r"[!-~]*")
"""Visible ASCII: nothing that could end a request line."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """One host and port, and how to speak to it."""

    name: str
    """The provider's id: what errors say instead of the address."""
    host: str
    port: int
    tls: bool


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """A base URL in parts."""

    origin: Origin
    authority: str
    """For the Host header."""
    path: str
    """Before the endpoint; no slash at the end."""
    query: str
    """Sent with every endpoint; with its question mark, or empty."""


def locate(name: str, base_url: str) -> Location:
    """Return the parts of a base URL.

    Raises:
        ValueError: it is no plain http or https URL; the message names the provider only.
    """
    try:
        parts = urlsplit(base_url)
        port = parts.port
        name_or_number = parts.hostname or ""
        host = name_or_number.encode("ascii" if ":" in name_or_number else "idna")
    except ValueError:
        raise ValueError(f"provider {name}: base_url is not a URL") from None
    if parts.scheme not in PORTS or not host:
        raise ValueError(f"provider {name}: base_url must begin with https:// or http://")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"provider {name}: base_url holds credentials; use api_key or headers")
    if not _PATH.fullmatch(parts.path + parts.query) or parts.fragment:
        raise ValueError(f"provider {name}: base_url has characters that a URL may not have")
    plain = host.decode("ascii")
    shown = f"[{plain}]" if ":" in plain else plain
    tls = parts.scheme == "https"
    at = port or PORTS[parts.scheme]
    return Location(
        origin=Origin(name=name, host=plain, port=at, tls=tls),
        authority=shown if at == PORTS[parts.scheme] else f"{shown}:{at}",
        path=parts.path.rstrip("/"),
        query=f"?{parts.query}" if parts.query else "",
    )

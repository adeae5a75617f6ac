"""Whether requests can be sent to the providers."""

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from switchgear.config.error import Finding, Path
from switchgear.config.schema import ProviderEntry
from switchgear.config.shape import nearest
from switchgear.config.target import TOOL_PROVIDER
from switchgear.config.vendor import VENDORS
from switchgear.config.verify.subject import Subject, check_id, found
from switchgear.domain.dialect import Dialect

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?")
ENDPOINTS = ("/chat/completions", "/messages", "/responses", "/embeddings", "/models", "/converse")
"""What a copied address often ends in."""
_VERSION = re.compile(r"[A-Za-z0-9.-]{0,40}")
_CREDENTIAL = re.compile(r"[\x21-\x7e]{1,4096}")


def check_providers(subject: Subject) -> Iterator[Finding]:
    """Find addresses, headers and credentials that cannot be sent, and providers of nothing."""
    used = {each.provider for each in subject.file.targets.values()}
    for name, provider in subject.file.providers.items():
        path = ("providers", name)
        yield from check_id(path, name)
        yield from _vendor(path, provider)
        yield from _address(path, provider)
        yield from _headers(path, provider)
        if name == TOOL_PROVIDER:
            yield found("bad_id", path, f"{TOOL_PROVIDER!r} is where tools live; use another name")
        if name not in used:
            message = "no target lives here; add one, or delete the provider"
            yield found("unused_provider", path, message)


def loopback(host: str) -> bool:
    """Tell whether an address is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _vendor(path: Path, provider: ProviderEntry) -> Iterator[Finding]:
    """Find what neither the owner nor the vendor says."""
    if provider.vendor and provider.vendor not in VENDORS:
        message = f"no vendor {provider.vendor!r} is known{nearest(provider.vendor, VENDORS)}"
        message += f" (known: {', '.join(VENDORS)}); any other needs dialect and base_url instead"
        yield found("unknown_vendor", (*path, "vendor"), message)
    elif provider.dialect is None:
        message = f"dialect is missing: one of {', '.join(each.value for each in Dialect)};"
        yield found("missing_key", path, f"{message} or say whose it is with vendor")
    if not _VERSION.fullmatch(provider.api_version):
        message = "a version is letters, digits, dots and dashes, such as 2024-10-21"
        yield found("bad_url", (*path, "api_version"), message)
    if not provider.base_url and provider.vendor in {"", *VENDORS}:
        yield found("missing_key", path, f"base_url is missing: {_own_address(provider)}")


def _own_address(provider: ProviderEntry) -> str:
    vendor = VENDORS.get(provider.vendor)
    if vendor is None:
        return "its address without the endpoint, such as https://api.openai.com/v1"
    if vendor.needs:
        needed = " and ".join(f"{name}, such as {value}" for name, value in vendor.needs)
        return f"with {vendor.name} only you can know it; write {needed}"
    spoken = ", ".join(each.value for each in vendor.addresses)
    return f"of {vendor.name} it is known for {spoken} only"


def _address(path: Path, provider: ProviderEntry) -> Iterator[Finding]:
    here = (*path, "base_url")
    url = _split(provider.base_url)
    if not provider.base_url:
        return
    if url is None:
        message = "write it as https://host/path, without user, query or fragment"
        yield found("bad_url", here, message)
        return
    if url.scheme == "http" and provider.api_key and not loopback(url.hostname or ""):
        yield found("plain_http", here, "the api_key would be sent unencrypted; write https://")
    odd = _oddity(provider, url)
    if odd:
        yield found("odd_address", here, odd)


def _oddity(provider: ProviderEntry, url: SplitResult) -> str:
    """Return what a beginner most likely got wrong in an address; empty where it looks right."""
    asked = provider.base_url.rstrip("/")
    endpoint = next((each for each in ENDPOINTS if asked.endswith(each)), "")
    if endpoint:
        return f"write it without {endpoint}: the endpoint is added to it"
    vendor = VENDORS.get(provider.vendor)
    usual = vendor.addresses.get(provider.dialect or Dialect.OPENAI_CHAT, "") if vendor else ""
    there = _split(usual)
    if there is None or there.hostname != url.hostname or loopback(url.hostname or ""):
        return ""  # a machine of the owner's own
    if url.path.rstrip("/").startswith(there.path.rstrip("/")) and url.scheme == there.scheme:
        return ""
    return f"the address of {provider.vendor} is {usual}; leave base_url out to have it"


def _split(address: str) -> SplitResult | None:
    try:
        url = urlsplit(address)
        good = url.port != 0 and url.scheme in {"http", "https"} and bool(url.hostname)
        good = good and _PLACE.fullmatch(url.netloc) is not None
    except ValueError:
        return None
    extra = "?" in address or "#" in address
    return url if good and not extra and _CREDENTIAL.fullmatch(address) else None


def _headers(path: Path, provider: ProviderEntry) -> Iterator[Finding]:
    if provider.api_key and not _CREDENTIAL.fullmatch(provider.api_key):
        message = "it holds a blank, a line end or a letter beyond ASCII; copy it again"
        yield found("bad_header", (*path, "api_key"), message)
    for name, value in provider.headers.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            message = "a header has a name of letters, digits and -, and a value in ASCII"
            yield found("bad_header", (*path, "headers", name), message)

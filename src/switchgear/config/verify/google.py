"""Whether providers of Vertex AI can prove who calls."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path as File

import msgspec

from switchgear.config.error import Finding, Path
from switchgear.config.schema import GoogleEntry, ProviderEntry
from switchgear.config.service import Service
from switchgear.config.verify.subject import Subject, found

LIBRARY = "google.auth"
LARGEST = 65_536
"""Bytes of a key file."""


class _Key(msgspec.Struct, frozen=True):
    """What every service account's key file has."""

    type: str
    client_email: str
    private_key: str
    token_uri: str


_decode = msgspec.json.Decoder(_Key).decode


def check_google(subject: Subject) -> Iterator[Finding]:
    """Find settings for Google elsewhere, key files that hold no key, and a library missing."""
    for name, provider in subject.file.providers.items():
        path = ("providers", name)
        if provider.google:
            yield from _settings(path, provider, provider.google)
        if provider.service is Service.VERTEX and not provider.api_key and not installed(LIBRARY):
            message = "its access token needs google-auth; install switchgear[vertex]"
            yield found("missing_extra", path, message)


def _settings(path: Path, provider: ProviderEntry, google: GoogleEntry) -> Iterator[Finding]:
    here = (*path, "google")
    if provider.service is not Service.VERTEX:
        yield found("misplaced_setting", here, "it is only read for service: vertex")
    elif provider.api_key:
        message = "the api_key would be sent instead; delete one of the two"
        yield found("misplaced_setting", here, message)
    elif google.service_account and not _holds_key(File(google.service_account)):
        message = "no service account's key file can be read there; it is JSON with a private_key"
        yield found("bad_key_file", (*here, "service_account"), message)


def _holds_key(file: File) -> bool:
    try:
        with file.open("rb") as opened:
            return _decode(opened.read(LARGEST)).type == "service_account"
    except (OSError, ValueError, RecursionError):
        return False


def installed(library: str) -> bool:
    """Say whether a library of an extra is there; nothing of it is run."""
    try:
        return importlib.util.find_spec(library) is not None
    except ModuleNotFoundError:
        return False

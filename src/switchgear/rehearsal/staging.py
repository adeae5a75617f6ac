"""The owner's setup, with every provider replaced by the scripted upstream."""

import hashlib
from collections.abc import Mapping

import msgspec

from switchgear.config.setup import Book, KeyRecord, Patience, Provider, Server, Setup
from switchgear.domain.caller import Mode
from switchgear.domain.target import Kind, Target
from switchgear.domain.units import Seconds

SECRET = "rehearsal"  # noqa: S105  (no secret: it opens nothing but the rehearsal)
SHORT = Patience(
    connect=Seconds(0.5),
    first=Seconds(1.0),
    between=Seconds(1.0),
    whole=Seconds(2.0),
    call=Seconds(20.0),
)
"""So that whoever hangs takes a second here, not half a minute."""
REMOTE = frozenset({Kind.MODEL, Kind.AGENT})


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What a target plays."""

    model: str
    """The fault's name, and a scope."""
    base_url: str


class UnknownKeyId(Exception):
    """The config has no key of that id."""


def staged(setup: Setup, parts: Mapping[str, Part], key: str = "") -> Setup:
    """Return the setup with each remote target at a provider of its own that plays its part.

    Credentials and headers of the owner are left out; the ledger is in memory; calls are made with
    the rights of ``key``, or with all rights.

    Raises:
        UnknownKeyId: there is no such key.
    """
    targets = tuple(_moved(each, parts) for each in setup.policy.targets)
    return msgspec.structs.replace(
        setup,
        policy=msgspec.structs.replace(setup.policy, targets=targets),
        providers={
            each.id: _provider(setup.providers[each.provider], each, parts[each.id])
            for each in setup.policy.targets
            if each.kind in REMOTE
        },
        keys=_keys(setup, key),
        mode=Mode.ROUTE,
        patience=SHORT,
        server=Server(port=0),
        ledger=Book(path=":memory:"),
    )


def remote(setup: Setup) -> list[str]:
    """Return the ids of the targets that live at providers."""
    return [each.id for each in setup.policy.targets if each.kind in REMOTE]


def _moved(target: Target, parts: Mapping[str, Part]) -> Target:
    if target.kind not in REMOTE:
        return target
    return msgspec.structs.replace(target, provider=target.id, model=parts[target.id].model)


def _provider(provider: Provider, target: Target, part: Part) -> Provider:
    return Provider(
        id=target.id,
        dialect=provider.dialect,
        base_url=part.base_url,
        ask_usage=provider.ask_usage,
        prefill=provider.prefill,
    )


def _keys(setup: Setup, key: str) -> tuple[KeyRecord, ...]:
    if not key:
        return ()
    for each in setup.keys:
        if each.key.id == key:
            right = msgspec.structs.replace(each.key, mode=Mode.ROUTE)
            digest = hashlib.sha256(SECRET.encode()).hexdigest()
            return (KeyRecord(secret_digest=digest, key=right),)
    raise UnknownKeyId(key)

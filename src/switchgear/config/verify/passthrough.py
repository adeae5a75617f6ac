"""Whether what is passed through can arrive, and who shares what it leaves there."""

from collections.abc import Iterator

from switchgear.config.error import Finding
from switchgear.config.setup import PASSED_IN
from switchgear.config.verify.subject import Subject, found, unknown_target
from switchgear.domain.endpoint import Endpoint

KEPT = (
    Endpoint.FILES,
    Endpoint.BATCHES,
    Endpoint.VECTOR_STORES,
    Endpoint.MESSAGE_BATCHES,
    Endpoint.MESSAGE_FILES,
)
"""What stays at the provider, where whoever has the same credential can see it."""


def check_passthrough(subject: Subject) -> Iterator[Finding]:
    """Find targets that are not there or speak otherwise, and accounts that tenants share."""
    for endpoint in PASSED_IN:
        name = subject.file.passthrough.target(endpoint)
        path = ("passthrough", endpoint.value)
        if name in subject.targets:
            yield from _target(endpoint, name, subject)
        elif name:
            yield from unknown_target(path, name, subject)


def _target(endpoint: Endpoint, name: str, subject: Subject) -> Iterator[Finding]:
    path, dialects = ("passthrough", endpoint.value), PASSED_IN[endpoint]
    provider = subject.file.providers.get(subject.targets[name].entry.provider)
    if provider is None or (provider.dialect and provider.dialect not in dialects):
        wanted = " or ".join(each.value for each in dialects)
        message = f"its provider has no such thing; name a target of one that speaks {wanted}"
        yield found("wrong_dialect", path, message)
    may_use = [
        each
        for each in subject.file.keys
        if (not each.targets or name in each.targets)
        and (not each.endpoints or endpoint in each.endpoints)
    ]
    if endpoint in KEPT and len({each.tenant for each in may_use}) > 1:
        message = "keys of several tenants would see each other's; give each its own provider"
        yield found("shared_account", path, message)

"""A declared key, to what the app admits callers by."""

import hashlib

from switchgear.config.budget import budgets_of, rates_of
from switchgear.config.schema import KeyEntry
from switchgear.config.setup import KeyRecord
from switchgear.domain.account import Payer
from switchgear.domain.caller import Key, Mode
from switchgear.domain.priority import Priority
from switchgear.domain.target import Sensitivity, Tier


def key_of(entry: KeyEntry, mode: Mode) -> KeyRecord:
    """Return a key; ``mode`` is what holds where it does not say."""
    return KeyRecord(
        secret_digest=hashlib.sha256(entry.secret.encode()).hexdigest(),
        key=Key(
            id=entry.id,
            tenant=entry.tenant,
            models=frozenset(entry.models),
            targets=frozenset(entry.targets),
            regions=frozenset(entry.regions),
            sensitivity=Sensitivity[entry.sensitivity.upper()],
            metadata=tuple(sorted(entry.metadata.items())),
            mode=entry.mode or mode,
            debug=entry.debug,
            tiers=frozenset(Tier[each.upper()] for each in entry.tiers),
            endpoints=frozenset(entry.endpoints),
            rights=frozenset(entry.rights),
            priority=Priority[entry.priority.upper()],
            budgets=budgets_of(Payer.KEY, entry.id, entry.budgets),
            rates=rates_of(entry.limits),
        ),
    )

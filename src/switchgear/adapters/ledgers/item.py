"""What a ledger can be given to write."""

import msgspec

from switchgear.domain.entry import Entry

UNKEEPABLE = "The call holds a value that the ledger cannot keep."


class KeptPolicy(msgspec.Struct, frozen=True):
    """A policy to keep under its version."""

    version: str
    document: bytes

    @property
    def targets(self) -> str:
        """The ids of its targets in their order, as a JSON array."""
        found = msgspec.json.decode(self.document, type=_Targets).targets
        return msgspec.json.encode([each.id for each in found]).decode()


Item = Entry | KeptPolicy
"""What can be written."""


class _Named(msgspec.Struct):
    id: str


class _Targets(msgspec.Struct):
    targets: list[_Named] = []


def taken_already(entry: Entry) -> ValueError:
    """Return what is wrong with an entry whose id another has."""
    return ValueError(f"decision {entry.id} is already on the ledger")

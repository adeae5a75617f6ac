"""The service tiers that calls ask for and answers were served in, in the providers' words."""

import msgspec

from switchgear.wire.strict import members

TIERS = {
    "batch": "batch",
    "fast": "fast",
    "flex": "flex",
    "on_demand_flex": "flex",
    "on_demand_priority": "priority",
    "priority": "priority",
}
"""By what a provider says, in small letters; all else is the standard. Vertex AI's are the long
ones."""


def read_tier(said: object) -> str:
    """Return the service tier that a value names; empty for the standard, and for none."""
    return TIERS.get(said.lower(), "") if isinstance(said, str) else ""


def asked_tier(raw: bytes, field: str) -> str:
    """Return the service tier that a field at the top of a request names."""
    found = msgspec.json.decode(members(raw).get(field, msgspec.Raw(b"null")))
    return read_tier(found.get("type") if isinstance(found, dict) else found)

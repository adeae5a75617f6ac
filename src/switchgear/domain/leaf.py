"""Every error that can be raised."""

from switchgear.domain import denial, feedback, supervision
from switchgear.domain.errors import SwitchgearError

BEYOND = denial, feedback, supervision
"""Leaves that are not in the tree's own module; they are known once these are imported."""


def leaves(root: type[SwitchgearError] = SwitchgearError) -> list[type[SwitchgearError]]:
    """Return every error that can be raised, in the order of this page."""
    found = [root] if "code" in vars(root) else []
    for child in root.__subclasses__():
        found += leaves(child)
    return found

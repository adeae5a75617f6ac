"""What the scripted upstream has counted, for each model."""

from collections.abc import Iterator

import msgspec

MOST_MODELS = 10_000
"""That are counted apart; then all is forgotten."""


class Count(msgspec.Struct, kw_only=True):
    """What has come for one model and scope."""

    requests: int = 0
    connections: int = 0
    """On which at least one of them came."""
    bytes: int = 0
    """Of the requests' bodies."""
    closed_by_peer: int = 0
    """Connections that the other side closed, after a request for this model came on them."""
    left: int = 0
    """Of these, in the middle of an answer."""
    after_spoil: int = 0
    """Requests for it on a connection that should not have been used again."""


class Tally:
    """A count for each model, by its full name; a scope from the header follows a slash."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._counts: dict[str, Count] = {}

    def of(self, name: str) -> Count:
        """Return the count for a model, which may be raised."""
        found = self._counts.get(name)
        if found is None:
            if len(self._counts) >= MOST_MODELS:
                self._counts.clear()
            found = self._counts[name] = Count()
        return found

    def total(self, ending: str = "") -> Count:
        """Return the sum over the models whose names end so."""
        sums = Count()
        for name, count in self:
            if name.endswith(ending):
                for field in Count.__struct_fields__:
                    setattr(sums, field, getattr(sums, field) + getattr(count, field))
        return sums

    def reset(self) -> None:
        """Forget everything; whatever strikes once strikes once more."""
        self._counts.clear()

    def table(self) -> dict[str, Count]:
        """Return every count."""
        return dict(self._counts)

    def __iter__(self) -> Iterator[tuple[str, Count]]:
        """Iterate over names and counts."""
        return iter(list(self._counts.items()))

"""What one house does otherwise than its dialect says; ``wire/quirk.py`` makes requests fit it."""

import msgspec


class Quirks(msgspec.Struct, frozen=True, kw_only=True):
    """What is changed in every request to one house, in this order."""

    dropped: tuple[str, ...] = ()
    """Paths of what it refuses; each that held something is named to the caller."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Top-level fields, with the names that it knows; ``config.seed`` goes into an object."""
    mapped: tuple[tuple[str, str, str], ...] = ()
    """A path, a text that may stand there, and the text that it knows instead."""
    short_ids: bool = False
    """Ids of tool calls are nine letters and digits; others are replaced, always by the same."""
    hidden: tuple[str, ...] = ()
    """Top-level fields that stand elsewhere in the request, and are lost to nobody."""
    added: tuple[tuple[str, str], ...] = ()
    """Top-level fields with the text that must stand there."""

    def __add__(self, other: "Quirks") -> "Quirks":
        """Return both as one."""
        return Quirks(
            dropped=self.dropped + other.dropped,
            renamed=self.renamed + other.renamed,
            mapped=self.mapped + other.mapped,
            short_ids=self.short_ids or other.short_ids,
            hidden=self.hidden + other.hidden,
            added=self.added + other.added,
        )


PLAIN = Quirks()
"""What a house has that does all as its dialect says."""

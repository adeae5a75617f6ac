"""A value that never shows itself."""

from typing_extensions import override


class Secret:
    """Holds a credential; printing, logging or encoding it gives dots."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Hold ``value``."""
        self._value = value

    def reveal(self) -> str:
        """Return the credential, for the one place that sends or compares it."""
        return self._value

    @override
    def __repr__(self) -> str:
        return "Secret(…)"

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other.reveal()

    @override
    def __hash__(self) -> int:
        return hash(self._value)

"""Keys in memory, for embedded use and tests."""

from collections.abc import Sequence

from typing_extensions import override

from switchgear.ports.keyring import Kept, Keyring


class MemoryKeyring(Keyring):
    """Forgets all keys when the process ends."""

    def __init__(self) -> None:
        """Start with no keys."""
        self._kept: dict[str, list[Kept]] = {}
        self._digests: dict[str, str] = {}
        self._changes = 0

    @override
    async def add(self, new: Kept) -> bool:
        if new.key.id in self._kept or not self._own(new):
            return False
        self._keep(new)
        return True

    @override
    async def change(self, changed: Kept) -> bool:
        found = self._kept.get(changed.key.id)
        if not found or found[-1].revision != changed.revision - 1 or not self._own(changed):
            return False
        self._keep(changed)
        return True

    @override
    async def find(self, name: str) -> Kept | None:
        found = self._kept.get(name)
        return found[-1] if found else None

    @override
    async def history(self, name: str) -> Sequence[Kept]:
        return tuple(self._kept.get(name, ()))

    @override
    async def all(self) -> Sequence[Kept]:
        return tuple(each[-1] for each in self._kept.values())

    @override
    async def state(self) -> int:
        return self._changes

    @override
    async def aclose(self) -> None:
        """Do nothing: there is nothing to close."""

    def _own(self, kept: Kept) -> bool:
        name = kept.key.id
        return all(self._digests.get(digest, name) == name for digest in kept.digests)

    def _keep(self, kept: Kept) -> None:
        self._kept.setdefault(kept.key.id, []).append(kept)
        self._digests |= dict.fromkeys(kept.digests, kept.key.id)
        self._changes += 1

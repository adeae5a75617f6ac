"""How nodes tell one another what must be known everywhere at once."""

from collections.abc import Awaitable, Callable
from typing import Protocol

Hear = Callable[[str, bytes], Awaitable[None]]
"""Takes a topic and what was said on it."""


class Beacon(Protocol):
    """Tells all nodes; where there is only one, nobody hears. What is said may be lost.

    What was said last on a topic is also kept, for nodes that come later.
    """

    async def tell(self, topic: str, word: bytes) -> bool:
        """Say something to all other nodes; False if it did not get out."""
        ...

    async def listen(self, topic: str, hear: Hear) -> None:
        """Call ``hear`` with what was said last, if it is still kept, and with all that comes."""
        ...

    async def aclose(self) -> None:
        """Hear no more."""
        ...

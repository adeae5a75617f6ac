"""Which of several processes on one machine this is."""

import msgspec


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """One worker among those that serve one address together."""

    number: int = 1
    """From 1 to ``of``; a worker that takes a dead one's place has its number."""
    of: int = 1
    folder: str = ""
    """Where they leave word for one another; it is gone when the last one is. Empty for one."""

    @property
    def share(self) -> float:
        """Of what the machine may use, this one's part."""
        return 1 / self.of


ALONE = Post()

"""How much a call matters against others when there is not room for all."""

from enum import IntEnum


class Priority(IntEnum):
    """The lane that a call waits in; a higher one is served first, and shed last."""

    BATCH = 0
    """Nobody waits for it: it takes what is left over."""
    STANDARD = 1
    INTERACTIVE = 2
    """A person waits for it."""

"""One read from a target: its bytes, and what was read from them."""

import msgspec

from switchgear.domain.event import Event, Finished


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a stream of blocks stands, as far as its events do not tell.

    Only the tongue that made it reads it.
    """

    blocks: int
    """Begun so far, also those that hold nothing yet."""
    open: str = ""
    """What the open one is, in the dialect's own word; empty where none is open."""
    items: tuple[bytes, ...] = ()
    """The blocks themselves, in the tongue's own writing, where the dialect repeats them all at the
    end of a stream."""
    sequence: int = 0
    """The number of the next frame, where the dialect numbers them."""


class Piece(msgspec.Struct, frozen=True, gc=False):
    """One read from a target."""

    raw: bytes | None
    """The target's exact bytes, in its own dialect: whole frames, or the whole body. None where no
    target's bytes go on from what the caller has: the events are to be written."""
    seen: tuple[Event, ...] = ()
    """What the tap read from them; nothing for a keep-alive."""
    before: tuple[Event, ...] = ()
    """What the caller has already; on the first piece without bytes, so that a writer can go on
    from there."""
    place: Place | None = None
    """Where the bytes before ended, by the answer that gave them; beside ``before``."""

    @property
    def finish(self) -> Finished | None:
        """The end of the answer, which only its last piece holds, as its last event."""
        last = self.seen[-1] if self.seen else None
        return last if isinstance(last, Finished) else None

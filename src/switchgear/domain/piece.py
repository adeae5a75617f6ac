"""One read from a target: its bytes, and what was read from them."""

import msgspec

from switchgear.domain.event import Event, Finished


class Piece(msgspec.Struct, frozen=True, gc=False):
    """One read from a target."""

    raw: bytes
    """The target's exact bytes, in its own dialect: whole frames, or the whole body."""
    seen: tuple[Event, ...] = ()
    """What the tap read from them; nothing for a keep-alive."""

    @property
    def finish(self) -> Finished | None:
        """The end of the answer, which only its last piece holds, as its last event."""
        last = self.seen[-1] if self.seen else None
        return last if isinstance(last, Finished) else None

"""What an owner has stopped by hand, until it is let go again."""

from enum import Enum

import msgspec

from switchgear.domain.units import UnixMs


class Halted(Enum):
    """What kind of thing is stopped. The value is stored, and said to operators."""

    EVERYTHING = "everything"
    TENANT = "tenant"
    KEY = "key"
    AGENT = "agent"
    TARGET = "target"


class Halt(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One kill switch that is set: nothing of it goes upstream."""

    kind: Halted
    name: str = ""
    """Of the key, tenant …; empty for everything."""
    at: UnixMs = UnixMs(0)
    """When it was set."""
    by: str = ""
    """Id of the key that set it; empty for somebody at the machine itself."""
    note: str = ""
    """Why, as they said."""
    tenant: str = ""
    """Whose admin said it: it holds for calls of that tenant alone. Empty for an owner's word."""
    on: bool = True
    """False once it was let go again; that is kept too, so that older news does not undo it."""

"""How tasks are looked for, and what of one is shown."""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from switchgear.domain.task import Status, Task
from switchgear.domain.units import UnixMs


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tasks to list; what is None or empty does not filter."""

    status: Status | None = None
    parent: str = ""
    """Id or name."""
    agent: str = ""
    before: UnixMs | None = None
    """Those opened before then."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 50


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One task, as it is shown."""

    task: Task
    revision: int = 0
    """Of what is kept of it; 0 where that is nothing yet."""
    rung: str = ""
    """Where it stands on the ladder against loops, as far as this process knows; else empty."""
    caps: tuple[Mapping[str, object], ...] = ()
    """How each of its caps stands, as JSON-able values."""
    children: tuple[Task, ...] = ()
    """The newest of them."""
    more: bool = False
    """It has more children than those."""

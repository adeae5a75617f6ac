"""What a call's task allows it, and demands of it."""

import msgspec

from switchgear.domain.account import Budget
from switchgear.domain.edit import Edit
from switchgear.domain.target import Tier
from switchgear.domain.task import Identity


class Rung(msgspec.Struct, frozen=True, gc=False):
    """One rung of the ladder against loops, as the ledger has it."""

    name: str
    """``observe``, ``nudge``, ``escalate``, ``restrict``, ``pause`` or ``stop``."""
    signals: tuple[str, ...] = ()
    """Codes of the signals that led there."""


class Mandate(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the layers of tasks ask of the decision and of the attempts."""

    identity: Identity = Identity()
    step: int = 0
    """Which call of its task it is, from 1; 0 where no task is known."""
    edits: tuple[Edit, ...] = ()
    """Made of the request at every target, before those of the attempt."""
    floor: Tier | None = None
    """The least tier, beside what the caller wishes."""
    ceiling: Tier | None = None
    """The highest tier; None for any."""
    first: tuple[str, ...] = ()
    """Target ids that are tried before all others."""
    beyond: bool = False
    """Those may serve it whatever was asked for: the owner named them for this."""
    again: int = 0
    """How often the call was refused before for a cap, and is sent once more on other terms."""
    free: bool = False
    """The target that holds its tool loop need not go on with it."""
    home: str = ""
    """Target id that it goes home to, now that its user speaks anew; empty for none."""
    warm: str = ""
    """Target id that served its conversation so far; empty where it begins, or was displaced."""
    budgets: tuple[Budget, ...] = ()
    """Of its task and the task's ancestors: each pays all of it."""


NO_MANDATE = Mandate()

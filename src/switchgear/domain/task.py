"""A task: a piece of work that an agent does over many calls."""

from enum import Enum

import msgspec

from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs

SURE = 0.8
"""The least confidence in an identity with which a call may be stopped hard."""


class Identity(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Which task a call belongs to, and how that is known."""

    task: str = ""
    """Its id: ``tk_`` and 26 letters; empty where nothing tells."""
    name: str = ""
    """What the caller calls it; empty where that was inferred."""
    source: str = ""
    """The header or field that told, such as ``x-switchgear-task``, or what it was inferred from:
    ``tool_call``, ``response``, ``prefix``; ``new`` where nothing told, and it begins here."""
    confidence: float = 0.0
    """0 to 1; 1 where the caller said it in so many words."""
    parent: str = ""
    """Id of the task that this one is part of."""
    agent: str = ""
    """Who calls."""
    parent_agent: str = ""
    """Who sent that agent."""

    @property
    def sure(self) -> bool:
        """Whether a call may be stopped hard by it."""
        return self.confidence >= SURE


class Status(Enum):
    """How a task stands. The value is stored, and said to callers."""

    RUNNING = "running"
    PAUSED = "paused"
    """Its calls are refused until somebody resumes it."""
    STOPPED = "stopped"
    """Its calls are refused for good, unless somebody resumes it."""
    DONE = "done"
    """Its owner closed it; a call of it begins it anew."""


class AtCap(Enum):
    """What happens at a cap. The value is what the config file and callers say."""

    WRAP_UP = "wrap_up"
    """Tools are switched off, and the finalising reserve is for the final answer."""
    DOWNGRADE = "downgrade"
    """Cheaper targets serve what is left."""
    TOOL = "tool"
    """A declared tool target answers."""
    TICKET = "ticket"
    """It is paused, and a human is asked for more."""
    PAUSE = "pause"
    """It is paused until the cap is raised."""
    STOP = "stop"


class Caps(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a task may use at most; None is any, and 0 is nothing."""

    steps: int | None = None
    """Calls that reach a target."""
    depth: int | None = None
    """Generations of tasks below it."""
    fan_out: int | None = None
    """Children that are open at once."""
    tokens: Tokens | None = None
    """Input and output together."""
    money: NanoUsd | None = None
    wall: Seconds | None = None
    """Since it was opened."""
    at_cap: AtCap | None = None
    """None takes the owner's."""


NO_CAPS = Caps()


class Child(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A task that was opened below another, as that one knows it."""

    id: str
    at: UnixMs
    """When it was let in."""
    caps: Caps = NO_CAPS
    """What of its parent's caps is promised to it."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One task, as it is kept."""

    id: str
    name: str = ""
    """What its callers call it; empty where it was inferred."""
    key: str = ""
    """Id of the key that opened it."""
    tenant: str = ""
    opened: UnixMs
    declared: bool = False
    """It was opened by ``POST /v1/tasks``, not by its first call."""
    opening: str = ""
    """Tells whether another opening says the same; empty where it was not declared."""
    goal: str = ""
    agent: str = ""
    """Who works on it now, as far as that is known."""
    parent: str = ""
    """Id of its parent; empty for none."""
    ancestors: tuple[str, ...] = ()
    """Ids, its parent first."""
    caps: Caps = NO_CAPS
    """Its own; what it does not say is bounded by its ancestors' and the owner's."""
    deadline: UnixMs | None = None
    status: Status = Status.RUNNING
    why: str = ""
    """Why it is paused or stopped, in words for people; with what was seen."""
    code: str = ""
    """The same as a code: ``loop``, ``cap``, ``by_hand``, ``deadline``."""
    ticket: str = ""
    """Id of the ticket that it waits for; empty for none."""
    run: int = 1
    """Counts its lives: the rolling lifetime ends one, and its caps are whole again."""
    began: UnixMs = UnixMs(0)
    """When this life began."""
    seen: UnixMs = UnixMs(0)
    """When its last call came, as far as that has been kept."""
    steps: int = 0
    """Calls so far in this life, as far as that has been kept; the accounts know exactly."""
    home: str = ""
    """Target id that serves it when all is well; empty while none is known."""
    children: tuple[Child, ...] = ()
    """Those that its caps have to do with; one that is closed counts no more."""
    insert: bool = False
    """Its context is put into its calls."""
    pending: tuple[tuple[str, str], ...] = ()
    """Hand-offs whose packages are to be given: to whom, and their ids."""
    handoffs: int = 0
    """How often it passed from one agent to another, as far as that is known."""
    metadata: tuple[tuple[str, str], ...] = ()
    """Sorted pairs."""

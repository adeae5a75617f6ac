"""A hand-off: the passing of a task from one agent to another, with what the next one needs."""

from enum import Enum
from typing import Any

import msgspec

from switchgear.domain.task import Task
from switchgear.domain.units import Seconds, Tokens, UnixMs

MOST_ARGUMENTS, MOST_RESULT, MOST_SAID = 200, 400, 2000
"""Letters of what a package holds of one tool call, and of the sender's last words."""
MOST_DEEDS = 64
"""Tool calls in one package: the last ones."""
MOST_PENDING = 8
"""Hand-offs of one task that wait to be given at once; of more the oldest is forgotten."""


class HandoffState(Enum):
    """How a hand-off stands. The value is stored."""

    OPEN = "open"
    """Its package waits for the receiver's first call."""
    GIVING = "giving"
    """That call is under way."""
    GIVEN = "given"
    IMPLICIT = "implicit"
    """Nobody said so: another agent goes on with the task. It has no package."""


class Deed(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One tool call that was made, and what it gave back; shortened."""

    tool: str
    arguments: str
    result: str
    failed: bool = False
    agent: str = ""
    """Who made it, as far as that is known."""
    mark: bytes = b""
    """Digest of the call and its place, by which it is known again."""
    ask: bytes = b""
    """Digest of the tool and its canonical arguments."""
    answer: bytes = b""
    """Digest of the result."""


class Held(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One entry of the task's context, as a package holds it."""

    key: str
    type: str
    trust: str
    revision: int
    sensitivity: int = 0
    """As ``Sensitivity`` counts."""
    value: Any = None


class Package(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the next agent needs, so that it does not start from zero."""

    goal: str = ""
    pinned: tuple[Held, ...] = ()
    decisions: tuple[Held, ...] = ()
    open_questions: tuple[Held, ...] = ()
    deeds: tuple[Deed, ...] = ()
    """Tool calls that were made, oldest first."""
    concluded: str = ""
    """What was said last."""
    remaining: tuple[Any, ...] = ()
    """How the task stands with its caps."""


class Friction(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What one hand-off cost until the receiver had something new."""

    calls: int = 0
    """Of the receiver's, that were watched."""
    reread: Tokens = Tokens(0)
    """Input of its calls until its first new result."""
    repeated: int = 0
    """Tool calls that it made although the sender had."""
    turns: int | None = None
    """Of its own, before its first new result; None while there is none."""
    seconds: Seconds | None = None
    """From its first call until then."""


class Handoff(msgspec.Struct, frozen=True, kw_only=True):
    """One hand-off, as it is kept."""

    id: str
    task: str
    sender: str
    receiver: str
    reason: str = ""
    acceptance: tuple[str, ...] = ()
    """What must hold for the receiver's work to be done."""
    note: str = ""
    once: bool = False
    """Only the receiver's first call gets the package; else each of its calls does, for its client
    never sends it back."""
    key: str = ""
    """Id of the key that asked for it."""
    at: UnixMs
    sensitivity: int = 0
    """Of the calls that its tool calls and last words are from, as ``Sensitivity`` counts."""
    package: Package = Package()
    state: HandoffState = HandoffState.OPEN
    call: str = ""
    """Id of the call that was given the package first."""
    due: UnixMs | None = None
    """From when on a call that has the package, and of which nobody heard, is taken for lost."""
    times: int = 1
    """Of an implicit one: how often the task went this way."""
    friction: tuple[Friction, ...] = ()
    """Of each time, the last ones."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a hand-off."""

    receiver: str
    sender: str = ""
    """Empty is who works on the task now."""
    reason: str = ""
    acceptance: tuple[str, ...] = ()
    note: str = ""
    once: bool = False


def pending_for(task: Task, agent: str) -> str:
    """Return the id of the hand-off whose package an agent's next call gets; empty for none.

    Who does not say who it is gets the last one.
    """
    for receiver, name in reversed(task.pending):
        if agent in {receiver, ""}:
            return name
    return ""

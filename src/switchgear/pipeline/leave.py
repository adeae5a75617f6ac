"""One call's leave to try one target, and how much of the answer is held back."""

from enum import Enum

import msgspec

from switchgear.domain.account import Budget
from switchgear.domain.ask import Shape
from switchgear.domain.attempt import Role
from switchgear.domain.edit import Edit
from switchgear.domain.target import Target
from switchgear.domain.units import NanoUsd, Seconds, Tokens
from switchgear.engine.breaker import Permit
from switchgear.pipeline.entrance import Taken

ANY_TIME = Seconds(float("inf"))


class Gate(Enum):
    """What of an answer is held back after its first content."""

    OPEN = "open"
    """Nothing."""
    TOOLS = "tools"
    """From the first tool call on, all, until the answer is whole."""
    WHOLE = "whole"
    """All, until it is whole."""


class Aim(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt that a journey wants to make."""

    target: Target
    role: Role = Role.FIRST
    edits: tuple[Edit, ...] = ()
    """Of the request, beside what holds for the whole call."""
    gate: Gate | None = None
    """None for the call's."""
    budgets: tuple[Budget, ...] = ()
    """That pay for it beside the caller's."""
    most_output: Tokens | None = None
    """Tokens that each choice may have; None for what the call allows."""


class Leave(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One call's leave to try one target."""

    target: Target
    role: Role = Role.FIRST
    permit: Permit
    taken: Taken
    """All else that was taken for it."""
    key: str
    """Whose call it is."""
    began: Seconds
    """When the call arrived."""
    until: Seconds = ANY_TIME
    """When the caller's time for the first content is up."""
    gate: Gate = Gate.OPEN
    input_tokens: Tokens
    """Our estimate for this target, for those that do not count."""
    shape: Shape | None = None
    """Of the call, where what the target counts teaches how it counts."""
    service: str = ""
    """The service tier that the call asks for."""
    route: str = ""
    """On which its answer is judged; empty for none."""
    measured: bool = True
    """What it takes is measured, and what the target does not tell of it is estimated."""
    flat: NanoUsd | None = None
    """What it is taken to cost, whatever tokens are told: the owner says so of what is passed
    through. None where tokens say it."""
    most_output: Tokens | None = None
    """Tokens that the target was allowed, all choices together; None where that is not known."""

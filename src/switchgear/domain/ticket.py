"""A ticket: a question to a human, with a deadline and what holds when nobody answers."""

from enum import Enum

import msgspec

from switchgear.domain.task import Caps
from switchgear.domain.units import Seconds, UnixMs


class TicketKind(Enum):
    """What is asked of the human. The value is stored, and said to callers."""

    APPROVAL = "approval"
    """May this be done?"""
    INPUT = "input"
    """What is the answer?"""
    TAKEOVER = "takeover"
    """Will you do this yourself?"""


class Verdict(Enum):
    """What a human says. The value is stored, and said by callers."""

    APPROVE = "approve"
    DENY = "deny"
    ANSWER = "answer"
    TAKE_OVER = "take_over"


class TicketState(Enum):
    """How a ticket stands. The value is stored, and said to callers."""

    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"
    ANSWERED = "answered"
    TAKEN_OVER = "taken_over"
    EXPIRED = "expired"
    """Nobody decided before the deadline; its verdict is the default."""


CLOSED = tuple(each for each in TicketState if each is not TicketState.OPEN)
"""The states that a ticket ends in."""


class Question(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What is asked."""

    kind: TicketKind = TicketKind.APPROVAL
    text: str
    """For people; content, so it is kept with the ticket and nowhere else."""
    action: str = ""
    """Canonical JSON of what is proposed; empty for nothing."""
    task: str = ""
    """Id of the task that it is about; empty for none."""
    agent: str = ""
    """Who asks."""
    span: Seconds | None = None
    """How long humans have; None takes the owner's."""
    default: Verdict | None = None
    """Approve or deny, when nobody decided; None takes the owner's."""
    why: str = ""
    """Why the task waits, where it does; said to its callers. Empty says the text."""
    code: str = ""
    """The same as a code: ``loop``, ``cap`` or ``by_hand``."""


class Ruling(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What somebody decides."""

    verdict: Verdict
    answer: str = ""
    """JSON of the answer; empty for none."""
    note: str = ""
    """For people: why."""
    caps: Caps | None = None
    """What the task that waits may use from now on; what it does not say, stays."""
    id: str = ""
    """The decider's own: what is sent again with the same id is not a second decision."""


class Decided(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A ruling, as it is kept."""

    ruling: Ruling
    by: str = ""
    """Id of the decider's key; empty for somebody at the machine itself, and for nobody."""
    at: UnixMs
    by_default: bool = False
    """The deadline passed, and this is what was to hold then."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket, as it is kept."""

    id: str
    """``ti_``, and 26 letters of time and chance."""
    question: Question
    digest: str = ""
    """SHA-256 of the proposed action, hexadecimal; empty for none."""
    key: str = ""
    """Id of the key that asked; of a task that waits, the key that opened it."""
    tenant: str = ""
    asked: UnixMs
    deadline: UnixMs
    default: Verdict = Verdict.DENY
    state: TicketState = TicketState.OPEN
    decided: Decided | None = None
    claimed: UnixMs | None = None
    """When what was approved was begun; None while it was not."""
    claimed_by: str = ""
    """Id of the key that did."""

    @property
    def verdict(self) -> Verdict | None:
        """What was decided, by whomever; None while it is open."""
        return None if self.decided is None else self.decided.ruling.verdict

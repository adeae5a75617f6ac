"""What can happen to a call. The ledger's entry is these facts, folded.

The last fact of every trail is one of Answered, Cut, Left and Failed.
"""

import msgspec

from switchgear.domain.account import Charge, Payer, Window
from switchgear.domain.ask import Ask
from switchgear.domain.attempt import Attempt
from switchgear.domain.caller import Mode
from switchgear.domain.decision import Decision
from switchgear.domain.mandate import Rung
from switchgear.domain.odds import NO_ODDS, Odds
from switchgear.domain.rate import Level
from switchgear.domain.situation import Situation
from switchgear.domain.task import AtCap, Identity
from switchgear.domain.units import NanoUsd, Seconds


class Decided(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="decided"):
    """The engine judged every target."""

    ask: Ask
    situation: Situation
    decision: Decision
    mode: Mode = Mode.ROUTE
    baseline: NanoUsd | None = None
    """In observe mode: what the target that was asked for is expected to cost."""
    odds: Odds = NO_ODDS
    left_out: tuple[str, ...] = ()
    """Stages of ours that were skipped, because they would have cost more than they save."""


class Skipped(msgspec.Struct, frozen=True, gc=False, tag="skipped"):
    """A target of the plan was passed over: by its turn there was no way in."""

    target: str
    why: str = ""
    """The code of what was in the way; empty for its breaker, or for want of time."""


class Tried(msgspec.Struct, frozen=True, gc=False, tag="tried"):
    """One target was called, and that has ended."""

    attempt: Attempt


class Doubted(msgspec.Struct, frozen=True, gc=False, tag="doubted"):
    """The answer of one attempt was looked at more closely, and was not good enough."""

    target: str
    began: Seconds
    """As that attempt has it."""
    flaw: str


class Charged(msgspec.Struct, frozen=True, gc=False, tag="charged"):
    """What an attempt has come to is to be paid; it is settled with the call's row."""

    charge: Charge


class Neared(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="neared"):
    """A budget that pays for the call comes near its end."""

    payer: Payer
    window: Window
    share: float
    """Of it, that is spent or set aside; 1 is all."""


class Admitted(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="admitted"):
    """What the limits of its key and tenant had left, the call itself off; the tightest are told.

    Of a call that was refused, it is the limit that had too little.
    """

    requests: Level | None = None
    tokens: Level | None = None


class Waited(msgspec.Struct, frozen=True, gc=False, tag="waited"):
    """The call waited for a place, for so long."""

    span: Seconds


class Identified(msgspec.Struct, frozen=True, gc=False, tag="identified"):
    """It is known which task the call belongs to, and which call of that it is, from 1."""

    identity: Identity
    step: int = 0


class Climbed(msgspec.Struct, frozen=True, gc=False, tag="climbed"):
    """Its task goes in circles, and this is what was done about it; ``evidence`` is for people."""

    rung: Rung
    evidence: str = ""


class Capped(msgspec.Struct, frozen=True, gc=False, tag="capped"):
    """Its task came to a cap, and this is what was done so that it was answered all the same."""

    action: AtCap
    evidence: str
    """For people: which cap, and how much of it was used."""


class Given(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="given"):
    """What of its task's state was put into the call: names of entries with their revisions."""

    entries: tuple[tuple[str, int], ...] = ()
    handoff: str = ""
    """Id of the hand-off whose package was put in; empty for none."""


class Committed(msgspec.Struct, frozen=True, gc=False, tag="committed", kw_only=True):
    """A target gave its first content; ``own`` is our part of the time until then."""

    target: str
    own: Seconds
    first_content: Seconds | None = None
    """After the call's arrival; None when what came is not an answer's content."""


class Replayed(msgspec.Struct, frozen=True, gc=False, tag="replayed"):
    """It gets the answer to another call, with the same idempotency key; ``of`` is that call's id.

    What is tried from now on is tried for that call, unless its caller has left this one to pay.
    """

    of: str


class Passed(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="passed"):
    """A request was passed through, as far as this; ``status`` is what its caller was told."""

    status: int
    bytes_in: int
    bytes_out: int


class Answered(msgspec.Struct, frozen=True, gc=False, tag="answered"):
    """The answer came to its end."""


class Cut(msgspec.Struct, frozen=True, gc=False, tag="cut"):
    """The target broke off after content had been seen; ``code`` is its error code."""

    code: str


class Left(msgspec.Struct, frozen=True, gc=False, tag="left"):
    """The caller went away before the end."""


class Failed(msgspec.Struct, frozen=True, gc=False, tag="failed"):
    """The caller got an error instead."""

    code: str
    status: int


Ending = Answered | Cut | Left | Failed
Fact = (
    Decided
    | Skipped
    | Tried
    | Doubted
    | Charged
    | Neared
    | Admitted
    | Waited
    | Identified
    | Climbed
    | Capped
    | Given
    | Committed
    | Replayed
    | Passed
    | Ending
)
